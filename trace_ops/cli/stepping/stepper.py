"""Where one stands in a run, and the moves from there; how it looks is up to a shell."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Sequence
from functools import cached_property

from trace_ops import filters
from trace_ops._figures import count, duration
from trace_ops.cli.stepping.commands import VIEWS, Name, View
from trace_ops.cli.stepping.entries import Entry, Row, rows
from trace_ops.cli.stepping.moments import Moment, Moments
from trace_ops.trace import Span
from trace_ops.viewer import steps
from trace_ops.viewer.sums import Sum

Holds = Callable[[Entry], bool]
Subjects = Callable[[], dict[int, filters.Subject]]


class Stepper:
    """A place in a run.

    ``shown`` are the indexes of the entries that are stepped through, all if there is none. After a move that
    could not be made, ``note`` says why, and all else is as it was. ``whole`` tells whether the step is shown
    with what comes of it, or as it stands at the ``moment``: a step that only the other run has is at none.
    Raises :class:`ValueError` where there is no step to stand at.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        subjects: Subjects,
        shown: Collection[int] | None = None,
        compared: bool = False,
    ) -> None:
        self.entries = entries
        self.shown = shown
        self.compared = compared
        self.view: View = "new"
        self.note = ""
        self.searched = ""
        self._subjects = subjects
        self._filter: filters.Filter | None = None
        self._folded: set[int] = set()
        self._index = {entry.span.id: entry.index for entry in entries if not entry.is_removed}
        self._walked = [entry for entry in entries if shown is None or entry.index in shown]
        if not self._walked:
            raise ValueError("there is no step to stand at")
        self.moments = Moments([entry.span for entry in entries if not entry.is_removed])
        self._path = [moment for moment in self.moments.all if self._is_shown(self._index[moment.span])]
        self._times = [moment.index for moment in self._path]
        self._ordinal = {entry.index: number for number, entry in enumerate(self._walked, 1)}
        self._different = {entry.index: number for number, entry in enumerate(_differing(self._walked), 1)}
        self._rows: list[Row] = []
        self._row_of: dict[int, int] | None = None
        self.entry = self._walked[0]
        self.moment: Moment | None = None
        self.whole = False
        if self._path:
            self._to_moment(self._path[0])

    # What is to be seen.

    @property
    def span(self) -> Span:
        """The step that is looked at."""
        return self.entry.span

    @property
    def place(self) -> tuple[int, Moment | None, bool, View]:
        """All that tells one place from another."""
        return self.entry.index, self.moment, self.whole, self.view

    @property
    def answered(self) -> bool:
        """Whether what came of the step is shown."""
        return self.whole or self.moment is None or self.moment.edge != "begins"

    @property
    def spent(self) -> Sum | None:
        """What had been spent when the step had come so far."""
        return None if self.moment is None else self.moments.spent(self.moment)

    @cached_property
    def steps(self) -> int:
        """How many steps the run has."""
        return len(self._index)

    def rows(self) -> list[Row]:
        """The tree as it is folded."""
        if not self._rows:
            self._rows = rows(self.entries, self._folded, self.shown)
        return self._rows

    def row_number(self) -> int | None:
        """Where the step stands in the tree."""
        if self._row_of is None:
            self._row_of = {row.entry.index: number for number, row in enumerate(self.rows())}
        return self._row_of.get(self.entry.index)

    def status(self) -> str:
        """Where one stands, in a line: the step, the time, and what was spent by then."""
        if self.entry.is_removed:
            place = f"step {self.span.id} of the other run, which this one has not"
        else:
            place = f"step {self.span.id} of {self.steps:,}"
        parts = [place + self._edge()]
        if self.shown is not None and self.entry.index in self._ordinal:
            parts.append(f"{self._ordinal[self.entry.index]:,} of {len(self._walked):,} shown")
        if self.compared:
            at, differ = self._different.get(self.entry.index), len(self._different)
            parts.append(count(differ, "difference") if at is None else f"difference {at:,} of {differ:,}")
        if self.moment is not None and (spent := self.spent) is not None:
            parts += [
                f"at {duration(self.moment.at)}",
                count(spent.input + spent.output, "token"),
                spent.shown,
            ]
        return " · ".join(parts)

    def _edge(self) -> str:
        if self.moment is None or self.moment.edge == "whole" or self.whole:
            return ""
        return f" {self.moment.edge}"

    def _tree_changed(self) -> None:
        self._rows, self._row_of = [], None

    # Moves.

    def do(self, name: Name, told: str = "") -> None:
        """Carry out a command by its name; those of a shell alone are not known here."""
        self.note = ""
        move = _MOVES.get(name)
        if move is not None:
            move(self)
        elif name == "go":
            self.go(told)
        elif name == "search":
            self.search(told)
        elif name == "view":
            self.turn(told)
        else:
            raise ValueError(f"no command of the stepper: {name}")

    def step(self, by: int) -> None:
        """To the next moment, or the one before; among differences, to the next of those."""
        if self.view == "diff":
            self._next(by, lambda entry: bool(entry.roots), "difference")
            return
        at = self.moment.index if self.moment is not None else self._near(by)
        found = self._beside(at, by)
        if found is None:
            self.note = "this is the end of the run" if by > 0 else "this is the start of the run"
        else:
            self._to_moment(found)

    def edge(self, by: int) -> None:
        """To the first moment, or the last."""
        if self._path:
            self._to_moment(self._path[0 if by < 0 else -1])

    def go(self, told: str) -> None:
        """To a step by its number."""
        try:
            number = int(told)
        except ValueError:
            self.note = "go to which step? a number is needed, as in g 7"
            return
        index = self._index.get(number)
        if index is None:
            self.note = f"there is no step {number}; they run from {min(self._index)} to {max(self._index)}"
        elif not self._is_shown(index):
            self.note = f"step {number} is not among those shown"
        else:
            self.select(self.entries[index])

    def select(self, entry: Entry) -> None:
        """To a step, shown with all that came of it."""
        self.entry, self.whole = entry, True
        found = () if entry.is_removed else self.moments.of(entry.span.id)
        self.moment = found[0] if found else None
        at = entry.parent
        while at is not None:
            if at in self._folded:
                self._folded.discard(at)
                self._tree_changed()
            at = self.entries[at].parent

    def parent(self) -> None:
        """To the step that this one runs in."""
        if self.entry.parent is None:
            self.note = "this step runs in no other"
        else:
            self.select(self.entries[self.entry.parent])

    def search(self, told: str) -> None:
        """To the next step that a filter means; a text alone is looked for in all that is said."""
        if told.strip():
            try:
                self._filter = filters.parse(told)
            except filters.FilterError as error:
                self.note = error.message
                return
            self.searched = told.strip()
        here = self.entry
        self.match(1)
        if self._filter is not None and self.entry is here:
            self._next_from(-1, 1, self._is_match, "match")
            if self.entry is not here:
                self.note = "found from the start on"
            elif not self.note:
                self.note = "no match but this step"

    def match(self, by: int) -> None:
        """To the next step that was searched for, or the one before."""
        if self._filter is None:
            self.note = "search for what? as in / a text"
        else:
            self._next(by, self._is_match, "match")

    def _is_match(self, entry: Entry) -> bool:
        wanted = self._filter
        return wanted is not None and not entry.is_removed and wanted.fits(self._subjects()[entry.span.id])

    def row(self, by: int) -> None:
        """To the row of the tree below, or above."""
        found = self.rows()
        at = self.row_number() or 0
        self.select(found[max(0, min(len(found) - 1, at + by))].entry)

    def fold(self) -> None:
        """Close what runs in the step, or open it."""
        self._folded ^= {self.entry.index}
        self._tree_changed()

    def turn(self, told: str = "") -> None:
        """To another view: the one of that name, or the next."""
        views = VIEWS if self.compared else VIEWS[:-1]
        named = [view for view in VIEWS if told and view.startswith(told.strip().lower())]
        if told.strip() and not named:
            self.note = f"there is no such view; there are {', '.join(views)}"
        elif named and named[0] not in views:
            self.note = "there is nothing to compare with: --compare names the other run"
        else:
            self.view = named[0] if named else views[(views.index(self.view) + 1) % len(views)]

    def _differ(self) -> None:
        """Show differences, from the first one on where this step has none."""
        self.turn("diff")
        if self.view == "diff" and not self.entry.changes:
            self._next(1, lambda entry: bool(entry.roots), "difference")
            if self.note:
                self._next(-1, lambda entry: bool(entry.roots), "difference")

    def _error(self, by: int) -> None:
        self._next(by, lambda entry: steps.failure(entry.span) is not None, "error")

    def _same(self, by: int) -> None:
        kind, name = self.span.kind, _called(self.span)
        self._next(by, lambda entry: (entry.span.kind, _called(entry.span)) == (kind, name), f"{name!r}")

    def _call(self, by: int) -> None:
        self._next(by, lambda entry: entry.span.kind == "llm", "model call")

    def _next(self, by: int, holds: Holds, what: str) -> None:
        """To the next entry, in their order, for which something holds."""
        self._next_from(self.entry.index, by, holds, what)

    def _next_from(self, index: int, by: int, holds: Holds, what: str) -> None:
        at = index + by
        while 0 <= at < len(self.entries):
            if self._is_shown(at) and holds(self.entries[at]):
                self.note = ""
                self.select(self.entries[at])
                return
            at += by
        self.note = f"no further {what}" if by > 0 else f"no {what} before this"

    def _to_moment(self, moment: Moment) -> None:
        self.select(self.entries[self._index[moment.span]])
        self.moment, self.whole = moment, False

    def _near(self, by: int) -> int:
        """Where in time a step stands that this run has not: between the steps around it."""
        at = self.entry.index
        while 0 <= at < len(self.entries) and self.entries[at].is_removed:
            at -= by
        if not 0 <= at < len(self.entries):
            return -1 if by > 0 else len(self.moments.all)
        return self.moments.of(self.entries[at].span.id)[0].index

    def _beside(self, at: int, by: int) -> Moment | None:
        """The next moment of the steps that are shown, after a place among all, or the one before."""
        place = bisect_right(self._times, at) if by > 0 else bisect_left(self._times, at) - 1
        return self._path[place] if 0 <= place < len(self._path) else None

    def _is_shown(self, index: int) -> bool:
        return self.shown is None or index in self.shown


def _differing(entries: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.roots]


def _called(span: Span) -> str:
    return steps.label(span, steps.model_of(span))


_MOVES: dict[Name, Callable[[Stepper], None]] = {
    "forward": lambda at: at.step(1),
    "back": lambda at: at.step(-1),
    "first": lambda at: at.edge(-1),
    "last": lambda at: at.edge(1),
    "parent": Stepper.parent,
    "call": lambda at: at._call(1),
    "call_back": lambda at: at._call(-1),
    "error": lambda at: at._error(1),
    "error_back": lambda at: at._error(-1),
    "same": lambda at: at._same(1),
    "same_back": lambda at: at._same(-1),
    "match": lambda at: at.match(1),
    "match_back": lambda at: at.match(-1),
    "difference": Stepper._differ,
    "down": lambda at: at.row(1),
    "up": lambda at: at.row(-1),
    "fold": Stepper.fold,
}
