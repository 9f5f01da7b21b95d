"""How much two runs took: calls, tokens, dollars, time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trace_ops.diff.model import Change, Metric
from trace_ops.trace import Trace

# Two runs never take the same time; less than this is no change.
_RATIO = 0.1
_MS = 50.0


def metrics(old: Trace, new: Trace) -> tuple[Metric, ...]:
    """The totals of both runs."""
    before, after = _totals(old), _totals(new)
    return tuple(Metric(name, before[name], after[name]) for name in before)


def changes(found: Sequence[Metric]) -> Iterator[Change]:
    """The dollars and the time of the runs, where they differ."""
    by_name = {metric.name: metric for metric in found}
    cost, time = by_name["cost_usd"], by_name["ms"]
    if cost.before != cost.after and (cost.ratio is None or abs(cost.ratio) > 1e-9):
        yield Change("cost", "cost", "info", None, None, "cost_usd", cost.before, cost.after)
    before, after = time.before or 0.0, time.after or 0.0
    if abs(after - before) > max(_MS, _RATIO * before):
        yield Change("latency", "latency", "info", None, None, "ms", before, after)


def _totals(trace: Trace) -> dict[str, float | None]:
    return {
        "llm_calls": trace.total_llm_calls,
        "tool_calls": trace.total_tool_calls,
        **_tokens(trace),
        "cost_usd": trace.total_cost_usd,
        "ms": trace.duration_ms,
    }


def _tokens(trace: Trace) -> dict[str, int | None]:
    """Nothing is known of all tokens where one call does not tell: a part of them would pass for less."""
    names = ("input_tokens", "output_tokens", "cached_tokens", "tokens")
    if any(span.is_unmetered for span in trace):
        return dict.fromkeys(names)
    usages = [span.usage for span in trace if span.usage]
    sums = (
        sum(usage.input or 0 for usage in usages),
        sum(usage.output or 0 for usage in usages),
        sum(usage.cache_read or 0 for usage in usages),
        trace.total_tokens,
    )
    return dict(zip(names, sums))
