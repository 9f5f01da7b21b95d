"""Where output goes: data to stdout, notes to stderr, and only what the receiver can show."""

from __future__ import annotations

import codecs
import errno
import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from typing import TextIO

    from rich.console import Console

_Item = TypeVar("_Item")

UNCUT = 10_000
"""The width to ask for where a pipe is to get each line whole."""

_MANY = 12
"""From this many items on, a terminal is shown how far the work is."""

_PLAIN = {
    "…": "~",
    "·": "-",
    "→": ">",
    "✓": "+",
    "✗": "x",
    "—": "-",
    "Σ": "sum",
    **dict(zip("▁▂▃▄▅▆▇█", "_.-=+*%#")),
}


def tolerate(*streams: TextIO) -> None:
    """Let streams take any text: what their encoding lacks is shown by something plain, never an error."""
    codecs.register_error("replay", _plainly)
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replay")


def stdout(piped_width: int = 120) -> Console:
    """The console for data; in a pipe, lines are cut or wrapped at ``piped_width``."""
    return _console(False, piped_width)


def stderr() -> Console:
    """The console for notes."""
    return _console(True)


def track(items: Iterable[_Item], what: str) -> Iterator[_Item]:
    """Pass items on; where there are many and a person watches, show a progress bar on stderr."""
    items = list(items)
    if len(items) < _MANY or not sys.stderr.isatty():
        yield from items
        return
    from rich.progress import track as bar

    yield from bar(items, what, console=stderr(), transient=True)


def _console(stderr: bool, piped_width: int = 120) -> Console:
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    stream = sys.stderr if stderr else sys.stdout
    piped = not stream.isatty() and not os.environ.get("COLUMNS")
    # With NO_COLOR alone, rich would still send bold and dim.
    colors: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Piped(
        stderr=stderr,
        width=piped_width if piped else None,
        color_system=colors,
        highlight=False,
        emoji=False,
        markup=False,
    )


def _plainly(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    bad = error.object[error.start : error.end]
    pieces = (_PLAIN.get(char) or char.encode("ascii", "backslashreplace").decode() for char in bad)
    return "".join(pieces), error.end
