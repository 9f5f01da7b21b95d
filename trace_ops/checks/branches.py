"""Which steps of a run are of one branch, and which of branches that run beside each other.

Frameworks start single steps in tasks and threads of their own: a lane is no branch yet. Branches are lanes
beneath one parent with no step of their parent's lane between them, one of which at least does several
things; unless they do what one answer asked for at once. A lane that calls models and goes on while its
parent's lane does is a branch, too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from trace_ops.trace import Span, Trace

Branch = tuple[tuple[int | None, int, int], ...]
"""The lanes around a step that are branches, from the outermost on; empty for the run itself."""


@dataclass
class _Sum:
    """What is done in a step, all that is within it included; tools within tools are counted, not named."""

    llm: int = 0
    steps: int = 0
    tools: Counter[str] = field(default_factory=Counter)

    def add(self, other: _Sum) -> None:
        self.llm += other.llm
        self.steps += other.steps
        self.tools += other.tools


def branches(trace: Trace) -> dict[int, Branch]:
    """The branch of each span, by its id."""
    parents = _parents(trace)
    siblings: dict[int | None, list[Span]] = defaultdict(list)
    for span in trace:
        siblings[parents[span.id]].append(span)
    sums = _sums(trace, parents)
    lanes = {span.id: span.lane for span in trace}
    found: dict[int, Branch] = {}
    within: dict[int | None, Branch] = {None: ()}
    for parent in (None, *lanes):
        around = within[parent]
        places = _apart(siblings[parent], lanes[parent] if parent is not None else 0, sums)
        for span in siblings[parent]:
            place = places.get(span.id)
            branch = around if place is None else (*around, (parent, place.stretch, span.lane))
            found[span.id] = around if place is not None and place.only_within else branch
            within[span.id] = branch
    return found


def _parents(trace: Trace) -> dict[int, int | None]:
    """The span around each; a file may name one that is not there, or begins later."""
    parents: dict[int, int | None] = {}
    for span in trace:
        parents[span.id] = span.parent if span.parent in parents else None
    return parents


def _sums(trace: Trace, parents: dict[int, int | None]) -> dict[int, _Sum]:
    sums = {span.id: _Sum() for span in trace}
    for span in reversed(list(trace)):
        own = sums[span.id]
        own.llm += span.kind == "llm"
        own.steps += span.kind in ("llm", "tool")
        if span.kind == "tool":
            own.tools = Counter([span.name])
        parent = parents[span.id]
        if parent is not None:
            sums[parent].add(own)
    return sums


class _Place(NamedTuple):
    """The stretch a sibling is in; whether not itself, but what it does within is in a branch of its own."""

    stretch: int
    only_within: bool = False


def _apart(siblings: Sequence[Span], lead: int, sums: dict[int, _Sum]) -> dict[int, _Place]:
    """The siblings that are in branches of their own."""
    if all(span.lane == siblings[0].lane for span in siblings):
        return {}
    lanes = _lanes(siblings, sums)
    crossing = {lane for lane in _crossing(siblings, lead) if lanes[lane].llm and lanes[lane].steps > 1}
    found = {span.id: _Place(0) for span in siblings if span.lane in crossing}
    asked: Counter[str] = Counter()
    rest = [span for span in siblings if span.lane not in crossing]
    for number, (stretch, ends) in enumerate(_stretches(rest, lead, sums), 1):
        within = _lanes(stretch, sums)
        served = sum((each.tools for each in within.values()), Counter[str]()) <= asked
        more = any(each.steps > each.tools.total() for each in within.values())
        several = len(within) > 1 and any(each.steps > 1 for each in within.values())
        if several and (more or not served):
            found |= {span.id: _Place(number, served and span.kind == "tool") for span in stretch}
        if ends is not None and ends.kind == "llm":
            asked = Counter(ends.tools)
    return found


def _lanes(spans: Sequence[Span], sums: dict[int, _Sum]) -> dict[int, _Sum]:
    lanes: dict[int, _Sum] = defaultdict(_Sum)
    for span in spans:
        lanes[span.lane].add(sums[span.id])
    return lanes


def _crossing(siblings: Sequence[Span], lead: int) -> set[int]:
    """The lanes that have steps before and after one of the lane that leads."""
    gap, first, found = 0, dict[int, int](), set[int]()
    for span in siblings:
        if span.lane == lead:
            gap += 1
        elif first.setdefault(span.lane, gap) != gap:
            found.add(span.lane)
    return found


def _stretches(
    siblings: Sequence[Span], lead: int, sums: dict[int, _Sum]
) -> Iterator[tuple[list[Span], Span | None]]:
    """Steps with none between them that all wait for, and the one that ends them.

    Such is a step of the lane that leads, or a call to a model in a lane of its own while no other goes on.
    """
    last = {span.lane: at for at, span in enumerate(siblings)}
    first = {span.lane: at for at, span in reversed(list(enumerate(siblings)))}
    stretch: list[Span] = []
    reached = -1
    for at, span in enumerate(siblings):
        own = sums[span.id]
        alone = first[span.lane] == last[span.lane] and own.llm == own.steps == 1
        if span.lane == lead or (alone and reached < at):
            yield stretch, span
            stretch = []
        else:
            stretch.append(span)
            reached = max(reached, last[span.lane])
    yield stretch, None
