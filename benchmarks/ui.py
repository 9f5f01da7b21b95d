"""Listing a folder of cassettes in ``replay ui``, and looking at it again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import _agents
from benchmarks._report import Row, ratio
from benchmarks._scale import Scale
from benchmarks._timing import Timer, take_turns
from trace_ops import cassette
from trace_ops.ui.index import Index
from trace_ops.ui.search import Search

TITLE = "Listing a folder"
HOW = """\
`replay ui` over 1,000 cassettes of about ten steps each: until all are listed, beside reading the bytes of
the files and beside loading them as cassettes; what it does twice a second while somebody watches and nothing
changes, beside asking the system for the time and size of each file; the same when one cassette has changed,
beside reading that one file too; and a search for a word that every run has, the second time, beside reading
the files. Listing goes on in the background: the page shows what has been read so far."""

_FILES = 1_000
_STEPS = 10


def run(scale: Scale) -> Iterator[Row]:
    """Cold, warm, one changed, a search."""
    folder = scale.directory / "ui" / "cassettes"
    paths = _written(folder)
    rounds = max(3, scale.rounds // 20)
    index = _listed(folder)
    search = Search(index)
    _searched(search)
    cold = take_turns(
        {"list": partial(_list, folder), "read": partial(_read, paths), "load": partial(_load, paths)}, rounds
    )
    warm = take_turns(
        {
            "look": partial(_look, index),
            "stat": partial(_stat, folder),
            "changed": partial(_look_changed, index, paths[0]),
            "stat and read": partial(_stat_and_read, folder, paths[0]),
            "search": partial(_search, search),
            "read": partial(_read, paths),
        },
        rounds,
    )
    count = f"{_FILES:,} cassettes"
    yield ratio(f"{count}, listed", cold["list"].cpu, "files read", cold["read"].cpu)
    yield ratio(f"{count}, listed", cold["list"].cpu, "cassettes loaded", cold["load"].cpu, 1.5)
    yield ratio(f"{count}, looked at again", warm["look"].cpu, "files asked for", warm["stat"].cpu)
    yield ratio(
        f"{count}, one changed", warm["changed"].cpu, "asked for, one read", warm["stat and read"].cpu
    )
    yield ratio(f"{count}, searched again", warm["search"].cpu, "files read", warm["read"].cpu)


def _written(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    data = cassette.dumps(cassette.Cassette(_agents.trace(_STEPS)))
    paths = [folder / f"group{number % 20}" / f"test_{number}.yaml" for number in range(_FILES)]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return paths


def _listed(folder: Path) -> Index:
    index = Index(folder, "cassettes")
    while index.refresh(at_once=True):
        pass
    assert len(index.bundle()["runs"]) == _FILES
    return index


def _list(folder: Path, timer: Timer) -> None:
    with timer.of(collector=True):
        _listed(folder)


def _read(paths: list[Path], timer: Timer) -> None:
    with timer.of(collector=True):
        for path in paths:
            path.read_bytes()


def _load(paths: list[Path], timer: Timer) -> None:
    with timer.of(collector=True):
        for path in paths:
            cassette.load(path)


def _look(index: Index, timer: Timer) -> None:
    with timer.of(collector=True):
        index.refresh(at_once=True)


def _look_changed(index: Index, path: Path, timer: Timer) -> None:
    before = index.changes(None)["library"]["at"]
    path.write_bytes(path.read_bytes())
    with timer.of(collector=True):
        index.refresh(at_once=True)
    assert len(index.changes(before)["runs"]) == 1


def _stat(folder: Path, timer: Timer) -> None:
    with timer.of(collector=True):
        _asked_for(folder)


def _stat_and_read(folder: Path, path: Path, timer: Timer) -> None:
    with timer.of(collector=True):
        _asked_for(folder)
        path.read_bytes()


def _asked_for(folder: Path) -> int:
    size = 0
    for directory, _, names in os.walk(folder):
        for name in names:
            size += os.stat(f"{directory}/{name}").st_size
    return size


def _searched(search: Search) -> None:
    start: int | None = 0
    while start is not None:
        start = search.find("berth", start)["next"]


def _search(search: Search, timer: Timer) -> None:
    with timer.of(collector=True):
        _searched(search)
