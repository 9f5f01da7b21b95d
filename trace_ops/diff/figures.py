"""How the numbers of a run read: counts, dollars, time, and by how much they grew."""

from __future__ import annotations

import math
from collections.abc import Iterator

from trace_ops.diff.model import Metric, TraceDiff

NAMES = {
    "llm_calls": "LLM calls",
    "tool_calls": "tool calls",
    "input_tokens": "tokens in",
    "output_tokens": "tokens out",
    "cached_tokens": "tokens cached",
    "tokens": "tokens",
    "cost_usd": "cost",
    "ms": "time",
}
"""What a metric is called, in the order in which a person reads them."""

# Their parts are shown.
_SUMS = ("tokens",)


def count(number: int, what: str, plural: str = "") -> str:
    """``1 call``, ``2 calls``."""
    return f"{number:,} {what if number == 1 else plural or what + 's'}"


def cost(dollars: float | None) -> str:
    """Dollars to two significant digits, whole cents from a dollar on; ``unknown`` if not known."""
    if dollars is None:
        return "unknown"
    if dollars == 0 or abs(dollars) >= 1:
        return f"${dollars:,.2f}"
    return f"${dollars:.{max(2, 1 - math.floor(math.log10(abs(dollars))))}f}"


def duration(ms: float) -> str:
    """Milliseconds, or seconds from one on."""
    return f"{ms:,.0f} ms" if abs(ms) < 1000 else f"{ms / 1000:,.1f} s"


def percent(ratio: float) -> str:
    """``+10 %``, ``-0.4 %``: how much more or less."""
    value = 100 * ratio
    return f"{value:+,.0f} %" if abs(value) >= 10 or value == round(value) else f"{value:+.1f} %"


def value(name: str, number: float | None) -> str:
    """A total of one run."""
    if number is None:
        return "unknown"
    if name == "cost_usd":
        return cost(number)
    return duration(number) if name == "ms" else f"{number:,.0f}"


def growth(metric: Metric) -> str:
    """By how much a total grew: in percent; nothing where that cannot be told."""
    return "" if metric.ratio is None or metric.before == metric.after else percent(metric.ratio)


def changed(diff: TraceDiff) -> Iterator[Metric]:
    """The totals that differ as they are shown, in order; time only if it is more than runs always differ."""
    known = {metric.name: metric for metric in diff.metrics if metric.name not in _SUMS}
    if not diff.of_kind("latency"):
        known.pop("ms", None)
    for name in [*NAMES, *(name for name in known if name not in NAMES)]:
        metric = known.get(name)
        if metric and value(name, metric.before) != value(name, metric.after):
            yield metric
