"""What changed between two runs, as lines for a person; how they look is up to who shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from trace_ops._figures import count
from trace_ops.diff import figures, trajectory
from trace_ops.diff.details import details
from trace_ops.diff.model import METRICS, Change, Metric, TraceDiff
from trace_ops.diff.phrases import Steps, nouns, step_ranges, what
from trace_ops.diff.rows import Row, marks

Style = Literal["clear", "major", "minor", "heading", "text", "added", "removed", "context", "note"]

_MOST_ROOTS = 10
_MOST_RANGES = 3
_STYLES: dict[str, Style] = {"+": "added", "-": "removed", " ": "context", "…": "note"}


class Line(NamedTuple):
    """A line, its style, and where in it the words stand that changed (from, to)."""

    text: str
    style: Style = "text"
    marks: tuple[tuple[int, int], ...] = ()

    def indented(self, by: int) -> Line:
        """The same line further to the right."""
        moved = tuple((start + by, end + by) for start, end in self.marks)
        return Line(" " * by + self.text if self.text else "", self.style, moved)


class Reading:
    """A diff as it is read: the causes in their order, and under each what followed from it.

    Texts in other words of the same meaning, tokens, cost and time stand apart.
    """

    def __init__(self, diff: TraceDiff) -> None:
        self.diff = diff
        self.steps = Steps(diff)
        self._following: dict[int, list[Change]] = defaultdict(list)
        self.roots: list[tuple[int, Change]] = []
        self.reworded: list[Change] = []
        self.spent: list[Change] = []
        for number, change in enumerate(diff.changes):
            if change.kind in METRICS:
                self.spent.append(change)
            elif change.root is not None:
                self._following[change.root].append(change)
            elif change.severity == "info":
                self.reworded.append(change)
            else:
                self.roots.append((number, change))

    def following(self, number: int) -> list[Change]:
        """What followed from a change, by its number."""
        return self._following.get(number, [])

    def headline(self) -> str:
        """One line that says it all."""
        if not self.roots:
            return f"no difference: {self._same()}"
        (number, first), *others = self.roots
        follow = len(self.following(number))
        rest = (
            [f"{count(follow, 'other change')} follow{'s' if follow == 1 else ''} from it"] if follow else []
        )
        if others and follow:
            rest.append(f"{count(len(others), 'other')} do{'es' if len(others) == 1 else ''} not")
        elif others:
            rest.append(count(len(others), "other difference"))
        told = f"; {', '.join(rest)}" if rest else ""
        return f"first difference: {self.steps.place(first)}: {what(first)}{told}"

    def totals(self) -> list[Metric]:
        """The totals that differ."""
        return figures.changed(self.diff.metrics, time=bool(self.diff.of_kind("latency")))

    def _same(self) -> str:
        steps = count(len(self.diff.new), "step")
        if not self.reworded:
            return f"{steps} as before" if len(self.diff.new) else "both runs are empty"
        return f"{steps} as before, {nouns(self.reworded)}"


def lines(diff: TraceDiff, detailed: bool = False) -> Iterator[Line]:
    """Tell what changed: the first difference, what followed from it, the others, steps, totals.

    ``detailed`` tells of every change, under the one it follows from, and cuts no text that changed.
    """
    reading = Reading(diff)
    gravity = reading.roots[0][1].severity if reading.roots else "info"
    yield Line(reading.headline(), "clear" if gravity == "info" else gravity)
    for number, first in reading.roots[:1]:
        yield from _values(reading, first, "  ", detailed)
        yield from _followed(reading, number, "  ", detailed)
    yield from _others(reading, detailed)
    yield from _reworded(reading, detailed)
    yield from _trajectory(reading, detailed)
    yield from _totals(reading, detailed)


def rest(reading: Reading) -> Iterator[Line]:
    """All that :func:`lines` tells in detail, without the first difference itself and the totals."""
    for number, _ in reading.roots[:1]:
        yield from _followed(reading, number, "", True)
    yield from _others(reading, True)
    yield from _reworded(reading, True)
    yield from _trajectory(reading, True)


def about(reading: Reading, change: Change, full: bool = False) -> Iterator[Line]:
    """One change alone, and what it follows from; where the step it is about is on the screen already."""
    why = ""
    if change.root is not None:
        root = reading.diff.changes[change.root]
        why = f", follows from {reading.steps.place(root)}: {what(root)}"
    style: Style = "note" if change.root is not None or change.severity == "info" else change.severity
    yield Line(f"{what(change)}{why}", style)
    yield from _values(reading, change, "  ", full)


def _trajectory(reading: Reading, detailed: bool) -> Iterator[Line]:
    if reading.diff.trajectory_changed:
        yield Line("")
        yield Line("steps:", "heading")
        for sign, text in trajectory.entries(reading.diff, detailed):
            yield Line(f"  {sign} {text}", _STYLES[sign])


def _others(reading: Reading, detailed: bool) -> Iterator[Line]:
    others = reading.roots[1:]
    if not others:
        return
    yield Line("")
    yield Line("other differences:" if len(others) > 1 else "another difference:", "heading")
    shown = others if detailed else others[:_MOST_ROOTS]
    for number, change in shown:
        yield Line(f"  {reading.steps.place(change)}: {what(change)}")
        yield from _values(reading, change, "    ", detailed)
        yield from _followed(reading, number, "    ", detailed)
    left = [change for _, change in others[len(shown) :]]
    if left:
        yield Line(f"  and {len(left):,} more: {nouns(left)}", "note")


def _values(reading: Reading, change: Change, indent: str, full: bool) -> Iterator[Line]:
    old, new = reading.steps.sides(change)
    shown = details(change, new or old, full)
    for row in shown.rows:
        yield _row(row, indent)
    if shown.remark:
        yield Line(f"{indent}{shown.remark}", "note")


def _row(row: Row, indent: str) -> Line:
    head = f"{indent}{row.sign} "
    return Line(head + row.text, _STYLES[row.sign], marks(row.pieces, len(head)))


def _followed(reading: Reading, number: int, indent: str, detailed: bool) -> Iterator[Line]:
    following = reading.following(number)
    if not following:
        return
    yield Line(f"{indent}followed from it:", "heading")
    if not detailed:
        yield from (Line(f"{indent}  {text}") for text in _grouped(following))
        return
    for change in following:
        yield Line(
            f"{indent}  {reading.steps.place(change)}: {what(change)}{_WHY[change.follows or 'after']}"
        )
        if change.follows != "repeats":
            yield from _values(reading, change, f"{indent}    ", True)


_WHY = {"repeats": " (the same change)", "carries": " (handed on)", "answers": "", "after": ""}


def _grouped(following: Sequence[Change]) -> Iterator[str]:
    """What followed, counted: the same change again, what was handed on, and what else came of it."""
    repeats = [change for change in following if change.follows == "repeats"]
    carries = [change for change in following if change.follows == "carries"]
    others = [change for change in following if change.follows not in ("repeats", "carries")]
    if repeats:
        yield f"the same change in {_calls(repeats)}"
    if carries:
        yield f"handed on to {_calls(carries)}"
    if others:
        yield f"{step_ranges(others)}: {nouns(others)}"


def _calls(changes: Iterable[Change]) -> str:
    changes = list(changes)
    steps = {change.new if change.new is not None else change.old for change in changes}
    return f"{count(len(steps), 'later step')} ({step_ranges(changes)})"


def _reworded(reading: Reading, detailed: bool) -> Iterator[Line]:
    if not reading.reworded:
        return
    if reading.roots:
        yield Line("")
    scores = [change.similarity for change in reading.reworded if change.similarity is not None]
    alike = f", {figures.share(min(scores))} alike or more" if scores else ""
    told = f"the same in other words, not counted: {step_ranges(reading.reworded)}{alike}"
    yield Line(told, "note")
    if detailed:
        for change in reading.reworded:
            yield Line(f"  {reading.steps.place(change)}: {what(change)}")
            yield from _values(reading, change, "    ", True)


def totals(metrics: Iterable[Metric]) -> Iterator[Line]:
    """Totals below each other: ``tokens in  189 -> 266  +41 %``."""
    cells = figures.table(metrics)
    wide = [max((len(row[column]) for row in cells), default=0) for column in range(4)]
    for named, before, after, growth in cells:
        line = f"  {named:<{wide[0]}}  {before:>{wide[1]}} -> {after:>{wide[2]}}  {growth:>{wide[3]}}"
        yield Line(line.rstrip())


def _totals(reading: Reading, detailed: bool) -> Iterator[Line]:
    changed = reading.totals()
    if not changed:
        return
    yield Line("")
    yield Line("totals:", "heading")
    yield from totals(changed)
    for change in reading.spent if detailed else ():
        if change.new is not None:
            yield Line(f"  {reading.steps.place(change)}: {what(change)}")
            yield from _values(reading, change, "    ", True)
