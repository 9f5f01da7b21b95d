"""Steps of a framework as spans: begun and ended by its own hooks, never in the way of the program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trace_ops._plain import failure, plain
from trace_ops._warn import warn
from trace_ops.tape import Tape
from trace_ops.trace import Span, SpanKind


@contextmanager
def guarded(tape: Tape, what: str) -> Iterator[None]:
    """Keep faults of ours out of the framework: told once, named in the cassette."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever goes wrong here is not the program's problem
        problem = f"{what} that could not be recorded: {error!r}"
        if tape.not_captured(problem):
            warn(problem, stacklevel=5)


def begin(
    tape: Tape, kind: SpanKind, name: str, *, input: Any = None, parent: int | None = None, **attributes: Any
) -> Span:
    """Begin a step; beneath ``parent``, or else beneath the one the code runs in."""
    fields: dict[str, Any] = {"input": plain(input), "attributes": plain(attributes)}
    span = tape.begin(kind, str(plain(name)), **fields)
    if parent is not None:
        span.parent = parent
    return span


def end(tape: Tape, span: Span, *, output: Any = None, error: object = None) -> None:
    """End a step with what came of it."""
    span.output = plain(output)
    span.error = None if error is None else failure(error)
    tape.end(span)
