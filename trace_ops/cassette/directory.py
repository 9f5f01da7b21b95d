"""The cassettes in a directory, told by their first lines."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_SUFFIXES = (".yaml", ".yml")
_JOURNAL = re.compile(r"(?P<cassette>.+)\.\d+-\d+\.journal")
_HEAD = re.compile(
    rb"version: \d+\r?\n(?:name|recorded|with|captured|passed_through|uncaptured|tags|metadata|totals"
    rb"|scrubbed|spans):"
)
_SKIPPED = {"node_modules", "__pycache__", "site-packages"}


def cassettes(paths: Iterable[str]) -> list[Path]:
    """The cassettes named, and those in the directories named, in order and each once.

    In a directory everything counts that begins like a cassette, and beneath a directory called
    ``cassettes`` every YAML file. Where only the journal of an unfinished recording is there, its cassette
    counts, though it is not there.
    """
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        if path.is_dir():
            found |= dict.fromkeys(sorted(_within(path)))
        else:
            found[path] = None
    return list(found)


def files(directory: Path) -> Iterator[os.DirEntry[str]]:
    """The files of a directory and of those beneath it, but for hidden ones and those of installed packages.

    A directory that cannot be read is left out.
    """
    waiting = [os.fspath(directory)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            if not entry.is_dir():
                yield entry
            elif not (entry.is_symlink() or entry.name.startswith(".") or entry.name in _SKIPPED):
                waiting.append(entry.path)


def journaled(name: str) -> str | None:
    """The name of the cassette that a journal is of; ``None`` for the name of any other file."""
    journal = _JOURNAL.fullmatch(name)
    return journal["cassette"] if journal else None


def may_be_cassette(name: str) -> bool:
    """Whether a file is called as a cassette is."""
    return name.endswith(_SUFFIXES)


def is_cassette(path: Path) -> bool:
    """Whether a file called so is a cassette: by the directory that it is in, else by how it begins."""
    return "cassettes" in path.parent.resolve().parts or _begins_as_one(path)


def _within(directory: Path) -> Iterator[Path]:
    inside = "cassettes" in directory.resolve().parts
    for entry in files(directory):
        path = Path(entry.path)
        cassette = journaled(entry.name)
        if cassette is not None:
            yield path.with_name(cassette)
        elif may_be_cassette(entry.name):
            within = inside or "cassettes" in path.relative_to(directory).parts[:-1]
            if within or _begins_as_one(path):
                yield path


def _begins_as_one(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return bool(_HEAD.match(file.read(200)))
    except OSError:
        return False
