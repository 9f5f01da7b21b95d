"""Steps of a framework as spans: begun and ended by its own hooks, never in the way of the program."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from trace_ops._guard import guarded as guarded
from trace_ops._plain import failure, plain
from trace_ops.tape import Tape
from trace_ops.trace import Span, SpanKind


def begin(
    tape: Tape,
    kind: SpanKind,
    name: str,
    *,
    via: str,
    input: Any = None,
    parent: int | None = None,
    **attributes: Any,
) -> Span:
    """Begin a step of the framework ``via``; beneath ``parent``, or else beneath the one the code runs in."""
    fields: dict[str, Any] = {"input": plain(input), "attributes": plain(attributes)}
    span = tape.begin(kind, str(plain(name)), via=via, **fields)
    if parent is not None:
        span.parent = parent
    return span


def end(tape: Tape, span: Span, *, output: Any = None, error: object = None) -> None:
    """End a step with what came of it."""
    span.output = plain(output)
    span.error = None if error is None else failure(error)
    tape.end(span)


class Call(Protocol):
    """Something of a framework that runs, and is to be told what came of it."""

    def end(self, output: Any = None, /, *, error: BaseException | None = None) -> None:
        """Keep its output, or its error."""


def ended(call: Call, running: Callable[[], Any]) -> Any:
    """Run something, and tell what came of it."""
    try:
        output = running()
    except BaseException as error:
        call.end(error=error)
        raise
    call.end(output)
    return output


async def ended_async(call: Call, running: Awaitable[Any]) -> Any:
    """As :func:`ended`, of an awaitable."""
    try:
        output = await running
    except BaseException as error:
        call.end(error=error)
        raise
    call.end(output)
    return output
