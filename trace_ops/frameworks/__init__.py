"""The seam to agent frameworks, tools and stores: what happens around the calls to models.

This is what a seam of your own is made of; see ``docs/providers.md``.
"""

from trace_ops.frameworks._frozen import RecordedStepError
from trace_ops.frameworks._own import record_step, record_step_async
from trace_ops.frameworks._protocol import Framework
from trace_ops.frameworks._registry import frameworks, install

__all__ = [
    "Framework",
    "RecordedStepError",
    "frameworks",
    "install",
    "record_step",
    "record_step_async",
]
