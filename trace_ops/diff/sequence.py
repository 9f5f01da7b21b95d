"""Aligns two sequences in time that grows with their length: by what is unique in both, then by likeness.

The anchors are those of patience diff: items that stand once in either sequence, as many of them as are
in the same order (a longest increasing subsequence).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

_T = TypeVar("_T")
_Item = TypeVar("_Item", contravariant=True)

Gap = tuple[int, int, int, int]
"""Bounds of a part of both sequences: from, to in the old one; from, to in the new one."""

# Every item of a gap is compared with every other; in longer gaps items are taken as they come.
MOST_PAIRS = 900
# To be paired at all counts more than nothing, and less than any likeness that tells.
_MET = 0.05
# How far an item is looked for that has no like at its place.
_AHEAD = 24


class Likeness(Protocol[_Item]):
    """Which items can be paired, and how well they go together."""

    def fits(self, one: _Item, other: _Item, /) -> bool:
        """Whether two items are of one sort."""

    def share(self, one: _Item, other: _Item, /) -> float:
        """How much two items of one sort have in common, from 0 up."""


def common_ends(
    old: Sequence[_T], new: Sequence[_T], equal: Callable[[_T, _T], bool], gap: Gap
) -> tuple[int, int]:
    """How many items are equal at the start and at the end of a gap."""
    a, b, c, d = gap
    shorter = min(b - a, d - c)
    start = end = 0
    while start < shorter and equal(old[a + start], new[c + start]):
        start += 1
    while end < shorter - start and equal(old[b - 1 - end], new[d - 1 - end]):
        end += 1
    return start, end


def increasing(numbers: Sequence[int]) -> list[int]:
    """The positions of a longest increasing subsequence."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for position, number in enumerate(numbers):
        place = bisect_left(tails, number)
        before.append(ends[place - 1] if place else -1)
        if place == len(tails):
            tails.append(number)
            ends.append(position)
        else:
            tails[place], ends[place] = number, position
    found: list[int] = []
    position = ends[-1] if ends else -1
    while position >= 0:
        found.append(position)
        position = before[position]
    return found[::-1]


def unique(items: Sequence[_T], key: Callable[[_T], Hashable], start: int, end: int) -> dict[Hashable, int]:
    """Where the items stand whose key no other has."""
    places: dict[Hashable, int | None] = {}
    for place in range(start, end):
        name = key(items[place])
        places[name] = None if name in places else place
    return {name: place for name, place in places.items() if place is not None}


def anchored(
    old: Sequence[_T], new: Sequence[_T], key: Callable[[_T], Hashable], gap: Gap, ends: bool = True
) -> Iterator[tuple[int, int]]:
    """Pair items of equal keys in order: equal ends (if wanted), and what is unique in both."""
    pending = [gap]
    while pending:
        a, b, c, d = pending.pop()
        if a == b or c == d:
            continue
        if ends:
            start, end = common_ends(old, new, lambda one, other: key(one) == key(other), (a, b, c, d))
            yield from ((a + n, c + n) for n in range(start))
            yield from ((b - 1 - n, d - 1 - n) for n in range(end))
            a, b, c, d = a + start, b - end, c + start, d - end
            if a == b or c == d:
                continue
        places = unique(old, key, a, b)
        both = [(places[name], n) for name, n in unique(new, key, c, d).items() if name in places]
        both.sort()
        kept = [both[n] for n in increasing([place for _, place in both])]
        yield from kept
        if kept and ends:
            pending += gaps(kept, (a, b, c, d))


def gaps(pairs: Iterable[tuple[int, int]], gap: Gap) -> list[Gap]:
    """What is between pairs that are in order, where something is left on both sides."""
    a, b, c, d = gap
    found = []
    for one, other in [*sorted(pairs), (b, d)]:
        if a < one and c < other:
            found.append((a, one, c, other))
        a, c = one + 1, other + 1
    return found


def likest(
    old: Sequence[_T], new: Sequence[_T], likeness: Likeness[_T], gap: Gap
) -> Iterator[tuple[int, int]]:
    """Pair items of one sort, in order, so that the pairs have most in common."""
    a, b, c, d = gap
    rows, columns = b - a, d - c
    if rows * columns > MOST_PAIRS:
        yield from _as_they_come(old, new, likeness, gap)
        return
    if rows == columns == 1:  # there is no choice, so nothing to measure
        if likeness.fits(old[a], new[c]):
            yield a, c
        return
    scores = [
        [_MET + likeness.share(one, other) if likeness.fits(one, other) else None for other in new[c:d]]
        for one in old[a:b]
    ]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in reversed(range(rows)):
        for column in reversed(range(columns)):
            score = scores[row][column]
            paired = -1.0 if score is None else score + best[row + 1][column + 1]
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])
    row = column = 0
    while row < rows and column < columns:
        score = scores[row][column]
        if score is not None and best[row][column] == score + best[row + 1][column + 1]:
            yield a + row, c + column
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            row += 1
        else:
            column += 1


def _as_they_come(
    old: Sequence[_T], new: Sequence[_T], likeness: Likeness[_T], gap: Gap
) -> Iterator[tuple[int, int]]:
    a, b, c, d = gap
    while a < b and c < d:
        if likeness.fits(old[a], new[c]):
            yield a, c
            a, c = a + 1, c + 1
            continue
        in_new = next((n for n in range(c, min(d, c + _AHEAD)) if likeness.fits(old[a], new[n])), None)
        in_old = next((n for n in range(a, min(b, a + _AHEAD)) if likeness.fits(old[n], new[c])), None)
        if in_new is not None and (in_old is None or in_new - c <= in_old - a):
            c = in_new
        elif in_old is not None:
            a = in_old
        else:
            a, c = a + 1, c + 1
