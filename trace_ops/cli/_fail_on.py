"""What is to fail a comparison: kinds of changes, severities, and by how much totals may grow."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_args

import click

from trace_ops._figures import count
from trace_ops.diff import ChangeKind, Metric, TraceDiff
from trace_ops.diff.figures import NAMES, percent, value
from trace_ops.diff.model import METRICS, Severity

METRIC_NAMES = {"cost": "cost_usd", "latency": "ms", "time": "ms", "calls": "llm_calls"} | {
    name: name
    for name in ("llm_calls", "tool_calls", "tokens", "input_tokens", "output_tokens", "cached_tokens")
}
"""The totals that can be limited, by the word for each."""

DEFAULT = "minor,added,removed"
"""Whatever differs, but texts of the same meaning, tokens, cost and time."""

_FILES = ("added", "removed")
_SEVERITIES: dict[str, tuple[Severity, ...]] = {
    "major": ("major",),
    "minor": ("major", "minor"),
    "any": ("major", "minor", "info"),
}
_LIMIT = re.compile(r"(?P<amount>[+-]?\d+(?:\.\d+)?)(?P<percent>%?)")


@dataclass(frozen=True)
class Growth:
    """By how much a total may grow."""

    word: str
    metric: str
    amount: float
    relative: bool

    def reason(self, metric: Metric) -> str | None:
        """Why it grew too much; ``None`` if it did not."""
        before, after = metric.before, metric.after
        if before is None or after is None:
            side = "old" if before is None else "new"
            return f"{self}: {NAMES[self.metric]} of the {side} run {_is(self.metric)} unknown"
        most = before * (1 + self.amount / 100) if self.relative else before + self.amount
        if after <= most + 1e-9 * max(1.0, abs(most)):
            return None
        grown = f" ({percent(metric.ratio)})" if metric.ratio is not None else ""
        shown = f"{value(self.metric, before)} -> {value(self.metric, after)}"
        return f"{self}: {NAMES[self.metric]} {shown}{grown}"

    def __str__(self) -> str:
        return f"{self.word}:{self.amount:+g}{'%' if self.relative else ''}"


@dataclass(frozen=True)
class FailOn:
    """What fails: kinds, severities (``any``, ``minor``, ``major``), files that came or went, limits."""

    words: tuple[str, ...]
    limits: tuple[Growth, ...]
    named: bool = True
    """Whether the user said so, and is to hear why it fails; the usual needs no words."""

    def changes(self, diff: TraceDiff) -> list[str]:
        """What changed that must not have."""
        reasons = []
        for word in self.words:
            found = [change for change in diff.changes if _meant(word, change)]
            if found:
                reasons.append(f"{word}: {count(len(found), 'change')}")
        return reasons

    def growth(self, metrics: Iterable[Metric]) -> list[str]:
        """Which totals grew too much."""
        known = {metric.name: metric for metric in metrics}
        told = (limit.reason(known[limit.metric]) for limit in self.limits if limit.metric in known)
        return [reason for reason in told if reason]

    def files(self, added: int, removed: int) -> list[str]:
        """Which cassettes came or went."""
        numbers = (("added", added), ("removed", removed))
        return [
            f"{word}: {count(number, 'cassette')}"
            for word, number in numbers
            if number and (word in self.words or "any" in self.words)
        ]


def parse(ctx: click.Context | None, option: Any, text: str) -> FailOn:
    """Read ``trajectory,cost:+10%``."""
    words: list[str] = []
    limits: list[Growth] = []
    for part in filter(None, map(str.strip, text.split(","))):
        word, colon, amount = part.partition(":")
        if colon:
            limits.append(_limit(word, amount))
        elif word in (*get_args(ChangeKind), *_SEVERITIES, *_FILES):
            words.append(word)
        elif word in METRIC_NAMES:
            raise click.BadParameter(f"{word} needs a limit, such as {word}:+10%")
        else:
            known = ", ".join([*get_args(ChangeKind), *_SEVERITIES, *_FILES])
            raise click.BadParameter(f"{word!r} is none of {known}, nor a limit such as cost:+10%")
    if not words and not limits:
        raise click.BadParameter("it names nothing")
    return FailOn(tuple(words), tuple(limits), text != DEFAULT)


def _limit(word: str, amount: str) -> Growth:
    if word not in METRIC_NAMES:
        raise click.BadParameter(f"{word!r} has no total; these have: {', '.join(METRIC_NAMES)}")
    match = _LIMIT.fullmatch(amount.strip())
    if match is None:
        raise click.BadParameter(f"{amount!r} is no limit; it looks like +10%, +500 or 0")
    return Growth(word, METRIC_NAMES[word], float(match["amount"]), bool(match["percent"]))


def _is(metric: str) -> str:
    return "is" if metric in ("cost_usd", "ms") else "are"


def _meant(word: str, change: Any) -> bool:
    if word in _SEVERITIES:
        return change.severity in _SEVERITIES[word] and change.kind not in METRICS
    return bool(change.kind == word)
