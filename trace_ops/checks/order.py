"""Which steps of a run came before which: by parents and lanes, not by the clock.

Steps of one lane follow each other, and a step follows the one it is within. Lanes beneath one parent run
in parallel: their steps have no order, whichever happened to start first. A lane that begins and ends
between two steps of another one, such as tools that an agent starts together and waits for, is between
these two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from trace_ops.trace import Span, Trace

_DEEPEST = 50
"""Lanes nested deeper than this count as parallel."""


class _Part(NamedTuple):
    """A piece of the graph: the nodes it begins with, and those it ends with."""

    first: list[int]
    last: list[int]


class _Placed(NamedTuple):
    lane: int
    part: _Part | None


@dataclass
class Order:
    """A graph of what comes next. ``steps[node]`` is the number of a step, ``None`` for a mere joint."""

    steps: list[int | None] = field(default_factory=list)
    after: list[list[int]] = field(default_factory=list)
    before: list[list[int]] = field(default_factory=list)

    @classmethod
    def of_spans(cls, trace: Trace) -> Order:
        """The order of all spans, by their position in the trace."""
        return cls.of(trace, [[position] for position in range(len(trace))])

    @classmethod
    def of(cls, trace: Trace, of_span: Sequence[Iterable[int]]) -> Order:
        """The order of steps; ``of_span`` holds the numbers of the steps of each span, none or many."""
        order = cls()
        spans = list(trace)
        position = {span.id: at for at, span in enumerate(spans)}
        within: dict[int | None, list[_Placed]] = {}
        for at in reversed(range(len(spans))):
            span = spans[at]
            own = [_Part([node], [node]) for node in map(order._node, of_span[at])]
            children = within.pop(at, [])[::-1]
            part = order._series([*own, order._lanes(children, span.lane, 0)])
            within.setdefault(_parent(span, at, position), []).append(_Placed(span.lane, part))
        top = within.pop(None, [])[::-1]
        order._lanes(top, 0, 0)
        return order

    def longest(self, weights: Sequence[float]) -> float:
        """The greatest sum of weights along a chain of steps."""
        missing = [len(before) for before in self.before]
        ready = [node for node, count in enumerate(missing) if count == 0]
        reached = [0.0] * len(self.steps)
        most = 0.0
        while ready:
            node = ready.pop()
            step = self.steps[node]
            total = reached[node] + (0.0 if step is None else weights[step])
            most = max(most, total)
            for later in self.after[node]:
                reached[later] = max(reached[later], total)
                missing[later] -= 1
                if missing[later] == 0:
                    ready.append(later)
        return most

    def _node(self, step: int | None) -> int:
        self.steps.append(step)
        self.after.append([])
        self.before.append([])
        return len(self.steps) - 1

    def _join(self, earlier: Iterable[int], later: Iterable[int]) -> None:
        later = list(later)
        for one in earlier:
            self.after[one] += later
            for other in later:
                self.before[other].append(one)

    def _series(self, parts: Iterable[_Part | None]) -> _Part | None:
        whole: _Part | None = None
        for part in parts:
            if whole is None or part is None:
                whole = whole or part
                continue
            if len(whole.last) > 1 and len(part.first) > 1:
                joint = self._node(None)
                self._join(whole.last, [joint])
                self._join([joint], part.first)
            else:
                self._join(whole.last, part.first)
            whole = _Part(whole.first, part.last)
        return whole

    def _parallel(self, parts: Iterable[_Part | None]) -> _Part | None:
        there = [part for part in parts if part is not None]
        if not there:
            return None
        return _Part(
            [node for part in there for node in part.first], [node for part in there for node in part.last]
        )

    def _lanes(self, placed: Sequence[_Placed], lead: int | None, depth: int) -> _Part | None:
        """Put siblings in order. ``lead`` is the lane that starts the others, if it is known."""
        lanes = _by(placed)
        if len(lanes) <= 1:
            return self._series(each.part for each in placed)
        if depth >= _DEEPEST:
            return self._parallel(self._series(each.part for each in lane) for lane in lanes.values())
        if lead is None or lead not in lanes:
            return self._parallel(self._led(group, group[0].lane, depth) for group in _apart(placed))
        return self._led(placed, lead, depth)

    def _led(self, placed: Sequence[_Placed], lead: int, depth: int) -> _Part | None:
        """The steps of one lane in a row, with the lanes that are between two of them; the rest beside it."""
        gap = 0
        gap_of: dict[int, int] = {}
        crossing: set[int] = set()
        for each in placed:
            if each.lane == lead:
                gap += 1
            elif gap_of.setdefault(each.lane, gap) != gap:
                crossing.add(each.lane)
        row: list[_Part | None] = []
        between: list[_Placed] = []
        for each in placed:
            if each.lane == lead:
                row += [self._lanes(between, None, depth + 1), each.part]
                between = []
            elif each.lane not in crossing:
                between.append(each)
        row.append(self._lanes(between, None, depth + 1))
        beside = _by([each for each in placed if each.lane in crossing])
        rest = [self._series(each.part for each in lane) for lane in beside.values()]
        return self._parallel([self._series(row), *rest])


def _parent(span: Span, at: int, position: dict[int, int]) -> int | None:
    """The position of the span around it; a file may name one that is not there, or begins later."""
    parent = None if span.parent is None else position.get(span.parent)
    return parent if parent is not None and parent < at else None


def _by(placed: Iterable[_Placed]) -> dict[int, list[_Placed]]:
    lanes: dict[int, list[_Placed]] = {}
    for each in placed:
        lanes.setdefault(each.lane, []).append(each)
    return lanes


def _apart(placed: Sequence[_Placed]) -> list[list[_Placed]]:
    """Split where no lane goes on from one side to the other."""
    last = {each.lane: at for at, each in enumerate(placed)}
    groups: list[list[_Placed]] = []
    end = -1
    for at, each in enumerate(placed):
        if at > end:
            groups.append([])
        groups[-1].append(each)
        end = max(end, last[each.lane])
    return groups
