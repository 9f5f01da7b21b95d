"""Strands: the steps of one task or thread beneath a step, in order. Of strands, order says nothing."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from typing import TypeAlias

from trace_ops.diff.sequence import common_ends
from trace_ops.diff.steps import Step, equal

Strand: TypeAlias = list[Step]

# Steps that stand in more strands than this tell none of them.
_TELLING = 8


def strands_of(steps: Sequence[Step]) -> list[Strand]:
    """The strands of a trace, in the order in which they begin.

    A step is in the strand of its parent unless it runs in another lane.
    """
    strands: list[Strand] = []
    of_step: dict[int, Strand] = {}
    of_lane: dict[tuple[int | None, int], Strand] = {}
    for step in steps:
        parent = step.parent
        if parent is not None and parent.span.lane == step.span.lane:
            strand = of_step[parent.place]
        else:
            lane = (None if parent is None else parent.place, step.span.lane)
            if lane not in of_lane:
                of_lane[lane] = []
                strands.append(of_lane[lane])
            strand = of_lane[lane]
        strand.append(step)
        of_step[step.place] = strand
    return strands


def matched(old: list[Strand], new: list[Strand]) -> Iterator[tuple[Strand, Strand]]:
    """Pair the strands that correspond: equal ones, then those that share most, then as they come."""
    start, end = common_ends(old, new, _equal, (0, len(old), 0, len(new)))
    yield from zip(old[:start], new[:start])
    if end:
        yield from zip(old[-end:], new[-end:])
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    # A single strand on both sides is what most runs are; nothing of it need be hashed.
    if len(old) == 1 and len(new) == 1:
        yield old[0], new[0]
        return
    for rule in (_by_content, _by_shared, _by_sort):
        if not old or not new:
            return
        pairs = list(rule(old, new))
        yield from ((old[a], new[b]) for a, b in pairs)
        taken_old, taken_new = {a for a, _ in pairs}, {b for _, b in pairs}
        old = [strand for number, strand in enumerate(old) if number not in taken_old]
        new = [strand for number, strand in enumerate(new) if number not in taken_new]


def _equal(one: Strand, other: Strand) -> bool:
    return len(one) == len(other) and all(map(equal, one, other))


def _by_content(old: list[Strand], new: list[Strand]) -> Iterator[tuple[int, int]]:
    return _alike([_content(strand) for strand in old], [_content(strand) for strand in new])


def _content(strand: Strand) -> Hashable:
    return tuple(step.whole for step in strand)


def _by_sort(old: list[Strand], new: list[Strand]) -> Iterator[tuple[int, int]]:
    def sort(strand: Strand) -> Hashable:
        return (strand[0].span.kind, strand[0].span.name)

    return _alike([sort(strand) for strand in old], [sort(strand) for strand in new])


def _alike(old: list[Hashable], new: list[Hashable]) -> Iterator[tuple[int, int]]:
    waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for number, key in enumerate(old):
        waiting[key].append(number)
    for number, key in enumerate(new):
        if waiting.get(key):
            yield waiting[key].popleft(), number


def _by_shared(old: list[Strand], new: list[Strand]) -> Iterator[tuple[int, int]]:
    """Pair each strand with the one that most of its telling steps stand in too."""
    homes: defaultdict[Hashable, set[int]] = defaultdict(set)
    for number, strand in enumerate(old):
        for step in strand:
            for key in _telling(step):
                homes[key].add(number)
    votes: list[tuple[int, int, int]] = []
    for number, strand in enumerate(new):
        shared: Counter[int] = Counter()
        for step in strand:
            for key in _telling(step):
                if 0 < len(homes.get(key, ())) <= _TELLING:
                    shared.update(homes[key])
        votes += [(-count, other, number) for other, count in shared.items()]
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for _, one, other in sorted(votes):
        if one not in taken_old and other not in taken_new:
            taken_old.add(one)
            taken_new.add(other)
            yield one, other


def _telling(step: Step) -> Iterator[Hashable]:
    yield ("asked", step.asked)
    yield ("answered", step.span.kind, step.answered)
    yield ("gist", step.gist)
