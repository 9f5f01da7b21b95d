"""The seam to agent frameworks, tools and stores: what happens around the calls to models."""

from trace_ops.frameworks._registry import NAMES, install, libraries

__all__ = ["NAMES", "install", "libraries"]
