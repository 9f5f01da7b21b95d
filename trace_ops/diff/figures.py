"""How the totals of two runs read beside each other, and by how much they grew."""

from __future__ import annotations

from collections.abc import Iterable

from trace_ops._figures import cost, duration
from trace_ops.diff.model import Metric

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


def percent(ratio: float) -> str:
    """``+10 %``, ``-0.4 %``: how much more or less."""
    value = 100 * ratio
    return f"{value:+,.0f} %" if abs(value) >= 10 or value == round(value) else f"{value:+.1f} %"


def share(ratio: float) -> str:
    """``85 %``: a part of a whole; ``100 %`` only for all of it."""
    told = percent(ratio).lstrip("+")
    return "99 %" if told == "100 %" and ratio < 1 else told


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


def changed(metrics: Iterable[Metric], time: bool = True) -> list[Metric]:
    """The totals that differ as they are shown, in order; time, which always differs, only if asked for."""
    left_out = _SUMS if time else (*_SUMS, "ms")
    known = {metric.name: metric for metric in metrics if metric.name not in left_out}
    ordered = [known[name] for name in [*NAMES, *(set(known) - set(NAMES))] if name in known]
    return [metric for metric in ordered if _shown(metric)[1] != _shown(metric)[2]]


def table(metrics: Iterable[Metric]) -> list[tuple[str, str, str, str]]:
    """What each total is called, what it was and is, and by how much it grew."""
    return [_shown(metric) for metric in metrics]


def summed(parts: Iterable[Iterable[Metric]]) -> list[Metric]:
    """The totals over several comparisons; unknown as soon as one is."""
    sums: dict[str, Metric] = {}
    for part in parts:
        for name, before, after in part:
            so_far = sums.get(name, Metric(name, 0, 0))
            sums[name] = Metric(name, _plus(so_far.before, before), _plus(so_far.after, after))
    return list(sums.values())


def _plus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _shown(metric: Metric) -> tuple[str, str, str, str]:
    name, before, after = metric
    return NAMES.get(name, name), value(name, before), value(name, after), growth(metric)
