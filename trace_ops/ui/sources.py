"""What a run is read from: a cassette, or a journal that is still written."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from trace_ops import _moments, cassette
from trace_ops._summarise import summarise
from trace_ops.cassette.following import FollowedJournal
from trace_ops.errors import CassetteError
from trace_ops.trace import Span, Trace
from trace_ops.ui.folder import Place, Stamp

_OUTSIDE = "it is a link that leads out of this folder, and is not followed"


class Source(Protocol):
    """Something that holds a run."""

    place: Place

    @property
    def stamp(self) -> str:
        """Another whenever the run is."""

    @property
    def running(self) -> bool:
        """Whether the run is not over."""

    @property
    def verdict(self) -> str | None:
        """How a recording ended that came to no cassette."""

    def trace(self) -> Trace:
        """The run as it is now; raises :class:`CassetteError`."""


class FileSource:
    """A cassette at one moment."""

    running = False
    verdict = None

    def __init__(self, place: Place, written: Stamp) -> None:
        self.place = place
        self.written = written
        self.stamp = "-".join(f"{number:x}" for number in written)

    def is_of(self, place: Place) -> bool:
        """Whether the file is still the same."""
        return self.written == place.stamp

    def trace(self) -> Trace:
        """The run; raises :class:`CassetteError`."""
        if self.place.is_outside:
            raise CassetteError(_OUTSIDE, path=self.place.path)
        return cassette.load(self.place.path).trace


class JournalSource:
    """A recording that goes on, or that ended without a cassette."""

    def __init__(self, place: Place, journal: FollowedJournal) -> None:
        self.place = place
        self.journal = journal
        self._looked_at: Stamp | None = None
        self._summed: tuple[int, int] = (0, 0)

    @property
    def stamp(self) -> str:
        """Another whenever something was written, or the writer has ended."""
        return f"{self.journal.path.name}-{self.journal.version}"

    @property
    def running(self) -> bool:
        """Whether somebody still writes it."""
        return not self.journal.is_over

    @property
    def verdict(self) -> str | None:
        """How the recording ended."""
        return None if self.running else self.journal.found.outcome

    def follow(self, written: Stamp) -> None:
        """Read on; raises :class:`OSError`."""
        # Who writes may end without another word, so that a file that stays as it is has to be looked at too.
        if written != self._looked_at or not self.journal.is_over:
            self.journal.read_on()
            self._looked_at = written

    @property
    def holds_steps(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.journal.found.spans or (self.running and self.journal.found.running))

    def trace(self) -> Trace:
        """The steps so far, with the ids that they have while they are recorded."""
        found = self.journal.found
        self._summarise(found.spans)
        steps = [*found.spans, *(found.running.values() if self.running else ())]
        ids = {span.id for span in steps}
        spans = [
            span if span.parent is None or span.parent in ids else replace(span, parent=None)
            for span in sorted(steps, key=lambda span: span.id)
        ]
        return Trace(name=self.place.path.stem, recorded=self._began(spans), spans=spans)

    def _summarise(self, spans: list[Span]) -> None:
        """A journal has what went over the wire, and not yet what it says of tokens and cost."""
        which, done = self._summed
        for span in spans[done if which == id(spans) else 0 :]:
            summarise(span)
        self._summed = (id(spans), len(spans))

    def _began(self, spans: list[Span]) -> datetime | None:
        """When the run began: the journal is opened as the first of its steps begins."""
        started = self.journal.found.header.get("started")
        try:
            moment = _moments.read(started) if isinstance(started, str) else None
            first = min((span.start_ms for span in spans), default=0.0)
            return None if moment is None else moment - timedelta(milliseconds=first)
        except (ValueError, OverflowError):
            return None
