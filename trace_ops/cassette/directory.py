"""The cassettes in a directory, told by their first lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_SUFFIXES = (".yaml", ".yml")
_JOURNAL = re.compile(r"(?P<cassette>.+)\.\d+-\d+\.journal")
_HEAD = re.compile(
    rb"version: \d+\r?\n(?:name|recorded|with|tags|metadata|totals|scrubbed|uncaptured|spans):"
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


def _within(directory: Path) -> Iterator[Path]:
    inside = "cassettes" in directory.resolve().parts
    for path in directory.rglob("*"):
        parts = path.relative_to(directory).parts
        if any(part.startswith(".") or part in _SKIPPED for part in parts[:-1]):
            continue
        journal = _JOURNAL.fullmatch(path.name)
        if journal:
            yield path.with_name(journal["cassette"])
        elif path.suffix in _SUFFIXES and (inside or "cassettes" in parts[:-1] or _is_cassette(path)):
            yield path


def _is_cassette(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return bool(_HEAD.match(file.read(200)))
    except OSError:
        return False
