"""The seams to the SDKs: installed once, dormant until a tape is active."""

from trace_ops.providers._protocol import Provider
from trace_ops.providers._registry import install, providers, stand_in_credentials

__all__ = ["Provider", "install", "providers", "stand_in_credentials"]
