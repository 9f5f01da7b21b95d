"""The parts of a cassette that show at a glance what the file is like."""

from __future__ import annotations

import re
from collections.abc import Iterator

_GAP = "…"


def excerpt(text: str) -> str:
    """The head of the file, how it asks first, and of its last call the messages and the streamed text."""
    lines = text.splitlines()
    spans = [n for n, line in enumerate(lines) if line.startswith("- span:")]
    calls = [n for n in spans if "  kind: llm" in lines[n : n + 6]]
    if not calls:
        return "\n".join(lines[:20])
    shown = [range(4)]
    shown += _block(lines, calls[0], r"    (system|messages):", 5)
    shown += [range(calls[-1], calls[-1] + 3)]
    shown += _block(lines, calls[-1], r"    messages:", 14)
    shown += _block(lines, calls[-1], r" +text: \|", 5)
    return "\n".join(_joined(lines, shown))


def _block(lines: list[str], start: int, pattern: str, most: int) -> Iterator[range]:
    """The first line that matches, with the line it belongs to and what is beneath it."""
    for n in range(start, len(lines)):
        if re.match(pattern, lines[n]):
            depth = _depth(lines[n])
            above = next(m for m in range(n, start - 1, -1) if _depth(lines[m]) < depth)
            below = n + 1
            while below < len(lines) and (
                _depth(lines[below]) > depth or lines[below].startswith(" " * depth + "- ")
            ):
                below += 1
            if above < n - 1:
                yield range(above, above + 1)
            yield range(above if above == n - 1 else n, min(below, n + most))
            return


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _joined(lines: list[str], shown: list[range]) -> Iterator[str]:
    end = 0
    for part in shown:
        if part.start > end:
            yield " " * _depth(lines[part.start]) + _GAP
        yield from (lines[n] for n in part if n < len(lines))
        end = part.stop
    if end < len(lines):
        yield _GAP
