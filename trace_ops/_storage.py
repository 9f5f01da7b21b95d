"""The files of one run: the cassette it begins with, the journal it keeps, the cassette it leaves."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

from trace_ops import _composition, cassette
from trace_ops._figures import count
from trace_ops._warn import warn
from trace_ops.errors import CassetteError, CassetteMissingError, UsageError
from trace_ops.exchange import Response
from trace_ops.modes import Mode, Unplayed
from trace_ops.tape import Tape
from trace_ops.trace import Span, Trace


class Storage:
    """What a run has on disk. ``path`` is ``None`` for a run in memory only.

    ``opened`` is the cassette as it was when the run began, ``resumed`` are the steps of recordings
    that did not come to their end, as far as the mode goes on from them. Raises
    :class:`CassetteMissingError` where the mode needs a cassette and there is none.
    """

    def __init__(self, path: Path | None, mode: Mode, hints: Iterable[str]) -> None:
        self.path, self._mode = path, mode
        self._journal: cassette.Journal | None = None
        self._journal_fails = False
        self._ended = False
        self._unfinished: list[cassette.JournalFile] = []
        self.opened = self._open(list(hints))
        self.resumed = self._resume()
        self._run_before = Counter(_composition.step(span) for span in self.resumed if span.exchange is None)
        self._held: list[Span] = []
        self._begun: set[int] = set()

    def _open(self, hints: list[str]) -> cassette.Cassette | None:
        mode, path = self._mode, self.path
        if path is None:
            if not mode.records_missing:
                raise UsageError(f"mode {mode.name!r} needs a cassette: give its path")
            return None
        if path.exists() and mode.name == "rewrite":
            _remove(path)
        if path.exists():
            return cassette.load(path)
        if not mode.records_missing:
            raise CassetteMissingError(
                f"there is no such cassette, and mode {mode.name!r} records none",
                path=path,
                remedy="\n  ".join(hints) if hints else f"record it: Recorder({str(path)!r})",
            )
        return None

    def _resume(self) -> list[Span]:
        if self.path is None or not self._mode.writes:
            return []
        if self._mode.name == "once" and self.opened is not None:
            return []
        self._unfinished = cassette.unfinished(self.path)
        if self._mode.name == "rewrite":
            return []
        # Who asks for everything anew gets no answer of a run that ended, and failed; a run that was
        # killed has not ended: this one is its second half.
        wanted = [file for file in self._unfinished if self._mode.reads or file.outcome != "failed"]
        runs = [[span for span in file.spans if _is_sound(span)] for file in wanted]
        if any(runs):
            steps = count(sum(map(len, runs)), "step")
            first, more = shown(wanted[0].path), len(wanted) - 1
            others = f" and {more} more beside it" if more else ""
            warn(
                f"going on from an unfinished recording ({steps}); delete {first}{others} to start over",
                stacklevel=5,
            )
        last = max((span.id for span in self.opened.trace), default=0) if self.opened else 0
        return cassette.renumbered(*runs, last=last)

    def keep(self, span: Span) -> None:
        """Write a finished span to the journal; a disk that fails is told of once."""
        if not self._keeps or (span.exchange is None and self._holds(span)):
            return
        held, self._held = self._held, []
        self._write_down(lambda journal: list(map(journal.append, (*held, span))))

    def begin(self, span: Span, is_call: bool) -> None:
        """Tell in the journal that a step has begun: a call made anew, or any step of a first recording.

        Where there is a recording, a step that is no call may be served from it.
        """
        if self._keeps and (is_call or not (self.resumed or (self._mode.reads and self.opened is not None))):
            self._begun.add(span.id)
            self._write_down(lambda journal: journal.begin(span))

    def drop(self, span_id: int) -> None:
        """Tell that a step which had begun did not take place."""
        if self._keeps and span_id in self._begun:
            self._write_down(lambda journal: journal.drop(span_id))

    @property
    def _keeps(self) -> bool:
        return self.path is not None and self._mode.writes and not self._ended and not self._journal_fails

    def _write_down(self, write: Callable[[cassette.Journal], object]) -> None:
        assert self.path is not None
        try:
            if self._journal is None:
                self._journal = cassette.Journal.open(self.path, {"mode": self._mode.name})
            write(self._journal)
        except CassetteError as error:
            self._journal_fails = True
            warn(f"{error}; if the program is killed, what it recorded is lost", stacklevel=5)

    def _holds(self, span: Span) -> bool:
        """Whether a step is not to be kept, or not yet.

        What ran in the recordings that this run goes on from is kept there. And where there is a recording, a
        step is no reason to keep anything before a call is made anew: each replay that fails would leave a
        journal of it.
        """
        step = _composition.step(span)
        if self._run_before[step] > 0:
            self._run_before[step] -= 1
            return True
        if self._journal is None and (self.resumed or self.opened is not None):
            self._held.append(span)
            return True
        return False

    def write(self, tape: Tape, trace: Trace, keeps_empty: bool) -> None:
        """Write the cassette of a run that went well, with what other recorders wrote meanwhile.

        With ``keeps_empty`` a run that made no call leaves a cassette too, so that it can be replayed.
        """
        if self.path is None or not self._mode.writes:
            return
        if not _composition.changes(tape) and not (keeps_empty and self.opened is None):
            return
        with cassette.lock(self.path):
            spans = _composition.compose(tape)
            scrubbed: list[Any] = list(tape.scrubber.found)
            if self.path.exists():
                current = cassette.load(self.path)
                base = self.opened.trace if self.opened else ()
                spans = cassette.renumbered(spans, _composition.added_by_others(base, current.trace))
                scrubbed = _scrubbed_before(scrubbed, current.scrubbed, tape)
                if self._mode.unplayed is Unplayed.KEEP:
                    _keep_header(trace, current.trace)
            trace.spans = spans
            cassette.save(cassette.Cassette(trace=trace, scrubbed=scrubbed), self.path)
            self.end("kept")

    def end(self, how: Literal["kept", "failed", "interrupted"]) -> None:
        """Close the journal; after a good run nothing unfinished is left. Only the first call counts."""
        if self._journal is not None:
            self._journal.close(how)
            self._journal = None
        if how == "kept":
            for file in self._unfinished:
                file.remove()
            self._unfinished = []
        self._ended = True


def shown(path: Path) -> str:
    """A path as it is found from here."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)
    return str(path) if relative.startswith(os.pardir) else relative


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        problem = f"cannot be removed: {error.strerror or error}"
        raise CassetteError(problem, path=path, remedy="Check the permissions of its directory.") from error


