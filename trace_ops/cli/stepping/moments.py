"""A run as a row of moments: every start and every end of a step, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from trace_ops.trace import Span
from trace_ops.viewer.sums import Sum, own

Edge = Literal["whole", "begins", "ends"]
"""Which part of a step happens: all of it where nothing else does meanwhile, or its start, or its end."""


@dataclass(frozen=True)
class Moment:
    """Something that happens to a step, by its id; ``at`` is in milliseconds since the run began."""

    index: int
    at: float
    span: int
    edge: Edge


class Moments:
    """The moments of a run, and what it had come to at each: ``spent`` of the steps that had ended."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.all = tuple(_joined(sorted(_edges(spans))))
        self._of: dict[int, list[Moment]] = {}
        for moment in self.all:
            self._of.setdefault(moment.span, []).append(moment)
        self._spent = _running(self.all, {span.id: own(span) for span in spans})

    def of(self, span: int) -> Sequence[Moment]:
        """The moments of a step: one, or its start and its end."""
        return self._of.get(span, ())

    def spent(self, moment: Moment) -> Sum:
        """What the steps that had ended by then took."""
        return self._spent[moment.index]

    def begun(self, span: int, moment: Moment) -> bool:
        """Whether a step had begun by then."""
        return bool(self._of.get(span)) and self._of[span][0].index <= moment.index

    def ended(self, span: int, moment: Moment) -> bool:
        """Whether a step had come to its end by then."""
        last = self._of[span][-1] if self._of.get(span) else None
        return last is not None and last.edge != "begins" and last.index <= moment.index


def _edges(spans: Iterable[Span]) -> Iterable[tuple[float, int, int, int, bool]]:
    """Starts and ends so that they sort by time.

    At one and the same time: what ends, inner steps first; then what begins, outer steps first; then what
    took no time ends.
    """
    for span in spans:
        yield span.start_ms, 1, span.id, span.id, True
        if span.ms is not None:
            yield span.start_ms + span.ms, 2 if span.ms == 0 else 0, -span.id, span.id, False


def _joined(edges: Sequence[tuple[float, int, int, int, bool]]) -> Iterable[Moment]:
    """The moments; a start that its own end comes right after is one with it."""
    at = index = 0
    while at < len(edges):
        time, _, _, span, starts = edges[at]
        following = edges[at + 1] if at + 1 < len(edges) else None
        if starts and following is not None and following[3] == span:
            yield Moment(index, following[0], span, "whole")
            at += 1
        else:
            yield Moment(index, time, span, "begins" if starts else "ends")
        at += 1
        index += 1


def _running(moments: Iterable[Moment], sums: dict[int, Sum]) -> list[Sum]:
    total, found = Sum(), []
    for moment in moments:
        if moment.edge != "begins":
            total = total.plus(sums[moment.span])
        found.append(total)
    return found
