"""One cassette for several tests of a run, in one process or many.

Nothing is dropped from such a cassette while tests run: every test adds to what is there. What the run
as a whole no longer needs is dropped when it is over (:func:`settle`), if all the tests that use the
cassette took part and passed.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from trace_ops.pytest_plugin.outcome import Outcome, Unplayed
from trace_ops.pytest_plugin.paths import digest

if TYPE_CHECKING:
    from trace_ops.modes import Mode
    from trace_ops.trace import Span


class Seen(NamedTuple):
    """A cassette as the first test of the run that opened it found it: was it there, and its spans."""

    existed: bool
    spans: int


@dataclass
class FirstSight:
    """Remembers how cassettes were when the run first opened them.

    ``directory`` is where the workers of one run tell each other; ``None`` where there is one process.
    """

    directory: Path | None = None

    def __post_init__(self) -> None:
        self.known: dict[str, Seen] = {}

    def look(self, path: Path) -> Seen:
        """What the first opener of this run found; the caller is that one if nobody was before."""
        key = os.path.abspath(path)
        if key not in self.known:
            self.known[key] = _look(path) if self.directory is None else self._agree(key, path)
        return self.known[key]

    def _agree(self, key: str, path: Path) -> Seen:
        assert self.directory is not None
        note = self.directory / digest(key)
        if note.exists():
            return _read(note)
        found = _look(path)
        try:
            with open(note, "x", encoding="utf-8") as file:
                json.dump(found, file)
            return found
        except FileExistsError:
            return _read(note)


def _look(path: Path) -> Seen:
    from trace_ops import cassette

    return Seen(True, len(cassette.load(path).trace)) if path.exists() else Seen(False, 0)


def _read(note: Path) -> Seen:
    for _ in range(200):
        text = note.read_text(encoding="utf-8")
        if text.endswith("]"):
            existed, spans = json.loads(text)
            return Seen(existed, spans)
        time.sleep(0.005)  # another worker has just made the file and is about to write it
    raise RuntimeError(f"{note} was never written")


def mode_for(mode: Mode, seen: Seen) -> Mode:
    """The mode for one test among several on a cassette: as asked, but nothing is dropped meanwhile."""
    from trace_ops.modes import MODES, Unplayed

    if mode.name == "once" and seen.existed:
        return mode
    base = MODES["all"] if mode.name == "rewrite" else mode
    return replace(base, records_unknown=True, unplayed=Unplayed.KEEP)


def asks(span: Span) -> str:
    """What a recorded call asks, to tell its equals."""
    if span.exchange is None:
        return ""
    request = span.exchange.request
    body = request.body.raw if request.body else b""
    return digest(repr((span.exchange.provider, request.method, request.path, request.query, body)))


def never_played(outcomes: Iterable[Outcome]) -> set[int]:
    """The spans that each of these tests left unplayed."""
    left = [{call.span for call in outcome.unplayed} for outcome in outcomes]
    return set.intersection(*left) if left else set()


def left_unplayed(path: Path, outcomes: Sequence[Outcome]) -> list[Unplayed]:
    """The calls of a cassette that no test made, nor an equal one.

    Two tests that record the same call at the same time leave it twice, and both then play the first.
    """
    from trace_ops import cassette

    never = never_played(outcomes)
    if not never or not path.exists():
        return []
    spans = cassette.load(path).trace.spans
    played = {asks(span) for span in spans if span.exchange is not None and span.id not in never}
    missed = {span.id for span in spans if span.id in never and asks(span) not in played}
    return [call for call in outcomes[0].unplayed if call.span in missed]


def settle(path: Path, seen: Seen, outcomes: Sequence[Outcome], *, everyone: bool) -> None:
    """Drop from a cassette what this run replaced or no longer needs.

    ``everyone`` tells that all tests of the cassette took part and passed. Else only those old calls go
    that were recorded anew (modes ``all`` and ``rewrite``).
    """
    from trace_ops import cassette

    modes = {outcome.mode for outcome in outcomes}
    if not modes & {"update", "all", "rewrite"} or not seen.spans or not path.exists():
        return
    with cassette.lock(path):
        current = cassette.load(path)
        spans = current.trace.spans
        drop = _replaced(spans, seen.spans, outcomes, everyone, live=bool(modes & {"all", "rewrite"}))
        if drop:
            kept = [span for number, span in enumerate(spans, 1) if number not in drop]
            current.trace.spans = cassette.renumbered(kept)
            cassette.save(current, path)


def _replaced(
    spans: Sequence[Span], old: int, outcomes: Sequence[Outcome], everyone: bool, live: bool
) -> Collection[int]:
    if live and everyone:
        return range(1, old + 1)
    if live:
        anew = Counter(asks(span) for span in spans[old:])
        return {n for n, span in enumerate(spans[:old], 1) if span.exchange is not None and anew[asks(span)]}
    return {span for span in never_played(outcomes) if span <= old} if everyone else ()


def by_cassette(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """Outcomes of tests on shared cassettes, by cassette."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.shared:
            groups.setdefault(outcome.cassette, []).append(outcome)
    return groups
