"""Which cassettes and journals a folder holds, looked at again and again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from trace_ops.cassette.directory import files, is_cassette, journaled, may_be_cassette

Stamp: TypeAlias = tuple[int, int, int]
"""When a file was written, its size, and which file it is: another stamp is another content."""


@dataclass
class Place:
    """A cassette by where it stands; ``stamp`` is ``None`` where only journals of it are there."""

    name: str
    path: Path
    stamp: Stamp | None = None
    is_outside: bool = False
    journals: dict[Path, Stamp] = field(default_factory=dict)


@dataclass(frozen=True)
class _Seen:
    """A file as it was when it was last looked into."""

    stamp: Stamp
    path: Path
    name: str
    is_cassette: bool
    is_outside: bool


class Folder:
    """A folder. What was found out about a file holds until the file changes."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._seen: dict[str, _Seen] = {}

    def look(self) -> dict[str, Place]:
        """The cassettes there are now, by their paths within the folder."""
        found: dict[str, Place] = {}
        seen: dict[str, _Seen] = {}
        for entry in files(self.root):
            cassette = journaled(entry.name)
            if cassette is None and not may_be_cassette(entry.name):
                continue
            for stamp in _stamps(entry):
                if cassette is not None:
                    path = Path(entry.path)
                    self._place(found, path.with_name(cassette)).journals[path] = stamp
                    continue
                told = self._seen.get(entry.path)
                if told is None or told.stamp != stamp:
                    told = self._told(entry, stamp)
                seen[entry.path] = told
                if told.is_cassette:
                    place = found.setdefault(told.name, Place(told.name, told.path))
                    place.stamp, place.is_outside = stamp, told.is_outside
        self._seen = seen
        return dict(sorted(found.items()))

    def _told(self, entry: os.DirEntry[str], stamp: Stamp) -> _Seen:
        path = Path(entry.path)
        name = path.relative_to(self.root).as_posix()
        return _Seen(stamp, path, name, is_cassette(path), self._is_outside(entry))

    def _place(self, found: dict[str, Place], path: Path) -> Place:
        name = path.relative_to(self.root).as_posix()
        return found.setdefault(name, Place(name, path))

    def _is_outside(self, entry: os.DirEntry[str]) -> bool:
        """Whether a link leads out of the folder."""
        return entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(self.root)


def _stamps(entry: os.DirEntry[str]) -> Iterator[Stamp]:
    """The stamp of a file; none if it is gone."""
    try:
        status = os.stat(entry.path)
    except OSError:
        return
    yield (status.st_mtime_ns, status.st_size, status.st_ino)
