"""Byte streams that stand in for those of the HTTP library: one reads along, one gives what was recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from operator import length_hint
from types import ModuleType
from typing import TYPE_CHECKING, Any

from trace_ops._cancellation import is_cancellation, wait_for_cancellation

if TYPE_CHECKING:
    from trace_ops.providers._http import Capture


class StreamClasses:
    """The streams of ours that the responses of one HTTP module take."""

    def __init__(self, module: ModuleType) -> None:
        bases = (module.SyncByteStream, module.AsyncByteStream)
        self.tee: Any = type("RecordedStream", (_Tee, *bases), {})
        self.replayed: Any = type("ReplayedStream", (_Replayed, *bases), {})


@cache
def stream_classes(module: ModuleType) -> StreamClasses:
    """The streams for an HTTP module, made once."""
    return StreamClasses(module)


class _Tee:
    def __init__(self, inner: Any, capture: Capture) -> None:
        self._inner, self._capture = inner, capture

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._inner:
                self._capture.chunk(chunk)
                yield chunk
        except BaseException as error:
            self._broke(error)
            raise
        self._capture.end("complete")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        inner = self._inner.__aiter__()
        try:
            async for chunk in inner:
                self._capture.chunk(chunk)
                yield chunk
        except BaseException as error:
            self._broke(error)
            raise
        finally:
            if hasattr(inner, "aclose"):  # an async generator left early does not close what it reads
                await inner.aclose()
        self._capture.end("complete")

    @property
    def elapsed(self) -> Any:
        """Where httpx2 looks for the time that the response took, once it is closed."""
        return getattr(self._inner, "elapsed", None)

    def _broke(self, error: BaseException) -> None:
        if isinstance(error, GeneratorExit):
            self._capture.end("closed")
        elif is_cancellation(error):
            self._capture.end("cancelled")
        else:
            self._capture.end("failed", error)

    def close(self) -> None:
        try:
            self._inner.close()
        finally:
            self._capture.end("closed")

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            self._capture.end("closed")


class _Replayed:
    """Gives recorded pieces once, whoever asks; a second reader finds what the first one left."""

    def __init__(
        self,
        chunks: list[bytes],
        ending: Callable[[], BaseException | None],
        closed: Callable[[], None],
        hangs: bool = False,
    ) -> None:
        self._ending, self._closed, self._hangs = ending, closed, hangs
        self._count, self._left = len(chunks), iter(chunks)

    @property
    def position(self) -> int:
        """How many pieces were given."""
        return self._count - length_hint(self._left)

    def __iter__(self) -> Iterator[bytes]:
        yield from self._left
        self._finish()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._left:
            yield chunk
        if self._hangs:
            await wait_for_cancellation()
        self._finish()

    def _finish(self) -> None:
        error = self._ending()
        if error is not None:
            raise error

    def close(self) -> None:
        self._closed()

    async def aclose(self) -> None:
        self._closed()
