"""Which tape is active for the code that runs now, and which span it runs in.

A tape is found through the context (tasks and ``asyncio.to_thread`` inherit it) and, where no context
reaches, such as in plain threads, as the innermost tape that was opened for the whole process.
Closed tapes are passed over wherever they are still referred to, so tapes close in any order and in any
context.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Literal

from trace_ops._warn import warn

if TYPE_CHECKING:
    from trace_ops.tape import Tape

Scope = Literal["global", "context"]

_own: ContextVar[tuple[Tape, ...]] = ContextVar("trace_ops_tapes", default=())
_span: ContextVar[tuple[Tape, int] | None] = ContextVar("trace_ops_span", default=None)
_everywhere: list[Tape] = []
_open: set[Tape] = set()
_lock = threading.Lock()


def activate(tape: Tape, scope: Scope) -> None:
    """Make a tape the active one here, and with scope ``global`` wherever no context says otherwise."""
    with _lock:
        _open.add(tape)
        if scope == "global":
            _everywhere.append(tape)
    _own.set((*(t for t in _own.get() if t in _open), tape))


def deactivate(tape: Tape) -> None:
    """Take a tape out; those opened before or after it stay as they are."""
    with _lock:
        _open.discard(tape)
        if tape in _everywhere:
            _everywhere.remove(tape)
    _own.set(tuple(t for t in _own.get() if t in _open))


def active_tape() -> Tape | None:
    """The tape that sees the calls made here: the context's own, else the innermost global one."""
    if not _open:
        return None
    for tape in reversed(_own.get()):
        if tape in _open:
            return tape
    everywhere = tuple(_everywhere)
    if not everywhere:
        return None
    if len({tape.opener for tape in everywhere}) > 1:
        warn(
            "several recorders are open in different threads or tasks, and a call was made outside all of "
            "their contexts; it goes to the one opened last. Use scope='context' for parallel recordings.",
            3,
        )
    return everywhere[-1]


def watching(library: str) -> Tape | None:
    """The tape that sees what this SDK or framework does here; ``None`` if it is told not to look."""
    tape = active_tape()
    return None if tape is None or library in tape.unwatched else tape


def current_span(tape: Tape) -> int | None:
    """The id of the span of this tape that the code runs in."""
    here = _span.get()
    return here[1] if here is not None and here[0] is tape else None


@contextmanager
def inside(tape: Tape, span_id: int) -> Iterator[None]:
    """Make a span the parent of what runs in the block."""
    before = _span.get()
    _span.set((tape, span_id))
    try:
        yield
    finally:
        _span.set(before)
