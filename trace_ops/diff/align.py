"""Which steps of two runs correspond, and which of them changed places."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from trace_ops.diff import sequence
from trace_ops.diff.sequence import Gap
from trace_ops.diff.steps import Step, equal
from trace_ops.diff.strands import Strand, matched, strands_of


@dataclass
class Alignment:
    """What corresponds. Each step knows its mate; ``swapped`` and ``moved`` are steps of the old run.

    Of two that changed places, the one that came first in the old run stands first.
    """

    old: list[Step]
    new: list[Step]
    swapped: list[tuple[Step, Step]] = field(default_factory=list)
    moved: list[Step] = field(default_factory=list)

    def pairs(self) -> list[tuple[Step | None, Step | None]]:
        """All steps in the order of the new run, removed ones where they used to be."""
        removed: defaultdict[Step | None, list[Step]] = defaultdict(list)
        before: dict[int, Step | None] = {}
        last: Step | None = None
        for step in self.old:
            # What runs beside it says nothing of where it was, unless it is the first of its strand.
            around = step.parent and (step.parent if step.parent.mate else before.get(step.parent.strand))
            place = before.get(step.strand) or around or last
            if step.mate is None:
                removed[place].append(step)
            else:
                before[step.strand] = last = step
        found: list[tuple[Step | None, Step | None]] = [(step, None) for step in removed[None]]
        for step in self.new:
            found.append((step.mate, step))
            found += [(gone, None) for gone in removed.get(step.mate, ())] if step.mate else []
        return found


def align(old: list[Step], new: list[Step]) -> Alignment:
    """Pair the steps of two runs, by content before place."""
    alignment = Alignment(old, new)
    before, after = strands_of(old), strands_of(new)
    strands = list(matched(before, after))
    _number(before, after, strands)
    rest = [between for pair in strands if any(between := _ends(*pair))]
    for one, other in rest:
        _anchor(one, other, alignment)
    touched = _elsewhere(alignment, _whole, sure=True)
    for one, other in rest:
        _pair(one, other, alignment)
    for key in (_whole, _asked):
        touched |= _elsewhere(alignment, key)
    if touched:
        alignment.moved += _moved(alignment, touched)
    return alignment


def _number(before: list[Strand], after: list[Strand], pairs: list[tuple[Strand, Strand]]) -> None:
    """Give both strands of a pair one number, and every other a number of its own."""
    number = 0
    seen = set()
    for strands in [*pairs, *((strand,) for strand in [*before, *after])]:
        if id(strands[0]) in seen:
            continue
        number += 1
        for strand in strands:
            seen.add(id(strand))
            for step in strand:
                step.strand = number


def _mate(one: Step, other: Step) -> None:
    one.mate, other.mate = other, one


def _ends(old: Strand, new: Strand) -> tuple[Strand, Strand]:
    """Pair what is equal at the start and end of two strands; return what is between."""
    start, end = sequence.common_ends(old, new, equal, (0, len(old), 0, len(new)))
    for number in range(start):
        _mate(old[number], new[number])
    for number in range(1, end + 1):
        _mate(old[-number], new[-number])
    return old[start : len(old) - end], new[start : len(new) - end]


def _free(steps: Iterable[Step]) -> list[Step]:
    return [step for step in steps if step.mate is None]


def _anchor(old: Strand, new: Strand, alignment: Alignment) -> None:
    """Pair the equal steps of two strands, those that changed places too."""
    if not old or not new:
        return
    straight = _unswapped(old, new, alignment)
    for one, other in sequence.anchored(old, straight, _whole, (0, len(old), 0, len(straight))):
        _mate(old[one], straight[other])


def _whole(step: Step) -> Hashable:
    return step.whole


def _unswapped(old: Sequence[Step], new: list[Step], alignment: Alignment) -> list[Step]:
    """The new steps with those put back that took each other's place."""
    if len(old) == len(new):
        places_of = [n for n in range(len(old)) if old[n].whole != new[n].whole]
        if len(places_of) == 2:  # told even where other steps are equal to one of them
            a, b = places_of
            if old[a].whole == new[b].whole and old[b].whole == new[a].whole:
                alignment.swapped.append((old[a], old[b]))
                return [*new[:a], new[b], *new[a + 1 : b], new[a], *new[b + 1 :]]
    places = sequence.unique(old, _whole, 0, len(old))
    both = sorted(
        (place, number)
        for key, number in sequence.unique(new, _whole, 0, len(new)).items()
        if (place := places.get(key)) is not None
    )
    order = {number: rank for rank, (_, number) in enumerate(sorted(both, key=lambda pair: pair[1]))}
    ranks = [order[number] for _, number in both]
    straight = list(new)
    for rank, other in enumerate(ranks):
        if other > rank and ranks[other] == rank:
            (one_place, one), (other_place, two) = both[rank], both[other]
            straight[one], straight[two] = new[two], new[one]
            alignment.swapped.append((old[one_place], old[other_place]))
    return straight


