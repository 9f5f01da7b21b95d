"""The steps of both runs side by side, folded where they are equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from trace_ops._plain import plain
from trace_ops.diff.model import Pair, TraceDiff
from trace_ops.diff.phrases import label
from trace_ops.matching.excerpt import short

_AROUND = 1
_MOST = 40
_MOST_INPUT = 60


class Entry(NamedTuple):
    """A step with its sign: ``-`` only in the old run, ``+`` only in the new one, ``…`` several as before."""

    sign: str
    text: str


def entries(diff: TraceDiff, full: bool = False) -> Iterator[Entry]:
    """The steps of both runs in order; all that are equal but those beside a change are folded."""
    pairs = list(diff.pairs)
    near = _near(pairs)
    folded = shown = 0
    for number, pair in enumerate(pairs):
        if number not in near:
            folded += 1
            continue
        if folded:
            yield Entry("…", f"{folded:,} step{'s' if folded > 1 else ''} as before")
            folded = 0
        if shown == _MOST and not full:
            rest = sum(None in later for later in pairs[number:])
            yield Entry("…", f"{rest:,} more steps added or removed")
            return
        shown += 1
        yield _entry(pair)
    if folded:
        yield Entry("…", f"{folded:,} step{'s' if folded > 1 else ''} as before")


def _near(pairs: list[Pair]) -> set[int]:
    changed = [number for number, pair in enumerate(pairs) if None in pair]
    return {number + off for number in changed for off in range(-_AROUND, _AROUND + 1)}


def _entry(pair: Pair) -> Entry:
    span = pair.new or pair.old
    if span is None:
        return Entry("…", "")
    sign = " " if pair.old and pair.new else "+" if pair.new else "-"
    given = "" if span.exchange or span.input is None else f" {short(plain(span.input), _MOST_INPUT)}"
    return Entry(sign, f"{span.id} {label(span)}{given}")
