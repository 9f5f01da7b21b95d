"""Runs as one HTML file: it opens from a disk, loads nothing from anywhere, and can be passed on."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Protocol, TypeAlias, cast, runtime_checkable

from trace_ops import cassette
from trace_ops._figures import count
from trace_ops.cassette.atomic import write_atomically
from trace_ops.cassette.directory import cassettes
from trace_ops.diff import diff_traces
from trace_ops.errors import UsageError
from trace_ops.redaction import Scrubber, scrub_span
from trace_ops.trace import Trace
from trace_ops.viewer.page import page
from trace_ops.viewer.shelf import Shelf


@runtime_checkable
class HasTrace(Protocol):
    """What has a trace: a recorder, a replayer, a cassette that was loaded."""

    @property
    def trace(self) -> Trace:
        """What happened in the run, so far."""


Source: TypeAlias = Trace | HasTrace | str | PathLike[str]


@dataclass(frozen=True)
class Entry:
    """A run to show; ``place`` is where its cassette stands in the directory that was named."""

    trace: Trace
    name: str
    path: Path | None = None
    place: str | None = None


def generate_html_report(
    source: Source | Iterable[Source],
    path: str | PathLike[str],
    *,
    compare: Source | None = None,
    title: str | None = None,
) -> Path:
    """Write runs into one HTML file, and return its path.

    ``source`` is a :class:`~trace_ops.Trace`, a recorder or replayer, the path of a cassette or of a
    directory of them, or several of these. ``compare`` is what each run is compared with, as the one it came
    from: a run, or a directory in which the cassette of the same name is it. Secrets are taken out of what
    comes from no cassette. Raises :class:`CassetteError` for a cassette that cannot be read, and
    :class:`OSError` for a file that cannot be written; what was there then stays as it was.
    """
    entries = [entry for each in _several(source) for entry in _entries(each)]
    others = [] if compare is None else list(_entries(compare))
    by_place = isinstance(compare, (str, PathLike)) and Path(compare).is_dir()
    return write(shelf_of(entries, others, by_place=by_place), path, title)


def shelf_of(
    entries: Sequence[Entry],
    others: Sequence[Entry] = (),
    *,
    by_place: bool = False,
    only_changed: bool = False,
) -> Shelf:
    """Runs, and their comparisons with others: with each of them, or with the one in the same place.

    With ``only_changed``, those that differ from no other are left out.
    """
    shelf = Shelf()
    added: dict[int, str] = {}
    for entry in entries:
        diffs = {
            at: diff_traces(other.trace, entry.trace)
            for at, other in enumerate(others)
            if not by_place or other.place == entry.place
        }
        if only_changed and diffs and not any(diffs.values()):
            continue
        key = _add(shelf, entry)
        for at, diff in diffs.items():
            if at not in added:
                added[at] = _add(shelf, others[at])
            shelf.compare(diff, added[at], key)
    return shelf


def write(shelf: Shelf, path: str | PathLike[str], title: str | None = None) -> Path:
    """Write a page of what was put together."""
    if not shelf.runs:
        raise UsageError("there is no run to report")
    heading = title or (shelf.runs[0]["name"] if len(shelf.runs) == 1 else count(len(shelf.runs), "run"))
    write_atomically(path, b"".join(page(shelf.pieces(heading))))
    return Path(path)


def _several(source: Source | Iterable[Source]) -> Iterable[Source]:
    # A trace can be gone through too, step by step.
    is_one = isinstance(source, (str, PathLike, Trace, HasTrace))
    return cast("Iterable[Source]", [source] if is_one else source)


def _entries(source: Source) -> Iterator[Entry]:
    if isinstance(source, (str, PathLike)):
        given = Path(source)
        for file in cassettes([os.fspath(given)]):
            place = file.relative_to(given).as_posix() if given.is_dir() else file.name
            yield Entry(cassette.load(file).trace, file.stem, file, place)
    elif isinstance(source, Trace):
        yield Entry(_without_secrets(source, Scrubber.from_environment()), "run")
    else:
        # A recorder knows of secrets that its options name.
        tape = getattr(source, "tape", None)
        scrubber = Scrubber.from_environment() if tape is None else tape.scrubber
        yield Entry(_without_secrets(source.trace, scrubber), "run")


def _without_secrets(trace: Trace, scrubber: Scrubber) -> Trace:
    return replace(
        trace,
        name=scrubber.text(trace.name),
        tags=scrubber.value(trace.tags),
        metadata=scrubber.value(trace.metadata),
        spans=[scrub_span(span, scrubber) for span in trace.spans],
    )


def _add(shelf: Shelf, entry: Entry) -> str:
    path = None if entry.path is None else _shown(entry.path)
    return shelf.add(entry.trace, entry.trace.name or entry.name, path)


def _shown(path: Path) -> str:
    """A path as it is found from here."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return str(path)
