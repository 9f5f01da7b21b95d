"""Which tape is active for the code that runs now, and which span it runs in.

A tape is found through the context (tasks and ``asyncio.to_thread`` inherit it) and, where no context
reaches, such as in plain threads, as the innermost tape that was opened for the whole process.
Closed tapes are passed over wherever they are still referred to, so tapes close in any order and in any
context.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

from trace_ops._warn import warn

if TYPE_CHECKING:
    from trace_ops.tape import Tape
    from trace_ops.trace import Span

Scope = Literal["global", "context"]

_own: ContextVar[tuple[Tape, ...]] = ContextVar("trace_ops_tapes", default=())
_place: ContextVar[Place | None] = ContextVar("trace_ops_place", default=None)
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
    return tape if tape is not None and tape.watches(library) else None


class Place:
    """A span of a tape as where code runs, and the place around it; passed over once it has been left.

    ``held`` is where the spans that begin in it are listed, if anybody wants to know. ``origin`` is the place
    it was taken from into a thread, which may go on when that is over.
    """

    __slots__ = ("held", "left", "origin", "outer", "span_id", "tape")

    def __init__(
        self,
        tape: Tape,
        span_id: int | None,
        outer: Place | None,
        held: list[Span] | None = None,
        origin: Place | None = None,
    ) -> None:
        self.tape, self.span_id, self.outer, self.held, self.origin = tape, span_id, outer, held, origin
        self.left = False

    @property
    def is_over(self) -> bool:
        """Whether what runs here now is no part of it any more."""
        if self.origin is None or self.left:
            return self.left
        return self.origin.is_over or (self.span_id is not None and self.tape.is_over(self.span_id))

    def elsewhere(self) -> Place:
        """This place for a thread that is started in it."""
        outer = None if self.outer is None else self.outer.elsewhere()
        return Place(self.tape, self.span_id, outer, self.held, origin=self)


def _here() -> Place | None:
    place = _place.get()
    while place is not None and place.is_over:
        place = place.outer
    return place


def place() -> Place | None:
    """Where the code runs, for a thread that it starts; ``None`` outside all steps of open tapes."""
    here = _here() if _open else None
    return None if here is None or here.tape not in _open else here.elsewhere()


@contextmanager
def at(place: Place | None) -> Iterator[None]:
    """Run the block at a place that was taken elsewhere, or nowhere."""
    before = _place.set(place)
    try:
        yield
    finally:
        _place.reset(before)


def current_span(tape: Tape) -> int | None:
    """The id of the span of this tape that the code runs in."""
    here = _here()
    return here.span_id if here is not None and here.tape is tape else None


def holders(tape: Tape) -> Iterator[list[Span]]:
    """The lists that a span which begins here belongs on."""
    place = _here()
    while place is not None:
        if place.held is not None and place.tape is tape and not place.is_over:
            yield place.held
        place = place.outer


def enter(tape: Tape, span_id: int) -> Place:
    """Make a span the parent of what runs from here on, until the place is left."""
    place = Place(tape, span_id, _here())
    _place.set(place)
    return place


def leave(place: Place) -> None:
    """Leave a place, from wherever: a generator may begin in one context and end in another."""
    place.left = True
    if _place.get() is place:
        _place.set(_here())


@contextmanager
def inside(tape: Tape, span_id: int | None, held: list[Span] | None = None) -> Iterator[None]:
    """Make a span the parent of what runs in the block, and list there what that begins."""
    before = _place.get()
    _place.set(Place(tape, span_id, before, held))
    try:
        yield
    finally:
        _place.set(before)


def task() -> Any:
    """The task or thread the caller runs in."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None:
        try:
            return asyncio.current_task() or threading.current_thread()
        except RuntimeError:
            pass  # no event loop runs in this thread
    return threading.current_thread()
