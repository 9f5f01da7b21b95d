"""Steps that no SDK shows: tools, retrieval, decisions, agents, as the program itself tells them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar, overload

from trace_ops import _generators, context
from trace_ops._guard import guarded
from trace_ops._plain import failure
from trace_ops._plain import plain as plain
from trace_ops._tool_call import RecordedToolError as RecordedToolError
from trace_ops._tool_call import ToolCall, arguments_of
from trace_ops.tape import Tape
from trace_ops.trace import Span, SpanKind

_Callable = TypeVar("_Callable", bound=Callable[..., Any])


@contextmanager
def span(kind: SpanKind, name: str, *, input: Any = None, **attributes: Any) -> Iterator[Span | None]:
    """Group what runs in the block under one step, such as an agent; ``None`` if nothing records.

    Set ``output`` of the span in the block to keep a result. An exception is kept as its error.
    """
    tape = context.active_tape()
    if tape is None:
        yield None
        return
    step = _begun(tape, kind, name, input=input, attributes=attributes)
    try:
        with context.inside(tape, step.id) if step.id else nullcontext():
            yield step
    except GeneratorExit:  # a generator around the block was left early
        raise
    except BaseException as error:
        step.error = failure(error)
        raise
    finally:
        _end(tape, step)


def add(
    tape: Tape,
    kind: SpanKind,
    name: str,
    *,
    input: Any = None,
    output: Any = None,
    attributes: dict[str, Any] | None = None,
    error: object = None,
    ms: float = 0.0,
) -> Span:
    """Add a step that is over."""
    step = _begun(tape, kind, name, input=input, output=output, attributes=attributes or {})
    step.error = None if error is None else failure(error)
    _end(tape, step, ms)
    return step


def _begun(tape: Tape, kind: SpanKind, name: str, **fields: Any) -> Span:
    """A step that has begun; one of no trace, with the id 0, where the tape fails."""
    name, fields = str(plain(name)), plain(fields)
    steps = [Span(0, kind, name, **fields)]
    with guarded(tape, f"{kind} {name}"):
        steps.append(tape.begin(kind, name, **fields))
    return steps[-1]


def _end(tape: Tape, step: Span, ms: float = 0.0) -> None:
    """End a step, in whose fields the program may have put anything."""
    step.input, step.output, attributes = plain(step.input), plain(step.output), plain(step.attributes)
    step.attributes = attributes if isinstance(attributes, dict) else {"attributes": attributes}
    step.name = str(plain(step.name))
    if step.id:
        with guarded(tape, f"{step.kind} {step.name}"):
            step.start_ms = max(0.0, step.start_ms - ms)
            tape.end(step)


@overload
def tool(function: _Callable) -> _Callable: ...
@overload
def tool(*, name: str | None = None, freeze: bool | None = None) -> Callable[[_Callable], _Callable]: ...
def tool(
    function: _Callable | None = None, *, name: str | None = None, freeze: bool | None = None
) -> _Callable | Callable[[_Callable], _Callable]:
    """Record every call of a function as a tool step: arguments, output or error, duration.

    Works on plain, async and generator functions. With ``freeze=True`` (or ``freeze_tools`` of the
    recorder, which ``freeze=False`` overrides) the recorded output is served on replay and the function
    does not run, where the recording has a call with the same arguments, each served once and in order.
    Only outputs that JSON can hold exactly are served, or of which the type that the function says it returns
    makes the same again (a model, a dataclass, a list of them; read by pydantic, where that is imported).
    Others run, and so do generators that were left early, or into which something was sent. Outside a
    recorder nothing changes.
    """

    def decorate(function: _Callable) -> _Callable:
        own = getattr(function, "__name__", None) or type(function).__name__
        wrapped: _Callable = _wrap(function, name or own, freeze)
        return wrapped

    return decorate if function is None else decorate(function)


def _wrap(function: Any, name: str, freeze: bool | None) -> Any:
    signature = _signature(function)
    gives_items = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)

    def begun(tape: Tape, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ToolCall:
        given = arguments_of(signature, args, kwargs)
        return ToolCall(tape, name, given, freeze, None if gives_items else function)

    if gives_items:
        watched: Any = _generators.watched
        if inspect.isasyncgenfunction(function):
            watched = _generators.watched_async

        @functools.wraps(function)
        def stream(*args: Any, **kwargs: Any) -> Any:
            tape = context.active_tape()
            if tape is None:
                return function(*args, **kwargs)
            return watched(
                functools.partial(begun, tape, args, kwargs), functools.partial(function, *args, **kwargs)
            )

        return stream
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            tape = context.active_tape()
            if tape is None:
                return await function(*args, **kwargs)
            call = begun(tape, args, kwargs)
            try:
                with call.inside():
                    output = call.again() if call.recorded else await function(*args, **kwargs)
            except BaseException as error:
                call.end(error=error)
                raise
            call.end(output)
            return output

        return run_async

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        tape = context.active_tape()
        if tape is None:
            return function(*args, **kwargs)
        call = begun(tape, args, kwargs)
        try:
            with call.inside():
                output = call.again() if call.recorded else function(*args, **kwargs)
        except BaseException as error:
            call.end(error=error)
            raise
        call.end(output)
        return output

    return run


def _signature(function: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # some that are written in C have none
        return None
