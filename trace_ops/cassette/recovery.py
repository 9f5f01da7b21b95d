"""A cassette from the journals of recorders that never came to write it."""

from __future__ import annotations

from datetime import datetime
from os import PathLike
from pathlib import Path

from trace_ops import _moments
from trace_ops.cassette.journal import JournalFile, unfinished
from trace_ops.cassette.model import Cassette
from trace_ops.cassette.numbering import renumbered
from trace_ops.trace import Trace


def recover(path: str | PathLike[str]) -> Cassette | None:
    """The spans of all unfinished journals of a cassette, one journal after the other; ``None`` if none."""
    journals = [journal for journal in unfinished(path) if journal.spans]
    if not journals:
        return None
    spans = renumbered(*(journal.spans for journal in journals))
    return Cassette(Trace(name=Path(path).stem, recorded=_started(journals[0]), spans=spans))


def _started(journal: JournalFile) -> datetime | None:
    started = journal.header.get("started")
    try:
        return _moments.read(started) if isinstance(started, str) else None
    except ValueError:
        return None
