"""A trajectory on one line: what repeats is written once, what matters is marked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from trace_ops.checks.steps import Step
from trace_ops.matching import excerpt

_MAX_BLOCK = 4
"""Longer blocks that repeat are not looked for."""

_MAX_SHOWN = 24
_AROUND = 3


def folded(steps: Sequence[Step], marked: Collection[int] = ()) -> str:
    """``llm:gpt-5 -> [tool:search x12] -> llm:gpt-5``: steps of marked spans stand in brackets.

    A block of steps that repeats is written once: ``(llm:gpt-5 -> tool:search) x3``. Of a long run, its
    ends and what is around the marked steps is shown.
    """
    words = [(printable(step.label), step.span.id in marked) for step in steps]
    pieces = list(_pieces(words))
    return " -> ".join(_cut(pieces)) if pieces else "no steps"


def printable(text: str, limit: int = 80) -> str:
    """A name on one line, cut, with escapes for characters that could steer a terminal."""
    plain = excerpt.printable(text[: limit + 1])
    return plain if len(plain) <= limit else f"{plain[: limit - 1]}…"


def _pieces(words: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    at = 0
    while at < len(words):
        size, times = _block(words, at)
        block = words[at : at + size]
        yield _written(block, times), any(mark for _, mark in block)
        at += size * times


def _written(block: Sequence[tuple[str, bool]], times: int) -> str:
    """A block with its marked steps in brackets, or all of it."""
    whole = all(mark for _, mark in block)
    text = " -> ".join(f"[{word}]" if mark and not whole else word for word, mark in block)
    if times > 1:
        text = f"({text}) x{times}" if len(block) > 1 else f"{text} x{times}"
    return f"[{text}]" if whole else text


def _block(words: Sequence[tuple[str, bool]], at: int) -> tuple[int, int]:
    """The block that begins here and stands for most steps, and how often it repeats."""
    best, covered = (1, 1), 1
    for size in range(1, _MAX_BLOCK + 1):
        block, times = words[at : at + size], 1
        while words[at + times * size : at + (times + 1) * size] == block:
            times += 1
        if times >= (2 if size == 1 else 3) and size * times > covered:
            best, covered = (size, times), size * times
    return best


def _cut(pieces: Sequence[tuple[str, bool]]) -> Iterator[str]:
    if len(pieces) <= _MAX_SHOWN:
        yield from (text for text, _ in pieces)
        return
    shown = {*range(_AROUND), *range(len(pieces) - _AROUND, len(pieces))}
    for index, (_, marked) in enumerate(pieces):
        if marked and len(shown) < _MAX_SHOWN:
            shown |= set(range(max(0, index - 1), min(len(pieces), index + 2)))
    last = -1
    for index in sorted(shown):
        if index > last + 1:
            yield f"... {index - last - 1} more ..."
        yield pieces[index][0]
        last = index
