"""The runs of a folder: which there are, under which key, and what has changed since somebody last asked."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from trace_ops.cassette.following import FollowedJournal
from trace_ops.errors import CassetteError
from trace_ops.ui.folder import Folder, Place
from trace_ops.ui.sources import FileSource, JournalSource, Source
from trace_ops.viewer import data
from trace_ops.viewer.bundle import Keys, bundle
from trace_ops.viewer.runs import Named, TraceView, head

_PAUSE_S = 0.3
"""A folder is looked at no more often than that, and no more than a tenth of the time."""
_READS_S = 0.25
"""After that long a time of reading, what was read so far is told."""


@dataclass(frozen=True)
class Entry:
    """A run or a broken cassette under its key. ``since`` is the revision in which it came to be so."""

    key: str
    source: Source
    since: int
    head: data.RunHead | None
    broken: data.Broken | None


class Index:
    """All runs of a folder. Safe to use from several threads.

    The key of a cassette is of what is newest: of the recording that goes on, else of the file. What else
    there is of the same cassette has a key that begins so.
    """

    def __init__(self, root: Path, title: str) -> None:
        self.title = title
        self._folder = Folder(root)
        self._lock = threading.Lock()
        self._instance = secrets.token_hex(4)
        self._revision = 0
        self._looked = -1e9
        self._took = 0.0
        self._files: dict[str, FileSource] = {}
        self._journals: dict[Path, JournalSource] = {}
        self._unread: dict[str, FileSource] = {}
        self._heads: dict[int, tuple[Source, str, data.RunHead | str]] = {}
        self._entries: dict[str, Entry] = {}
        self._gone: dict[str, int] = {}
        self._keys = Keys()
        self._key_of: dict[tuple[str, str], str] = {}

    # --- what there is to know

    def bundle(self) -> data.Bundle:
        """All runs that were read so far."""
        with self._lock:
            runs = [entry.head for entry in self._sorted() if entry.head is not None]
            return bundle(self.title, runs, library=self._library())

    def changes(self, since: str | None) -> data.Changes:
        """What has changed since an ``at`` that was told before; all there is, if that is not known."""
        with self._lock:
            instance, _, number = (since or "").partition(":")
            known = instance == self._instance and number.isdecimal() and int(number) <= self._revision
            last = int(number) if known else -1
            changed = [entry for entry in self._sorted() if entry.since > last]
            gone = [key for key, at in self._gone.items() if at > last]
            # What can be read no more is no run.
            gone += [entry.key for entry in changed if entry.head is None]
            return {
                "library": self._library(),
                "whole": not known,
                "runs": [entry.head for entry in changed if entry.head is not None],
                "gone": gone if known else [],
            }

    @property
    def at(self) -> str:
        """How far it was told of."""
        return f"{self._instance}:{self._revision}"

    def entry(self, key: str) -> Entry | None:
        """What has a key."""
        with self._lock:
            return self._entries.get(key)

    def open(self, key: str) -> TraceView | None:
        """A run with its steps; ``None`` if there is none. Raises :class:`CassetteError`."""
        entry = self.entry(key)
        if entry is None:
            return None
        source = entry.source
        # A journal must stand still meanwhile; a large cassette would keep everyone waiting.
        with self._lock if isinstance(source, JournalSource) else nullcontext():
            trace = source.trace()
            return TraceView(trace, named(source, key, trace.name))

    def entries(self) -> list[Entry]:
        """The runs, the newest first."""
        with self._lock:
            runs = [entry for entry in self._sorted() if entry.head is not None]
        return sorted(runs, key=_age, reverse=True)

    def _library(self) -> data.Library:
        broken = [entry.broken for entry in self._sorted() if entry.broken is not None]
        return {"at": self.at, "unread": len(self._unread), "broken": broken}

    def _sorted(self) -> list[Entry]:
        return sorted(self._entries.values(), key=lambda entry: (entry.source.place.name, entry.key))

    # --- how it is found out

    def refresh(self, *, at_once: bool = False) -> bool:
        """Look at the folder, and read for a moment what is new; whether there is more to read.

        Who comes too soon after another, and does not want it at once, changes nothing.
        """
        with self._lock:
            began = time.monotonic()
            soon = began - self._looked < max(_PAUSE_S, 10 * self._took)
            if soon and not (at_once or self._unread):
                return False
            found = self._folder.look()
            self._take_files(found)
            self._take_journals(found)
            self._looked = time.monotonic()
            self._took = self._looked - began
            self._read(self._looked + _READS_S)
            self._drop_journals(found)
            self._arrange(found)
            return bool(self._unread)

    def _take_files(self, found: dict[str, Place]) -> None:
        for known in (self._files, self._unread):
            for name in [name for name in known if name not in found or found[name].stamp is None]:
                del known[name]
        for name, place in found.items():
            latest = self._unread.get(name) or self._files.get(name)
            if place.stamp is not None and (latest is None or not latest.is_of(place)):
                self._unread[name] = FileSource(place, place.stamp)

    def _take_journals(self, found: dict[str, Place]) -> None:
        for place in found.values():
            for path, stamp in place.journals.items():
                source = self._journals.setdefault(path, JournalSource(place, FollowedJournal(path)))
                with suppress(OSError):  # gone since
                    source.follow(stamp)

    def _drop_journals(self, found: dict[str, Place]) -> None:
        """Forget the journals that are gone, but for one whose cassette has yet to be read."""
        there = {path for place in found.values() for path in place.journals}
        for path, source in list(self._journals.items()):
            if path not in there and source.place.name not in self._unread:
                del self._journals[path]

    def _read(self, until: float) -> None:
        """Read cassettes, the newest first; one that was read before is as it was until then."""
        for name in sorted(self._unread, key=lambda name: self._unread[name].written, reverse=True):
            source = self._unread[name]
            self._told(source)
            self._files[name] = source
            del self._unread[name]
            if time.monotonic() > until:
                return

    def _arrange(self, found: dict[str, Place]) -> None:
        """Say under which key each run is, and note what is another than before."""
        revision = self._revision + 1
        entries: dict[str, Entry] = {}
        for place in found.values():
            for at, (suffix, source) in enumerate(self._sources(place)):
                key = self._key(place.name, suffix if at else "")
                before = self._entries.get(key)
                told = self._told(source)
                if before is not None and before.source is source and _is_told(before, source.stamp):
                    entries[key] = before
                else:
                    entries[key] = _entry(key, source, revision, told)
        changed = [entry for entry in entries.values() if entry.since == revision]
        gone = self._entries.keys() - entries.keys()
        if changed or gone:
            self._revision = revision
            self._gone = {key: at for key, at in self._gone.items() if key not in entries}
            self._gone |= dict.fromkeys(sorted(gone), revision)
        self._entries = entries
        there = {id(entry.source) for entry in entries.values()}
        self._heads = {key: told for key, told in self._heads.items() if key in there}

    def _sources(self, place: Place) -> Iterator[tuple[str, Source]]:
        """What there is of a cassette, the newest first, each with what tells it from the others."""
        own = [source for _, source in sorted(self._journals.items()) if source.place.name == place.name]
        journals = [source for source in own if source.holds_steps]
        for source in journals:
            if source.running:
                yield _suffix(source), source
        file = self._files.get(place.name)
        if file is not None:
            yield "before", file
        for source in journals:
            if not source.running:
                yield _suffix(source), source

    def _key(self, name: str, suffix: str) -> str:
        if (name, suffix) not in self._key_of:
            wanted = f"{name}.{suffix}" if suffix else name
            self._key_of[name, suffix] = self._keys.take(wanted)
        return self._key_of[name, suffix]

    def _told(self, source: Source) -> data.RunHead | str:
        """What a list says of a run; or why it cannot be read."""
        known = self._heads.get(id(source))
        if known is not None and known[1] == source.stamp:
            return known[2]
        told: data.RunHead | str
        try:
            trace = source.trace()
            told = head(trace, named(source, "", trace.name))
        except CassetteError as error:
            told = _problem(error)
        self._heads[id(source)] = (source, source.stamp, told)
        return told


def named(source: Source, key: str, name: str = "") -> Named:
    """What a list says of a run beside what is in it."""
    title = name or source.place.path.stem
    return Named(key, title, source.place.name, source.verdict, source.running, source.stamp)


def _entry(key: str, source: Source, revision: int, told: data.RunHead | str) -> Entry:
    if isinstance(told, str):
        return Entry(key, source, revision, None, {"key": key, "path": source.place.name, "problem": told})
    return Entry(key, source, revision, {**told, "key": key}, None)


def _is_told(entry: Entry, stamp: str) -> bool:
    return entry.head is None or entry.head["stamp"] == stamp


def _problem(error: CassetteError) -> str:
    return error.problem if error.line is None else f"line {error.line}: {error.problem}"


def _suffix(source: JournalSource) -> str:
    """The process and the number of a recording, which its file is called by."""
    return source.journal.path.name.removesuffix(".journal").rpartition(".")[2]


def _age(entry: Entry) -> tuple[bool, str]:
    assert entry.head is not None
    return (entry.head["running"], entry.head["recorded"] or "")
