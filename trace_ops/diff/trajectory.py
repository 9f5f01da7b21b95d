"""The steps of both runs side by side, folded where they are equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from trace_ops._figures import count
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
    moved = _moved(diff)
    near = _near(pairs, moved)
    folded = shown = 0
    for number, pair in enumerate(pairs):
        if number not in near:
            folded += 1
            continue
        if folded:
            yield Entry("…", f"{count(folded, 'step')} as before")
            folded = 0
        if shown == _MOST and not full:
            rest = sum(None in later for later in pairs[number:])
            yield Entry("…", f"{rest:,} more steps added or removed")
            return
        shown += 1
        yield _entry(pair, moved)
    if folded:
        yield Entry("…", f"{count(folded, 'step')} as before")


def _moved(diff: TraceDiff) -> set[int]:
    """The steps of the new run that stand elsewhere than they did."""
    moved: set[int] = set()
    for change in diff.of_kind("trajectory"):
        if change.old is not None and change.new is not None:
            others = change.after if isinstance(change.after, list) else []
            moved |= {change.new, *(other for other in others if isinstance(other, int))}
    return moved


def _near(pairs: list[Pair], moved: set[int]) -> set[int]:
    changed = [
        number
        for number, pair in enumerate(pairs)
        if None in pair or (pair.new is not None and pair.new.id in moved)
    ]
    return {number + off for number in changed for off in range(-_AROUND, _AROUND + 1)}


def _entry(pair: Pair, moved: set[int]) -> Entry:
    span = pair.new or pair.old
    if span is None:
        return Entry("…", "")
    sign = " " if pair.old and pair.new else "+" if pair.new else "-"
    given = "" if span.exchange or span.input is None else f" {short(plain(span.input), _MOST_INPUT)}"
    was = f" (was step {pair.old.id})" if pair.old and pair.new and span.id in moved else ""
    return Entry(sign, f"{span.id} {label(span)}{given}{was}")
