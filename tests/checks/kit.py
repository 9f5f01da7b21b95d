"""Runs as data."""

from __future__ import annotations

from typing import Any

from trace_ops.trace import Span, SpanKind, Trace, Usage


def step(label: str, **fields: Any) -> Span:
    """A step by its label; what is not given is what a plain step would have. ``run`` numbers it."""
    kind, _, name = label.partition(":")
    defaults: dict[str, Any] = {"ms": 5.0}
    if kind == "llm":
        defaults |= {"model": name, "usage": Usage(100, 10), "cost_usd": 0.01}
    return Span(0, _kind(kind), name, **defaults | fields)


def run(*given: str | Span, **fields: Any) -> Trace:
    """A run of steps, one after the other; labels may end with ``x12`` to repeat."""
    spans = []
    for each in given:
        label, times = (each, "1") if isinstance(each, Span) else _repeated(each)
        spans += [label if isinstance(label, Span) else step(label) for _ in range(int(times))]
    for number, span in enumerate(spans, 1):
        span.id, span.start_ms = number, 10.0 * (number - 1)
    return Trace(spans=spans, **fields)


def _repeated(label: str) -> tuple[str, str]:
    name, _, times = label.partition(" x")
    return name, times or "1"


def _kind(kind: Any) -> SpanKind:
    return kind
