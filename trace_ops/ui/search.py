"""What is said in all runs: messages, inputs, outputs, errors; and steps by what is known of them."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from trace_ops.errors import CassetteError
from trace_ops.filters import Filter, Pattern, Subject, Text, parse, subjects
from trace_ops.ui.index import Entry, Index
from trace_ops.viewer import data
from trace_ops.viewer.steps import one_line

_WHILE_S = 0.3
"""After that long a time, what was found so far is told."""
_HITS = 3
_AROUND = 60
_MOST_CHARACTERS = 100_000_000
"""So much text is held to be searched again; what was searched longest ago is dropped."""


@dataclass(frozen=True)
class _Said:
    """A run as it is searched; ``everything`` is its text once, in lower case."""

    steps: tuple[Subject, ...]
    everything: str

    @classmethod
    def of(cls, steps: Iterator[Subject]) -> _Said:
        held = []
        # In a conversation that goes on, each step says again what those before it said.
        once: dict[str, None] = {}
        for step in steps:
            texts = tuple(step.texts())
            held.append(_held(step, texts, step.reasons()))
            once |= dict.fromkeys(_around(step.span))
            once |= dict.fromkeys(texts)
        return cls(tuple(held), "\n".join(once).lower())

    def may_hold(self, wanted: Filter) -> bool:
        """Whether the texts that are asked for stand anywhere; to look at each step takes longer."""
        asked = [term.condition for term in wanted.terms if not term.negated]
        return all(each.pattern.within(self.everything) for each in asked if isinstance(each, Text))


def _held(step: Subject, texts: tuple[str, ...], reasons: bool) -> Subject:
    """A step that needs its run no more."""
    return Subject(step.span, step.links, lambda: texts, lambda: reasons)


class Search:
    """Searches the runs of an index. Safe to use from several threads."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], _Said] = OrderedDict()
        self._characters = 0

    def find(self, text: str, start: int = 0) -> data.Findings:
        """Search for a moment, from a run on; raises :class:`~trace_ops.filters.FilterError`."""
        wanted = parse(text)
        entries = self._index.entries()
        until = time.monotonic() + _WHILE_S
        found: list[data.Found] = []
        at = min(max(start, 0), len(entries))
        with self._lock:
            while at < len(entries) and wanted.terms:
                hits = self._hits(entries[at], wanted)
                at += 1
                if hits is not None:
                    found.append(hits)
                if time.monotonic() > until:
                    break
        over = at >= len(entries) or not wanted.terms
        return {"found": found, "searched": at, "of": len(entries), "next": None if over else at}

    def _hits(self, entry: Entry, wanted: Filter) -> data.Found | None:
        said = self._said(entry)
        if said is None or not said.may_hold(wanted):
            return None
        steps = [step for step in said.steps if wanted.fits(step)]
        if not steps:
            return None
        pattern = _looked_for(wanted)
        return {
            "key": entry.key,
            "steps": len(steps),
            "hits": _first(steps, pattern),
        }

    def _said(self, entry: Entry) -> _Said | None:
        place = (entry.key, entry.source.stamp)
        said = self._kept.pop(place, None)
        if said is None:
            try:
                view = self._index.open(entry.key)
            except CassetteError:  # broken since it was read: the list will say so
                return None
            if view is None:
                return None
            said = _Said.of(subjects(view))
            self._characters += len(said.everything)
        self._kept[place] = said
        while self._characters > _MOST_CHARACTERS and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._characters -= len(dropped.everything)
        return said


def _looked_for(wanted: Filter) -> Pattern | None:
    """The first text that is asked for."""
    asked = (term.condition for term in wanted.terms if not term.negated)
    return next((each.pattern for each in asked if isinstance(each, Text)), None)


def _first(steps: list[Subject], pattern: Pattern | None) -> list[data.Hit]:
    """The first steps that were found, of those that say the same the first."""
    hits: dict[tuple[str, str, str], data.Hit] = {}
    for step in steps:
        hit = _hit(step, pattern)
        hits.setdefault((hit["before"], hit["hit"], hit["after"]), hit)
        if len(hits) == _HITS:
            break
    return list(hits.values())


def _hit(step: Subject, pattern: Pattern | None) -> data.Hit:
    """A step, with the text that was looked for and what stands around it; else with its line."""
    span = step.span
    before, hit, after = "", "", span["preview"]
    if pattern is not None:
        said = next(filter(pattern.within, (*step.texts(), *_around(span))), "")
        before, hit, after = _cut(said, pattern)
    return {
        "span": span["id"],
        "kind": span["kind"],
        "label": span["label"],
        "before": before,
        "hit": hit,
        "after": after,
    }


def _cut(text: str, pattern: Pattern) -> tuple[str, str, str]:
    piece = max(pattern.pieces, key=len)
    small = text.lower()
    # Some letters are longer in lower case: then their places are those in the other text.
    shown = text if len(small) == len(text) else small
    start = small.find(piece)
    end = start + len(piece)
    begins = max(0, start - _AROUND)
    head = ("…" if begins else "") + shown[begins:start]
    tail = shown[end : end + 2 * _AROUND] + ("…" if end + 2 * _AROUND < len(shown) else "")
    return one_line(f".{head}.", 400)[1:-1], one_line(shown[start:end], 200), one_line(f".{tail}.", 400)[1:-1]


def _around(span: data.Span) -> Iterator[str]:
    yield from dict.fromkeys((span["name"], span["label"]))
    if span["error"] is not None:
        yield from (span["error"]["type"], span["error"]["message"])
