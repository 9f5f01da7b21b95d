"""Which model a call was made to, where no answer says so."""

from __future__ import annotations

from trace_ops import wire
from trace_ops.cli import _render
from trace_ops.trace import Span


def model_of(span: Span) -> str:
    """The model of a call on one line; the one it asked for if it failed, nothing where none is known."""
    asked = wire.read_request(span.exchange) if span.model is None and span.exchange is not None else None
    model = span.model if asked is None else asked.model
    return _render.one_line(model, 80) if model else ""
