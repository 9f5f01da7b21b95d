"""Steps that no SDK shows: tools, retrieval, decisions, agents, as the program itself tells them."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, overload

from trace_ops import context
from trace_ops.exchange import Failure
from trace_ops.tape import Tape
from trace_ops.trace import Span, SpanKind

_Callable = TypeVar("_Callable", bound=Callable[..., Any])


class RecordedToolError(RuntimeError):
    """Stands in for the error of a frozen tool whose class is not a builtin one."""


@contextmanager
def span(kind: SpanKind, name: str, *, input: Any = None, **attributes: Any) -> Iterator[Span | None]:
    """Group what runs in the block under one step, such as an agent; ``None`` if nothing records.

    Set ``output`` of the span in the block to keep a result. An exception is kept as its error.
    """
    tape = context.active_tape()
    if tape is None:
        yield None
        return
    step = tape.begin(kind, name, input=plain(input), attributes=plain(attributes))
    try:
        with context.inside(tape, step.id):
            yield step
    except BaseException as error:
        step.error = failure(error)
        raise
    finally:
        step.output = plain(step.output)
        tape.end(step)


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
    step = tape.begin(
        kind, name, input=plain(input), output=plain(output), attributes=plain(attributes or {})
    )
    step.start_ms = max(0.0, step.start_ms - ms)
    step.error = None if error is None else failure(error)
    tape.end(step)
    return step


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
    Only outputs that JSON can hold exactly are served; others run. Outside a recorder nothing changes.
    """

    def decorate(function: _Callable) -> _Callable:
        wrapped: _Callable = _wrap(function, name or function.__name__, freeze)
        return wrapped

    return decorate if function is None else decorate(function)


def _wrap(function: Any, name: str, freeze: bool | None) -> Any:
    signature = inspect.signature(function)

    def opened(args: tuple[Any, ...], kwargs: dict[str, Any]) -> _ToolCall | None:
        tape = context.active_tape()
        return None if tape is None else _ToolCall(tape, name, signature, args, kwargs, freeze)

    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def stream_async(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            call = opened(args, kwargs)
            items: list[Any] = []
            with call or _nothing() as served:
                async for item in _each_async(served.output) if served else function(*args, **kwargs):
                    items.append(item)
                    yield item
                if call:
                    call.returned(items)

        return stream_async
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def stream(*args: Any, **kwargs: Any) -> Iterator[Any]:
            call = opened(args, kwargs)
            items: list[Any] = []
            with call or _nothing() as served:
                for item in served.output if served else function(*args, **kwargs):
                    items.append(item)
                    yield item
                if call:
                    call.returned(items)

        return stream
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            call = opened(args, kwargs)
            if call is None:
                return await function(*args, **kwargs)
            with call as served:
                return call.returned(served.output if served else await function(*args, **kwargs))

        return run_async

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        call = opened(args, kwargs)
        if call is None:
            return function(*args, **kwargs)
        with call as served:
            return call.returned(served.output if served else function(*args, **kwargs))

    return run


class _ToolCall:
    """One call of a recorded function; as a context manager gives the recorded step to serve, if any."""

    def __init__(
        self,
        tape: Tape,
        name: str,
        signature: inspect.Signature,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        freeze: bool | None,
    ) -> None:
        self._tape = tape
        self._span = tape.begin("tool", name, input=plain(_arguments(signature, args, kwargs)))
        frozen = tape.frozen_tools
        wanted = frozen is True or (not isinstance(frozen, bool) and name in frozen)
        self._freeze = wanted if freeze is None else freeze
        self._inside = context.inside(tape, self._span.id)

    def __enter__(self) -> Span | None:
        recorded = self._tape.take_tool(self._span) if self._freeze else None
        self._inside.__enter__()
        if recorded is not None and recorded.error is not None:
            raised = _raised(recorded.error)
            self.__exit__(type(raised), raised, None)
            raise raised
        return recorded

    def returned(self, output: Any) -> Any:
        """Keep the output, and give it back."""
        self._span.output = plain(output)
        if self._span.output != output or type(self._span.output) is not type(output):
            self._span.attributes["inexact"] = True
        return output

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self._inside.__exit__(None, None, None)
        if error is not None and not isinstance(error, GeneratorExit):
            self._span.error = failure(error)
        self._tape.end(self._span)


@contextmanager
def _nothing() -> Iterator[None]:
    yield None


async def _each_async(items: Any) -> AsyncIterator[Any]:
    for item in items:
        yield item


def _arguments(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    try:
        bound = signature.bind(*args, **kwargs).arguments
    except TypeError:  # the function itself raises it, in its own words
        return {"args": list(args), **kwargs}
    bound.pop("self", None)
    return dict(bound)


def _raised(recorded: Failure) -> Exception:
    import builtins

    module, _, name = recorded.type.rpartition(".")
    cls = getattr(builtins, name, None) if module == "builtins" else None
    if isinstance(cls, type) and issubclass(cls, Exception):
        try:
            return cls(recorded.message)
        except TypeError:  # such as UnicodeDecodeError, which takes five arguments
            return RecordedToolError(f"{recorded.type}: {recorded.message}")
    return RecordedToolError(f"{recorded.type}: {recorded.message}")


def failure(error: object) -> Failure:
    """An error as it is kept: an exception by its class, anything else by its text."""
    if isinstance(error, BaseException):
        return Failure(f"{type(error).__module__}.{type(error).__qualname__}", str(error))
    return Failure("error", str(error))


def plain(value: Any) -> Any:
    """A value as JSON can hold it: models and dataclasses as mappings, the rest by ``repr``."""
    if value is None or isinstance(value, (str, bool)):
        return value
    try:
        return json.loads(json.dumps(value, default=_plain), parse_constant=str)
    except (TypeError, ValueError, RecursionError):  # keys that are not text, a value that holds itself
        return repr(value)


def _plain(value: Any) -> Any:
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if callable(isoformat) else repr(value)
