"""A run that is opened to be stepped through, perhaps beside another, and what is shown of a step of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from trace_ops import filters
from trace_ops._figures import count, duration
from trace_ops.cli import _lines, _raw, _steps
from trace_ops.cli._said import Said, Turn, lines
from trace_ops.cli.stepping import entries
from trace_ops.cli.stepping.entries import Entry
from trace_ops.cli.stepping.stepper import Stepper
from trace_ops.diff.lines import Line, Reading, about
from trace_ops.diff.model import TraceDiff
from trace_ops.diff.phrases import label
from trace_ops.trace import Trace
from trace_ops.viewer import steps
from trace_ops.viewer.sums import Sum, sums

if TYPE_CHECKING:
    from rich.console import RenderableType

_MOST_CHARACTERS = 50_000
_MOST_LINES = 1_000


class Session:
    """A run, with all that a shell shows of it. ``diff`` is the comparison with the run it came from."""

    def __init__(
        self, trace: Trace, diff: TraceDiff | None = None, wanted: filters.Filter | None = None
    ) -> None:
        self.trace = trace
        self.reading = None if diff is None else Reading(diff)
        self.entries = entries.of_trace(trace) if diff is None else entries.of_diff(diff)
        self._view = _steps.view(trace)
        self._old = _steps.view(Trace() if diff is None else diff.old)
        self._beneath = sums(trace.spans)
        self._beneath_old = sums(() if diff is None else diff.old.spans)
        self._wanted = wanted

    @cached_property
    def walked(self) -> bool:
        """Whether there is a step to stand at."""
        return bool(self.entries) and (self._shown is None or bool(self._shown))

    def stepper(self) -> Stepper:
        """A place at the start of the run; raises :class:`ValueError` if no step is wanted."""
        return Stepper(self.entries, lambda: self._subjects, self._shown, self.reading is not None)

    def prepare(self) -> None:
        """Read all calls now, which is otherwise done when the first one is shown."""
        _ = self._said, self._subjects

    def beneath(self, entry: Entry) -> Sum:
        """What a step and all that ran in it come to."""
        return (self._beneath_old if entry.is_removed else self._beneath)[entry.span.id]

    def remarks(self, at: Stepper) -> Iterator[str]:
        """What a comparison says of a step, where the differences themselves are not shown."""
        if at.entry.is_removed:
            yield "only in the other run"
        if self.reading is None or at.view == "diff" or not at.entry.changes:
            return
        told = count(len(at.entry.changes), "difference")
        if at.entry.is_downstream:
            told += ", which only follow from others" if len(at.entry.changes) > 1 else ", which only follows"
        yield f"{told}; d shows {'it' if len(at.entry.changes) == 1 else 'them'}"

    def pane(self, at: Stepper) -> Iterator[RenderableType]:
        """What the view that is chosen shows of the step, as far as it has come."""
        if at.view == "diff":
            yield from self._differences(at.entry)
        elif at.view == "raw":
            yield from _raw.step(at.span, at.answered, _MOST_LINES)
        else:
            yield from self._talk(at, at.view == "new")
        if not at.answered and at.span.ms is not None:
            from rich.text import Text

            yield Text(f"\n  ends at {duration(at.span.start_ms + at.span.ms)}", "dim")

    def _talk(self, at: Stepper, only_new: bool) -> Iterator[RenderableType]:
        from rich.text import Text

        said, number = self._said_old if at.entry.is_removed else self._said, at.span.id
        before = said.before(number)
        turns = list((said.new if only_new else said.all)(number, at.answered))
        terms = list(said.terms(number, only_new))
        if terms:
            yield lines(terms, _MOST_CHARACTERS)
        if before is not None and only_new:
            yield Text(f"  goes on from step {before}", "dim")
        if turns:
            yield lines(turns, _MOST_CHARACTERS)
        failure = steps.failure(at.span) if at.answered else None
        if failure is not None:
            text = ": ".join(filter(None, (failure.type, failure.message)))
            yield lines([Turn("error", text)], _MOST_CHARACTERS)
        if not turns and failure is None:
            yield Text("  (nothing was recorded of what it was given and gave back)", "dim")

    def _differences(self, entry: Entry) -> Iterator[RenderableType]:
        for line in self._difference_lines(entry):
            yield _lines.styled(line)

    def _difference_lines(self, entry: Entry) -> Iterator[Line]:
        if self.reading is None:
            return
        changes = [self.reading.diff.changes[number] for number in entry.changes]
        if not changes:
            old = next((pair.old for pair in self.reading.diff.pairs if pair.new is entry.span), None)
            yield Line(
                f"as step {old.id} of the other run, {label(old)}" if old else "only in this run", "note"
            )
        for number, change in enumerate(changes):
            if number:
                yield Line("")
            yield from about(self.reading, change, full=True)

    @cached_property
    def _said(self) -> Said:
        return Said(self._view)

    @cached_property
    def _said_old(self) -> Said:
        return Said(self._old)

    @cached_property
    def _subjects(self) -> dict[int, filters.Subject]:
        return {step.span["id"]: step for step in filters.subjects(self._view)}

    @cached_property
    def _shown(self) -> set[int] | None:
        wanted = self._wanted
        if wanted is None:
            return None
        old = {step.span["id"]: step for step in filters.subjects(self._old)}
        return {
            entry.index
            for entry in self.entries
            if wanted.fits((old if entry.is_removed else self._subjects)[entry.span.id])
        }
