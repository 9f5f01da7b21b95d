"""Which model a call was made to, where no answer says so."""

from __future__ import annotations

from trace_ops.cli import _render
from trace_ops.trace import Span
from trace_ops.viewer import steps


def model_of(span: Span) -> str:
    """The model of a call on one line; the one it asked for if it failed, nothing where none is known."""
    model = steps.model_of(span)
    return _render.one_line(model, 80) if model else ""
