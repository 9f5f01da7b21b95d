"""The seam to agent frameworks, tools and stores: what happens around the calls to models."""

from trace_ops.frameworks._protocol import Framework
from trace_ops.frameworks._registry import FRAMEWORKS, NAMES, install

__all__ = ["FRAMEWORKS", "NAMES", "Framework", "install"]
