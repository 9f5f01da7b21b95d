"""Methods of models that tell the tape: an answer in one piece, or in several, plain or async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

_END: Any = object()


class Told(Protocol):
    """A call that has begun, as the methods here tell of it."""

    def inside(self) -> AbstractContextManager[None]:
        """Have what happens in the block known as part of the call."""

    def end(self, result: Any, /) -> None:
        """The model gave an answer."""

    def fail(self, error: BaseException, /) -> None:
        """The model raised an error."""

    def piece(self, chunk: Any, /) -> None:
        """The model gave a piece of an answer."""

    def end_pieces(self, error: BaseException | None = None, /) -> None:
        """The model has no more to give, failed, or its reader left."""


def answered(call: Told, method: Any, args: Any, kwargs: Any) -> Any:
    """Ask a model, and tell what it gave."""
    try:
        with call.inside():
            result = method(*args, **kwargs)
    except BaseException as error:
        call.fail(error)
        raise
    call.end(result)
    return result


async def answered_async(call: Told, method: Any, args: Any, kwargs: Any) -> Any:
    """As :func:`answered`, of an async model."""
    try:
        with call.inside():
            result = await method(*args, **kwargs)
    except BaseException as error:
        call.fail(error)
        raise
    call.end(result)
    return result


def streamed(call: Told, chunks: Iterator[Any]) -> Iterator[Any]:
    """What a model gives, each piece told when it is read."""
    try:
        while True:
            with call.inside():
                chunk = next(chunks, _END)
            if chunk is _END:
                break
            call.piece(chunk)
            yield chunk
    except BaseException as error:
        _close(chunks)
        call.end_pieces(error)
        raise
    call.end_pieces()


async def streamed_async(call: Told, chunks: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """As :func:`streamed`, of an async model."""
    try:
        while True:
            with call.inside():
                chunk = await anext(chunks, _END)
            if chunk is _END:
                break
            call.piece(chunk)
            yield chunk
    except BaseException as error:
        await aclose(chunks)
        call.end_pieces(error)
        raise
    call.end_pieces()


def _close(chunks: Any) -> None:
    close = getattr(chunks, "close", None)
    if close is not None:
        close()


async def aclose(chunks: Any) -> None:
    """Close what may be an async generator."""
    close = getattr(chunks, "aclose", None)
    if close is not None:
        await close()
