"""A cassette from the journals of recorders that never came to write it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any

from trace_ops.cassette.journal import JournalFile, unfinished
from trace_ops.cassette.model import Cassette
from trace_ops.trace import Link, Span, Trace


def recover(path: str | PathLike[str]) -> Cassette | None:
    """The spans of all unfinished journals of a cassette, one journal after the other; ``None`` if none."""
    journals = [journal for journal in unfinished(path) if journal.spans]
    if not journals:
        return None
    spans: list[Span] = []
    for journal in journals:
        spans += _after(max((span.id for span in spans), default=0), journal.spans)
    return Cassette(Trace(name=Path(path).stem, recorded=_started(journals[0]), spans=spans))


def _after(last: int, spans: list[Span]) -> list[Span]:
    """The spans in start order, numbered on from another run; parents that did not end are left out."""
    there = {span.id for span in spans}
    return [
        replace(
            span,
            id=span.id + last,
            parent=None if span.parent not in there else span.parent + last,
            links=[Link(link.kind, link.to + last) for link in span.links if link.to in there],
        )
        for span in sorted(spans, key=lambda span: span.id)
    ]


def _started(journal: JournalFile) -> datetime | None:
    started: Any = journal.header.get("started")
    try:
        return datetime.fromisoformat(started)
    except (TypeError, ValueError):
        return None
