"""The lines of a diff on a terminal."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from trace_ops.cli._terminal import UNCUT, stdout
from trace_ops.diff.lines import Line, Style

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_STYLES: dict[Style, str] = {
    "clear": "bold green",
    "major": "bold red",
    "minor": "bold yellow",
    "heading": "bold",
    "text": "",
    "added": "green",
    "removed": "red",
    "context": "",
    "note": "dim",
}
_HEAD = re.compile(r" *(?:[-+…] )?")
_MOST_INDENT = 12


def show(console: Console, lines: Iterable[Line]) -> None:
    """Print lines; what does not fit goes on beneath its beginning."""
    for line in lines:
        for part in _wrapped(console, line):
            console.print(part, soft_wrap=True)


def for_git() -> Console:
    """The console of an external diff: git pages its output, and says so, and how wide the terminal is."""
    from rich.console import Console

    if not os.environ.get("GIT_PAGER_IN_USE") or os.environ.get("NO_COLOR"):
        return stdout(UNCUT)
    return Console(force_terminal=True, highlight=False, emoji=False, markup=False)


def styled(line: Line) -> Text:
    """A line in its colours, the words that changed marked; not if that is all of it."""
    from rich.text import Text

    text = Text(line.text, _STYLES[line.style])
    begin = _begin(line)
    for start, end in line.marks:
        if (start, end) != (begin, len(line.text)):
            text.stylize("bold reverse", start, end)
    return text


def _begin(line: Line) -> int:
    """Where what it says begins."""
    head = _HEAD.match(line.text)
    return head.end() if head else 0


def _wrapped(console: Console, line: Line) -> Iterable[Text]:
    from rich.text import Text

    text, begin = styled(line), _begin(line)
    if text.cell_len <= console.width:
        return [text]
    indent = min(begin + (0 if line.style in ("added", "removed", "context") else 2), _MOST_INDENT)
    lead, rest = text[:begin], text[begin:]
    wrapped = rest.wrap(console, max(20, console.width - indent))
    for part in wrapped:
        part.rstrip()
    first, *others = wrapped
    return [lead + first, *(Text(" " * indent) + other for other in others)]
