"""Between the program and what watches it: a fault of the watcher costs a step, never the program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trace_ops._plain import failure
from trace_ops._warn import warn

if TYPE_CHECKING:
    from trace_ops.tape import Tape


@contextmanager
def guarded(tape: Tape, what: str) -> Iterator[None]:
    """Keep what fails in the block from the program: it is warned of once, and named in the trace."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the recorded program must not see a fault of ours
        kind, text = type(error).__name__, failure(error).message
        if tape.not_captured(f"{what}: {kind}"):
            warn(f"{what} is not recorded in full ({kind}: {text})", stacklevel=4)
