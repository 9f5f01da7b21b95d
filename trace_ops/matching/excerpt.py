"""Values and texts on one line: quoted, nothing in them that steers a terminal, and cut at words."""

from __future__ import annotations

import json
from typing import Any

_MAX_VALUE = 64
_MAX_EXCERPT = 100
_MAX_WHOLE = 60
_CONTEXT = 24


def quoted(value: Any) -> str:
    """A value as JSON, whatever cannot be printed escaped."""
    return printable(json.dumps(value, ensure_ascii=False))


def printable(text: str) -> str:
    """A text with line breaks, control characters and the like as JSON escapes."""
    # JSON leaves in some characters that break lines or cannot be printed.
    return text if text.isprintable() else "".join(map(_printable, text))


def short(value: Any, limit: int = _MAX_VALUE) -> str:
    """The beginning of a value, and how long it is where that is not all."""
    text = quoted(value)
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text):,} characters)"


def around_change(one: str, other: str) -> tuple[str, str]:
    """Cut two texts down to where they differ, at white space, with a little of what surrounds it."""
    if max(len(one), len(other)) <= _MAX_WHOLE:
        return quoted(one), quoted(other)
    start = common_start(one, other)
    end = common_start(one[start:][::-1], other[start:][::-1])
    # Back to the beginning of the word that changed, then a few words more.
    start = words_before(one, word_start(one, start))
    return _cut(one, start, len(one) - end), _cut(other, start, len(other) - end)


def common_start(one: str, other: str) -> int:
    """The length of what both begin with."""
    pairs = zip(one, other, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def words_before(text: str, position: int, room: int = _CONTEXT) -> int:
    """Where the few words before a position begin."""
    return word_start(text, max(0, position - room))


def words_after(text: str, position: int, room: int = _CONTEXT) -> int:
    """Where the few words after a position end."""
    return word_end(text, min(len(text), position + room))


def word_start(text: str, position: int) -> int:
    """Where the word that a position is in begins; a very long word is cut."""
    for index in range(position, max(0, position - _CONTEXT), -1):
        if text[index - 1].isspace():
            return index
    return max(0, position - _CONTEXT)


def word_end(text: str, position: int) -> int:
    """Where the word that a position is in ends; a very long word is cut."""
    for index in range(position, min(len(text), position + _CONTEXT)):
        if text[index].isspace():
            return index
    return min(len(text), position + _CONTEXT)


def _cut(text: str, start: int, end: int) -> str:
    end = words_after(text, word_end(text, end))
    missing = end - start - _MAX_EXCERPT
    shown = text[start : start + _MAX_EXCERPT] if missing > 0 else text[start:end]
    left = "…" if start > 0 else ""
    right = "…" if missing > 0 or end < len(text) else ""
    return quoted(f"{left}{shown}{right}")


def _printable(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1].replace("\x7f", "\\u007f")