def _elsewhere(alignment: Alignment, key: Callable[[Step], Hashable], *, sure: bool = False) -> set[int]:
    """Pair steps of equal keys wherever they stand; return the strands that may be out of order by it.

    With ``sure``, steps of one strand only where no other is equal to them.
    """
    old, new = _free(alignment.old), _free(alignment.new)
    waiting: defaultdict[Hashable, deque[Step]] = defaultdict(deque)
    for step in old if new else ():
        waiting[key(step)].append(step)
    strands = set()
    once = sequence.unique(new, key, 0, len(new)) if sure else {}
    for step in new if old else ():
        steps = waiting.get(key(step))
        if steps:
            if sure and steps[0].strand == step.strand and (len(steps) > 1 or key(step) not in once):
                continue
            _mate(steps[0], step)
            if steps.popleft().strand == step.strand:
                strands.add(step.strand)
    return strands


def _moved(alignment: Alignment, strands: set[int]) -> Iterator[Step]:
    """The fewest steps of the old run that must have moved for the rest to be in order."""
    place = {step: step.place for step in alignment.new}
    for pair in alignment.swapped:
        one, other = (step.mate for step in pair)
        if one is not None and other is not None:
            place[one], place[other] = place[other], place[one]
    inside = defaultdict(list)
    for step in alignment.old:
        if step.strand in strands and step.mate is not None and step.mate.strand == step.strand:
            inside[step.strand].append((step, place[step.mate]))
    for pairs in inside.values():
        kept = set(sequence.increasing([there for _, there in pairs]))
        yield from (step for number, (step, _) in enumerate(pairs) if number not in kept)


def _asked(step: Step) -> Hashable:
    return (step.span.kind, step.asked)


def _pair(old: Strand, new: Strand, alignment: Alignment) -> None:
    """Pair what is left between the anchors of two strands: by what was asked, then by likeness."""
    if not old or not new:
        return
    straight = _in_order_of(old, new, alignment)
    # Only pairs in order bound a gap; a step that moved does not.
    place = {step: number for number, step in enumerate(straight)}
    ordered = [(number, place[step.mate]) for number, step in enumerate(old) if step.mate in place]
    kept = [ordered[n] for n in sequence.increasing([other for _, other in ordered])]
    for gap in sequence.gaps(kept, (0, len(old), 0, len(straight))):
        a, b, c, d = gap
        _fill(_free(old[a:b]), _free(straight[c:d]))


def _in_order_of(old: Strand, new: Strand, alignment: Alignment) -> list[Step]:
    """The new steps with swapped ones back in their places."""
    straight = list(new)
    place = {step: number for number, step in enumerate(new)}
    for one, other in alignment.swapped:
        if one.mate in place and other.mate in place:
            a, b = place[one.mate], place[other.mate]
            straight[a], straight[b] = straight[b], straight[a]
    return straight


def _fill(old: list[Step], new: list[Step]) -> None:
    gap: Gap = (0, len(old), 0, len(new))
    if not old or not new:
        return
    pairs = list(sequence.anchored(old, new, lambda step: step.asked, gap))
    for inner in sequence.gaps(pairs, gap):
        a, b, c, d = inner
        if (b - a) * (d - c) > sequence.MOST_PAIRS:
            found = list(sequence.anchored(old, new, lambda step: step.gist, inner, ends=False))
            for smaller in sequence.gaps(found, inner):
                pairs += sequence.likest(old, new, _LIKENESS, smaller)
            pairs += found
        else:
            pairs += sequence.likest(old, new, _LIKENESS, inner)
    for one, other in pairs:
        if old[one].may_be(new[other]):
            _mate(old[one], new[other])


class _Likeness:
    fits = staticmethod(Step.may_be)
    share = staticmethod(Step.likeness)


_LIKENESS = _Likeness()