def _scrubbed_before(now: list[Any], before: list[Any], tape: Tape) -> list[Any]:
    """What was scrubbed, in the order of the file; most of it was when calls that stay were recorded."""
    if not tape.mode.reads:
        known = {entry["as"] for entry in now}
        return [*now, *(entry for entry in before if entry["as"] not in known)]
    times = {entry["as"]: entry["times"] for entry in now}
    kept = [{**entry, "times": max(entry["times"], times.pop(entry["as"], 0))} for entry in before]
    return [*kept, *(entry for entry in now if entry["as"] in times)]


def _keep_header(trace: Trace, before: Trace) -> None:
    """A run that only adds to a cassette leaves what the header says, and adds to that too."""
    trace.name, trace.recorded = before.name or trace.name, before.recorded or trace.recorded
    trace.tags = list(dict.fromkeys([*before.tags, *trace.tags]))
    trace.metadata = {**before.metadata, **trace.metadata}
    trace.libraries = {**before.libraries, **trace.libraries}
    trace.passed_through = dict(sorted({**before.passed_through, **trace.passed_through}.items()))
    trace.uncaptured = sorted({*before.uncaptured, *trace.uncaptured})


def _is_sound(span: Span) -> bool:
    """Whether a call is worth going on from: an error may be what made its run fail."""
    outcome = span.exchange.outcome if span.exchange else None
    return not span.failed and (not isinstance(outcome, Response) or outcome.end == "complete")
