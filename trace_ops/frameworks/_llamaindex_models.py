"""Models of LlamaIndex: those that no SDK stands behind are recorded and served here.

LlamaIndex's decorators of a model's methods tell listeners of a call and run a function; it is that function
which tells the tape here, so that events and callbacks are around it, as ever.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FunctionType
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops import context
from trace_ops.context import watching
from trace_ops.frameworks._llamaindex_classes import own_methods
from trace_ops.frameworks._llamaindex_messages import Pieces, again, asked, kept
from trace_ops.frameworks._llamaindex_steps import NAME
from trace_ops.frameworks._model_calls import ModelCall, begin
from trace_ops.frameworks._model_methods import answered, answered_async, streamed, streamed_async
from trace_ops.tape import Tape
from trace_ops.trace import Span

_CALLBACKS = "llama_index.core.llms.callbacks"
_METHODS = ("chat", "achat", "complete", "acomplete")
_STREAMS = ("stream_chat", "astream_chat", "stream_complete", "astream_complete")
_running: dict[int, tuple[list[Span], Any]] = {}
"""The models that are asked, by the lists of what begins in their calls."""


def watch(cls: type) -> None:
    """Have the calls of models of a class told."""
    for name in own_methods(cls, (*_METHODS, *_STREAMS)):
        inner = _inner(vars(cls)[name])
        if inner is None:
            wrap_function_wrapper(
                cls,
                name,
                lambda wrapped, model, args, kwargs, name=name: _run(name, wrapped, model, args, kwargs),
            )
        else:
            inner.cell_contents = _told(name, inner.cell_contents)


def _inner(method: Any) -> Any:
    """Where the decorators of LlamaIndex hold the function that they decorate, if they do."""
    while not isinstance(method, FunctionType) and hasattr(method, "__wrapped__"):
        method = method.__wrapped__
    if not isinstance(method, FunctionType) or method.__globals__.get("__name__") != _CALLBACKS:
        return None
    cells = dict(zip(method.__code__.co_freevars, method.__closure__ or ()))
    return cells.get("f")


def _told(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def in_turn(model: Any, *args: Any, **kwargs: Any) -> Any:
            return await _run(name, functools.partial(function, model), model, args, kwargs)

        return in_turn

    @functools.wraps(function)
    def at_once(model: Any, *args: Any, **kwargs: Any) -> Any:
        return _run(name, functools.partial(function, model), model, args, kwargs)

    return at_once


def _run(name: str, method: Any, model: Any, args: Any, kwargs: Any) -> Any:
    """Ask a model, unless it is the model that asks itself in another of its forms."""
    tape = watching(NAME)
    call = None if tape is None or _is_asked(tape, model) else _begun(tape, name, model, args, kwargs)
    if call is None:
        return method(*args, **kwargs)
    is_async, streams = name.startswith("a"), name in _STREAMS
    if call.is_served:
        if streams:
            return call.pieces_async() if is_async else call.pieces()
        return call.again_async() if is_async else call.again()
    if streams:
        return _stream_async(call, method, args, kwargs) if is_async else _stream(call, method, args, kwargs)
    return (answered_async if is_async else answered)(call, method, args, kwargs)


def _is_asked(tape: Tape, model: Any) -> bool:
    running = (_running.get(id(held)) for held in context.holders(tape))
    return any(one is not None and one[1] is model for one in running)


def _begun(tape: Tape, name: str, model: Any, args: Any, kwargs: Any) -> LlamaCall | None:
    streams, options = name in _STREAMS, dict(kwargs)
    given = args[0] if args else options.pop("messages" if "chat" in name else "prompt", ())
    options.pop("formatted", None)  # it says what was done to the prompt
    call = begin(tape, NAME, type(model).__name__, lambda: asked(model, given, streams=streams, **options))
    return None if call is None else LlamaCall(call, model)


def _stream(call: LlamaCall, method: Any, args: Any, kwargs: Any) -> Iterator[Any]:
    try:
        with call.inside():
            chunks = method(*args, **kwargs)
    except BaseException as error:
        call.fail(error)
        raise
    return streamed(call, chunks)


async def _stream_async(call: LlamaCall, method: Any, args: Any, kwargs: Any) -> AsyncIterator[Any]:
    try:
        with call.inside():
            chunks = await method(*args, **kwargs)
    except BaseException as error:
        call.fail(error)
        raise
    return streamed_async(call, chunks)


class LlamaCall:
    """A call of a model that has begun."""

    def __init__(self, call: ModelCall, model: Any) -> None:
        self._call, self._model, self._told = call, model, Pieces()

    @property
    def is_served(self) -> bool:
        """Whether the model is not to be asked."""
        return self._call.answer is not None

    # --- live

    def inside(self) -> AbstractContextManager[None]:
        """Have what happens in the block known as part of the call."""
        return self._inside()

    @contextmanager
    def _inside(self) -> Iterator[None]:
        held = self._call.held
        before = _running.get(id(held))
        _running[id(held)] = held, self._model
        try:
            with self._call.inside():
                yield
        finally:
            if before is None:
                _running.pop(id(held), None)

    def end(self, answer: Any) -> None:
        """The model gave an answer."""
        self._call.end(lambda: kept(answer))

    def fail(self, error: BaseException) -> None:
        """The model raised an error."""
        self._call.fail(error)

    def piece(self, piece: Any) -> None:
        """The model gave a piece of an answer."""
        self._call.piece(lambda: self._told.kept(piece))

    def end_pieces(self, error: BaseException | None = None) -> None:
        """The model has no more to give, failed, or its reader left."""
        self._call.end_pieces(error)

    # --- served

    def again(self) -> Any:
        """The recorded answer; raises the recorded error."""
        assert self._call.answer is not None
        return again(self._call.answer.whole())

    async def again_async(self) -> Any:
        """The same, for an async model."""
        assert self._call.answer is not None
        return again(await self._call.answer.whole_async())

    def pieces(self) -> Iterator[Any]:
        """The recorded pieces, then the recorded error."""
        assert self._call.answer is not None
        for piece in self._call.answer.pieces():
            yield self._told.again(piece)

    async def pieces_async(self) -> AsyncIterator[Any]:
        """The same, for an async model, which has to be awaited to have them."""
        assert self._call.answer is not None
        return self._each_async(self._call.answer.pieces_async())

    async def _each_async(self, pieces: Any) -> AsyncIterator[Any]:
        async for piece in pieces:
            yield self._told.again(piece)
