"""The seams to the SDKs: installed once, dormant until a tape is active."""

from trace_ops.providers._registry import install, libraries, providers, stand_in_credentials

__all__ = ["install", "libraries", "providers", "stand_in_credentials"]
