"""Saving and loading cassettes, beside other recorders."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import _elsewhere, _peers
from benchmarks._report import Row, ratio
from benchmarks._scale import Scale
from benchmarks._timing import Timer, Times, times

TITLE = "Saving and loading a cassette"
HOW = """\
The same calls of about 2.6 kB, recorded by each recorder with its defaults and read back by it, each
time in a new process, in turn. *Save* is the end of a recording: from the last call until the file is
there. *Load* is from opening the file until the first call has been replayed; *first* with the cache of
parsed cassettes empty, *second* with the file unchanged since. A recorder that cannot do it is quoted."""

_ROUNDS = {1_000: 5, 10_000: 3}
_LINEAR = 11


def run(scale: Scale) -> Iterator[Row]:
    """Each size; then the larger beside the smaller."""
    seen: dict[int, _Round] = {}
    for calls in scale.files:
        found = seen[calls] = _Round(calls, scale.directory)
        for number in range(_ROUNDS[calls]):
            found.run(number)
        yield from _rows(found)
    small, *larger = seen.values()
    for large in larger:
        for what in ("save", "first load", "second load"):
            ours, theirs = large.of("TraceOps", what), small.of("TraceOps", what)
            rounds = min(len(ours.cpu.rounds), len(theirs.cpu.rounds))
            yield ratio(
                f"{what}, {large.calls:,} calls",
                ours.first(rounds).cpu,
                f"{small.calls:,} calls",
                theirs.first(rounds).cpu,
                _LINEAR,
            )


def _rows(found: _Round) -> Iterator[Row]:
    for what, peer, goal in (
        ("save", "vcrpy", 0.5),
        ("save", "cassetter", None),
        ("first load", "cassetter", 2.0),
        ("first load", "vcrpy", None),
        ("second load", "cassetter", 0.5),
        ("second load, same process", "cassetter", 0.5),
        ("second load", "vcrpy", None),
    ):
        label = f"{what}, {found.calls:,} calls"
        ours = found.of("TraceOps", what).cpu
        if peer in found.failed:
            yield Row(label, f"{ours.best:.3f} s", peer, found.failed[peer])
        else:
            # A peer that has no cache loads the same way each time.
            its = what if what == "save" else "first load"
            yield ratio(label, ours, peer, found.of(peer, its).cpu, goal)


class _Round:
    """What each recorder took with cassettes of one size."""

    def __init__(self, calls: int, directory: Path) -> None:
        self.calls = calls
        self.failed: dict[str, str] = {}
        self._directory = directory
        self._timers: dict[tuple[str, str], list[Timer]] = {}

    def of(self, name: str, what: str) -> Times:
        return times(self._timers[name, what])

    def run(self, number: int) -> None:
        for name in _peers.PEERS:
            path = self._directory / f"{name}-{self.calls}.yaml"
            path.unlink(missing_ok=True)
            cache = self._directory / f"cache-{self.calls}-{number}"
            ask = partial(self._ask, name, path, {"TRACE_OPS_CACHE_DIR": str(cache)})
            ask("save", "save")
            if name not in self.failed:
                ask("load", "first load", "warm")
            if name == "TraceOps":
                ask("load", "second load", "second load, same process")

    def _ask(self, name: str, path: Path, environ: Mapping[str, str], verb: str, *what: str) -> None:
        command = [sys.executable, "-m", "benchmarks._peers", verb, name, str(path), str(self.calls)]
        found: list[dict[str, Any]] = _elsewhere.ask(command, environ)
        for each, label in zip(found, what, strict=True):
            if "error" in each:
                self.failed[name] = each["error"].splitlines()[0]
                continue
            timer = Timer()
            timer.cpu, timer.wall = each["cpu"], each["wall"]
            self._timers.setdefault((name, label), []).append(timer)
