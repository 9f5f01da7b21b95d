"""Models of LangChain: those that no SDK stands behind are recorded and served here.

A model runs as a copy of itself, whose ``_generate`` and ``_stream`` tell the tape, which serves them or has
the original run. LangChain's callbacks, retries, caches and formats are around them, as ever.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from trace_ops.context import watching
from trace_ops.frameworks._langchain_call import LangChainCall, begun
from trace_ops.frameworks._langchain_copies import run_copy
from trace_ops.frameworks._langchain_tokens import Tokens
from trace_ops.frameworks._model_methods import (
    aclose,
    answered,
    answered_async,
    streamed,
    streamed_async,
)
from trace_ops.tape import Tape

ENTRIES = ("generate", "agenerate", "stream", "astream", "stream_events", "astream_events")
"""Where models are called."""

_COPY_OF = "_trace_ops_tape"
_Begin = Callable[..., "LangChainCall | None"]


def run(tokens: Tokens, wrapped: Any, model: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for the entries of ``BaseChatModel`` and ``BaseLLM``."""
    tape = watching("langchain")
    if tape is None or _COPY_OF in vars(model):
        return wrapped(*args, **kwargs)
    return run_copy(tape, wrapped, model, lambda: _methods(tape, tokens, model), args, kwargs)


def _methods(tape: Tape, tokens: Tokens, model: Any) -> dict[str, Any]:
    begin = functools.partial(begun, tape, tokens, model)
    methods: dict[str, Any] = {_COPY_OF: tape}
    for name, told in _TOLD.items():
        method = getattr(model, name, None)
        if method is not None:
            methods[name] = functools.wraps(method)(told(begin, method))
    if hasattr(model, "_serialized"):  # which it works out once
        methods["_serialized"] = model._serialized
    if not tape.live and getattr(model, "rate_limiter", None) is not None:
        methods["rate_limiter"] = None  # nothing is asked too often
    return methods


def _generate(begin: _Begin, method: Any) -> Any:
    def generate(*args: Any, **kwargs: Any) -> Any:
        call = begin(args, kwargs)
        if call is None:
            return method(*args, **kwargs)
        return call.again() if call.is_served else answered(call, method, args, kwargs)

    return generate


def _agenerate(begin: _Begin, method: Any) -> Any:
    async def agenerate(*args: Any, **kwargs: Any) -> Any:
        call = begin(args, kwargs)
        if call is None:
            return await method(*args, **kwargs)
        if call.is_served:
            return await call.again_async()
        return await answered_async(call, method, args, kwargs)

    return agenerate


def _stream(begin: _Begin, method: Any) -> Any:
    def stream(*args: Any, **kwargs: Any) -> Iterator[Any]:
        call = begin(args, kwargs, streams=True)
        if call is None:
            yield from method(*args, **kwargs)
        elif call.is_served:
            yield from call.pieces()
        else:
            yield from streamed(call, method(*args, **kwargs))

    return stream


def _astream(begin: _Begin, method: Any) -> Any:
    async def astream(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        call = begin(args, kwargs, streams=True)
        if call is None:
            chunks = method(*args, **kwargs)
        else:
            chunks = call.pieces_async() if call.is_served else streamed_async(call, method(*args, **kwargs))
        try:
            async for chunk in chunks:
                yield chunk
        finally:
            await aclose(chunks)

    return astream


_TOLD: dict[str, Callable[[_Begin, Any], Any]] = {
    "_generate": _generate,
    "_agenerate": _agenerate,
    "_stream": _stream,
    "_astream": _astream,
    "_stream_chat_model_events": _stream,
    "_astream_chat_model_events": _astream,
}
