"""What the answer of a call says of it, in the fields of its span."""

from __future__ import annotations

from trace_ops import pricing, wire
from trace_ops.trace import Span


def summarise(span: Span) -> None:
    """Read model, usage, tools asked for and errors from the answer of a finished call, and price it."""
    if span.exchange is None or span.model is not None or span.usage is not None:
        return
    seen = wire.summarise(span.exchange)
    span.model, span.usage, span.finish = seen.model, seen.usage, seen.finish
    span.tools = list(seen.tools)
    span.error = span.error or seen.error
    if span.usage is not None:
        span.cost_usd = pricing.cost(span.exchange.provider, span.model, span.usage)
