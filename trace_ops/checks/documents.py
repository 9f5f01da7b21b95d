"""What a retrieval gave back compared with what it gave before: documents by their ids, in their order."""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from trace_ops._plain import plain

ShiftKind = Literal["removed", "added", "re-ranked", "changed"]
_MEASURES = ("score", "distance")
# A store computes a score anew each time, and rounds it as the machine does.
_ROUNDING = 1e-6


class Shift(NamedTuple):
    """One document that came, went, changed or stands elsewhere; ranks count from 1."""

    kind: ShiftKind
    old_rank: int | None
    new_rank: int | None
    before: Any
    after: Any


def shifts(before: Sequence[Any], after: Sequence[Any]) -> list[Shift]:
    """What became of the documents: those gone in their order, then those of now in theirs.

    Documents are the same by their ``id``, those without one by all but their score. Scores that differ by
    no more than rounding are the same. A document is re-ranked if it passed others that stayed.
    """
    old, new = _keyed(before), _keyed(after)
    gone = [Shift("removed", rank, None, old[key], None) for rank, key in _ranked(old) if key not in new]
    places = {key: rank for rank, key in _ranked(old)}
    stayed = _in_order([places[key] for key in new if key in old])
    found = []
    for rank, key in _ranked(new):
        if key not in old:
            found.append(Shift("added", None, rank, None, new[key]))
        elif places[key] not in stayed:
            found.append(Shift("re-ranked", places[key], rank, old[key], new[key]))
        elif not _is_same(old[key], new[key]):
            found.append(Shift("changed", places[key], rank, old[key], new[key]))
    return [*gone, *found]


def counts(found: Sequence[Shift]) -> str:
    """``1 removed, 2 added, 1 re-ranked``."""
    counted = Counter(shift.kind for shift in found)
    kinds: tuple[ShiftKind, ...] = ("removed", "added", "re-ranked", "changed")
    return ", ".join(f"{counted[kind]} {kind}" for kind in kinds if counted[kind])


def called(document: Any) -> str:
    """What a document is called: its id, or its text where it has none."""
    if isinstance(document, Mapping):
        for name in ("id", "text", "page_content"):
            if document.get(name) is not None:
                return str(document[name])
    return document if isinstance(document, str) else text_of(document)


def text(document: Any) -> str:
    """The text of a document; empty where it has none."""
    if isinstance(document, Mapping):
        found = next((document[name] for name in ("text", "page_content") if document.get(name)), "")
        return found if isinstance(found, str) else text_of(found)
    return document if isinstance(document, str) else ""


def measure(document: Any) -> tuple[str, float] | None:
    """The score of a document, or else its distance, and which of the two it is."""
    for name in _MEASURES if isinstance(document, Mapping) else ():
        if _is_number(document.get(name)):
            return name, document[name]
    return None


def _keyed(documents: Sequence[Any]) -> dict[tuple[str, int], Any]:
    """The documents in their order; of those that are the same, each has a number."""
    seen: Counter[str] = Counter()
    found = {}
    for document in documents:
        key = _key(document)
        found[key, seen[key]] = document
        seen[key] += 1
    return found


def _key(document: Any) -> str:
    if not isinstance(document, Mapping):
        return text_of(document)
    if document.get("id") is not None:
        return text_of([document["id"], document.get("query")])
    return text_of({name: value for name, value in document.items() if name not in _MEASURES})


def _ranked(documents: Mapping[tuple[str, int], Any]) -> Iterator[tuple[int, tuple[str, int]]]:
    return enumerate(documents, 1)


def _in_order(numbers: Sequence[int]) -> set[int]:
    """The most of the numbers that ascend as they stand: a longest increasing subsequence."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        place = bisect_left(tails, number)
        before[number] = tails[place - 1] if place else None
        tails[place : place + 1] = [number]
    last = tails[-1] if tails else None
    found = set()
    while last is not None:
        found.add(last)
        last = before[last]
    return found


def _is_same(one: Any, other: Any) -> bool:
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return _same(one, other)
    bare = [{name: value for name, value in each.items() if name not in _MEASURES} for each in (one, other)]
    return _same(*bare) and all(_is_near(one.get(name), other.get(name)) for name in _MEASURES)


def _is_near(one: Any, other: Any) -> bool:
    if _is_number(one) and _is_number(other):
        return math.isclose(one, other, rel_tol=_ROUNDING, abs_tol=_ROUNDING)
    return _same(one, other)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON."""
    return text_of(one) == text_of(other)


def text_of(value: Any) -> str:
    """A text that is the same for equal values only."""
    return json.dumps(plain(value), sort_keys=True)
