"""The leaves in which two requests differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from trace_ops.matching.similarity import likeness, tokens

DifferenceKind = Literal["changed", "added", "removed"]

# Alignment compares every item with every other; beyond this, items are compared by position.
_MAX_PAIRS = 100_000
_MAX_LIKENESS_PAIRS = 400


@dataclass(frozen=True)
class Difference:
    """One place in which a call is not the recorded one.

    ``path`` is dotted, as ``ignore`` takes it; places outside the body are in parentheses. The side that
    has nothing there is ``None`` (see ``kind``).
    """

    path: str
    recorded: Any
    now: Any
    kind: DifferenceKind = "changed"


def differences(recorded: Any, now: Any, path: str = "") -> list[Difference]:
    """List where two JSON values differ; an item put into or taken out of a list is one difference."""
    return list(_differences(recorded, now, path))


def _differences(recorded: Any, now: Any, path: str) -> Iterator[Difference]:
    if isinstance(recorded, dict) and isinstance(now, dict):
        for key in [*recorded, *(key for key in now if key not in recorded)]:
            place = _join(path, key)
            if key not in now:
                yield Difference(place, recorded[key], None, "removed")
            elif key not in recorded:
                yield Difference(place, None, now[key], "added")
            else:
                yield from _differences(recorded[key], now[key], place)
    elif isinstance(recorded, list) and isinstance(now, list):
        yield from _in_list(recorded, now, path)
    elif type(recorded) is not type(now) or recorded != now:
        yield Difference(path, recorded, now)


def _in_list(recorded: list[Any], now: list[Any], path: str) -> Iterator[Difference]:
    for old, new in _aligned(recorded, now):
        if new is None:
            assert old is not None
            yield Difference(_join(path, old), recorded[old], None, "removed")
        elif old is None:
            yield Difference(_join(path, new), None, now[new], "added")
        else:
            yield from _differences(recorded[old], now[new], _join(path, new))


def _join(path: str, step: str | int) -> str:
    return f"{path}.{step}" if path else str(step)


def _aligned(recorded: list[Any], now: list[Any]) -> Iterator[tuple[int | None, int | None]]:
    """Pair the indexes of the items that correspond; equal ones at both ends are left out."""
    old, new = [_text(item) for item in recorded], [_text(item) for item in now]
    start, shorter = 0, min(len(old), len(new))
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    old_end, new_end = len(old) - end, len(new) - end
    if (old_end - start) * (new_end - start) > _MAX_PAIRS:
        yield from _by_position(start, old_end, start, new_end)
        return
    matcher = SequenceMatcher(None, old[start:old_end], new[start:new_end], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            yield from _by_likeness(recorded, now, (start + a, start + b, start + c, start + d))


def _by_likeness(
    recorded: list[Any], now: list[Any], block: tuple[int, int, int, int]
) -> Iterator[tuple[int | None, int | None]]:
    """Pair the items of a block, in order, so that the pairs have most in common."""
    a, b, c, d = block
    rows, columns = b - a, d - c
    if rows == columns == 1 or rows * columns > _MAX_LIKENESS_PAIRS:
        yield from _by_position(a, b, c, d)
        return
    old, new = [tokens(item) for item in recorded[a:b]], [tokens(item) for item in now[c:d]]
    likenesses = [[likeness(one, other) for other in new] for one in old]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in reversed(range(rows)):
        for column in reversed(range(columns)):
            paired = likenesses[row][column] + best[row + 1][column + 1]
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])
    row = column = 0
    while row < rows and column < columns:
        if best[row][column] == likenesses[row][column] + best[row + 1][column + 1]:
            yield a + row, c + column
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            yield a + row, None
            row += 1
        else:
            yield None, c + column
            column += 1
    yield from _by_position(a + row, b, c + column, d)


def _by_position(a: int, b: int, c: int, d: int) -> Iterator[tuple[int | None, int | None]]:
    common = min(b - a, d - c)
    yield from ((a + offset, c + offset) for offset in range(common))
    yield from ((index, None) for index in range(a + common, b))
    yield from ((None, index) for index in range(c + common, d))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
