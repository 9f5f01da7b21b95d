"""Sums over calls: tokens, dollars, failures, times."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from trace_ops.cli import _render
from trace_ops.trace import Span


@dataclass
class Tally:
    """What some steps come to. ``cost_usd`` sums what is known; ``unpriced`` calls are not in it."""

    calls: int = 0
    failed: int = 0
    input: int = 0
    cached: int = 0
    output: int = 0
    cost_usd: float = 0.0
    unpriced: int = 0
    times: list[float] = field(default_factory=list)

    def add(self, span: Span, cost_usd: float | None) -> None:
        """Count a step in."""
        self.calls += 1
        self.failed += span.failed
        if span.ms is not None:
            self.times.append(span.ms)
        if span.usage is not None:
            self.input += span.usage.input or 0
            self.cached += span.usage.cache_read or 0
            self.output += span.usage.output or 0
        if cost_usd is not None:
            self.cost_usd += cost_usd
        elif span.usage is not None or span.is_unmetered:
            self.unpriced += 1

    @property
    def cost(self) -> str:
        """The cost as it reads; what is not known is said."""
        if not self.unpriced:
            return _render.cost(self.cost_usd)
        return f"{_render.cost(self.cost_usd)} + ?" if self.cost_usd else "?"

    def as_json(self) -> dict[str, Any]:
        """The sums for other programs."""
        return {
            "calls": self.calls,
            "failed": self.failed,
            "input_tokens": self.input,
            "cached_tokens": self.cached,
            "output_tokens": self.output,
            "known_cost_usd": self.cost_usd,
            "unpriced_calls": self.unpriced,
            "median_ms": middle(self.times),
            "p95_ms": p95(self.times),
        }


def is_call(span: Span) -> bool:
    """Whether a step is a call to a model or its API, recorded on the wire or noted by hand."""
    return span.exchange is not None or span.usage is not None


def middle(times: Iterable[float]) -> float | None:
    """The median, ``None`` of nothing."""
    known = list(times)
    return median(known) if known else None


def p95(times: Iterable[float]) -> float | None:
    """The time that 95 of 100 do not exceed (nearest rank), ``None`` of nothing."""
    known = sorted(times)
    return known[math.ceil(0.95 * len(known)) - 1] if known else None
