"""Why a call was not answered: the text of the miss error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from trace_ops.matching.canonical import Canonical
from trace_ops.matching.differences import Difference
from trace_ops.matching.index import Index
from trace_ops.trace import Span

_MAX_DIFFERENCES = 8
_MAX_GROUPS = 5
_MAX_VALUE = 64
_MAX_EXCERPT = 100
_MAX_LINE = 100
_MAX_WHOLE = 60
_CONTEXT = 24


def explain(index: Index, call: Canonical, hints: Iterable[str] = ()) -> str:
    """Say what was asked, how it differs from the nearest recorded call, and what to do (``hints``)."""
    equals = index.equals(call)
    lines = [_headline(call, "no recorded call is left" if equals else "no recorded call")]
    lines += _exhausted(equals) if equals else _different(index, call)
    return "\n  ".join([*lines, *hints])


def _headline(call: Canonical, problem: str) -> str:
    return f"{problem} for {call.group}" + (f" (model {call.model})" if call.model else "")


def _exhausted(equals: list[Span]) -> Iterator[str]:
    spans = f"span{'s' if len(equals) > 1 else ''} {_ellipsis([str(span.id) for span in equals])}"
    if len(equals) == 1:
        yield f"this call was recorded once ({spans}), and it was played already"
    else:
        yield f"this call was recorded {len(equals)} times ({spans}), and all were played already"


def _different(index: Index, call: Canonical) -> Iterator[str]:
    nearest = index.nearest(call)
    if nearest is None:
        groups = list(index.groups().items())
        yield f"no call to this endpoint was recorded{'; recorded were:' if groups else ', nor to any other'}"
        yield from (f"  {group} ({count})" for group, count in groups[:_MAX_GROUPS])
        if len(groups) > _MAX_GROUPS:
            yield f"  and {len(groups) - _MAX_GROUPS} more"
        return
    found = nearest.differences
    state = "already played" if nearest.played else "not played yet"
    count = f"{len(found)} difference{'' if len(found) == 1 else 's'}"
    yield f"nearest: span {nearest.span.id}, {state}, {count} (recorded -> now):"
    for difference in found[:_MAX_DIFFERENCES]:
        yield from (f"  {line}" for line in _lines(difference))
    if len(found) > _MAX_DIFFERENCES:
        yield f"  and {len(found) - _MAX_DIFFERENCES} more"


def describe(difference: Difference) -> str:
    """Put one difference on one line, long texts cut down to what changed."""
    place, (recorded, now) = difference.path, _sides(difference)
    if difference.kind == "added":
        return f"{place} added: {now}"
    if difference.kind == "removed":
        return f"{place} removed: {recorded}"
    return f"{place}: {recorded} -> {now}"


def _lines(difference: Difference) -> Iterator[str]:
    line = describe(difference)
    if difference.kind != "changed" or len(line) <= _MAX_LINE:
        yield line
        return
    # One above the other, what changed is seen at once.
    recorded, now = _sides(difference)
    yield f"{difference.path}:"
    yield f"     {recorded}"
    yield f"  -> {now}"


def _sides(difference: Difference) -> tuple[str, str]:
    recorded, now = difference.recorded, difference.now
    if isinstance(recorded, str) and isinstance(now, str):
        return _around_change(recorded, now)
    return _short(recorded), _short(now)


def _short(value: Any) -> str:
    text = _quoted(value)
    if len(text) <= _MAX_VALUE:
        return text
    return f"{text[:_MAX_VALUE]}… ({len(text):,} characters)"


def _around_change(recorded: str, now: str) -> tuple[str, str]:
    """Cut two texts down to where they differ, at white space, with a little of what surrounds it."""
    if max(len(recorded), len(now)) <= _MAX_WHOLE:
        return _quoted(recorded), _quoted(now)
    start = _common(recorded, now)
    end = _common(recorded[start:][::-1], now[start:][::-1])
    # Back to the beginning of the word that changed, then a few words more.
    start = _word_start(recorded, max(0, _word_start(recorded, start) - _CONTEXT))
    return _cut(recorded, start, len(recorded) - end), _cut(now, start, len(now) - end)


def _common(one: str, other: str) -> int:
    """The length of what both begin with."""
    pairs = zip(one, other, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _cut(text: str, start: int, end: int) -> str:
    end = _word_end(text, min(len(text), _word_end(text, end) + _CONTEXT))
    missing = end - start - _MAX_EXCERPT
    shown = text[start : start + _MAX_EXCERPT] if missing > 0 else text[start:end]
    left = "…" if start > 0 else ""
    right = "…" if missing > 0 or end < len(text) else ""
    return _quoted(f"{left}{shown}{right}")


def _word_start(text: str, position: int) -> int:
    for index in range(position, max(0, position - _CONTEXT), -1):
        if text[index - 1].isspace():
            return index
    return max(0, position - _CONTEXT)


def _word_end(text: str, position: int) -> int:
    for index in range(position, min(len(text), position + _CONTEXT)):
        if text[index].isspace():
            return index
    return min(len(text), position + _CONTEXT)


def _quoted(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    # JSON leaves in some characters that break lines or cannot be printed.
    return text if text.isprintable() else "".join(map(_printable, text))


def _printable(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1].replace("\x7f", "\\u007f")


def _ellipsis(names: list[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
