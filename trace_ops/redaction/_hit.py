"""One secret found in a text."""

from __future__ import annotations

from typing import NamedTuple

from trace_ops.redaction._placeholder import PLACEHOLDER


class Hit(NamedTuple):
    """``text[start:end]`` is a secret of a kind and is to be written as ``placeholder``."""

    start: int
    end: int
    kind: str
    placeholder: str


def claimed(text: str) -> list[tuple[int, int]]:
    """The spans of the placeholders already in a text: nothing is ever found inside them."""
    return [match.span() for match in PLACEHOLDER.finditer(text)] if "<" in text else []


def apply(text: str, hits: list[Hit]) -> str:
    """The text with each hit (sorted, apart from one another) replaced."""
    pieces: list[str] = []
    done = 0
    for hit in hits:
        pieces += (text[done : hit.start], hit.placeholder)
        done = hit.end
    pieces.append(text[done:])
    return "".join(pieces)
