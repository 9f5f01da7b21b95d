"""Wire responses of aiobotocore; its requests are botocore's.

Their bodies are aiohttp's, of which aiobotocore reads ``content``.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from wrapt import ObjectProxy

from trace_ops._cancellation import is_cancellation, wait_for_cancellation
from trace_ops.errors import StreamTruncatedError
from trace_ops.exchange import Failure, Outcome
from trace_ops.providers import _botocore, _http
from trace_ops.providers._botocore import Capture, describe_failure, describe_request, describe_response

__all__ = ["Capture", "describe_failure", "describe_request", "describe_response", "rebuild", "tee"]

if TYPE_CHECKING:
    _Proxy = ObjectProxy[Any]
else:
    _Proxy = ObjectProxy  # not generic before wrapt 2


class _Reads:
    """The ways to read a body piece by piece, each by those that a subclass has."""

    read: Callable[[int], Awaitable[bytes]]
    readany: Callable[[], Awaitable[bytes]]
    readchunk: Callable[[], Awaitable[tuple[bytes, bool]]]
    readline: Callable[[], Awaitable[bytes]]

    async def iter_chunks(self) -> AsyncIterator[tuple[bytes, bool]]:
        while (piece := await self.readchunk()) != (b"", False):
            yield piece

    async def iter_chunked(self, n: int) -> AsyncIterator[bytes]:
        while data := await self.read(n):
            yield data

    async def iter_any(self) -> AsyncIterator[bytes]:
        while data := await self.readany():
            yield data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while data := await self.readline():
            yield data


class _RecordedContent(_Reads, _Proxy):
    """A live body of which a capture sees what its reader reads."""

    def __init__(self, content: Any, capture: _http.Capture) -> None:
        ObjectProxy.__init__(self, content)
        self._self_capture = capture

    async def read(self, n: int = -1) -> bytes:
        return await self._self_seen(self.__wrapped__.read(n), n != 0)

    async def readany(self) -> bytes:
        return await self._self_seen(self.__wrapped__.readany())

    async def readline(self, **options: Any) -> bytes:
        return await self._self_seen(self.__wrapped__.readline(**options))

    async def readchunk(self) -> tuple[bytes, bool]:
        ends = False

        async def read() -> bytes:
            nonlocal ends
            data, ends = await self.__wrapped__.readchunk()
            return bytes(data)

        return await self._self_seen(read(), False), ends

    async def _self_seen(self, reading: Awaitable[bytes], ends_if_empty: bool = True) -> bytes:
        try:
            data = await reading
        except BaseException as error:
            if is_cancellation(error):
                self._self_capture.end("cancelled")
            else:
                self._self_capture.end("failed", error)
            raise
        if data:
            self._self_capture.chunk(data)
        if (ends_if_empty and not data) or self.__wrapped__.at_eof():
            self._self_capture.end("complete")
        return data


class _Recorded(_Proxy):
    """A live response of aiohttp of whose end a capture is told."""

    def __init__(self, raw: Any, capture: _http.Capture) -> None:
        super().__init__(raw)
        self._self_capture = capture

    def close(self) -> None:
        self.__wrapped__.close()
        self._self_capture.end("closed")

    def release(self) -> Any:
        self._self_capture.end("closed")
        return self.__wrapped__.release()


def tee(got: Any, capture: _http.Capture) -> None:
    """Let a capture see what the reader of a live response reads, piece by piece."""
    if hasattr(got.raw, "aiter_raw"):  # where aiobotocore was told to use httpx
        _http.tee(got.raw, capture)
        return
    got.raw.content = _RecordedContent(got.raw.content, capture)
    got.raw = _Recorded(got.raw, capture)


class _ReplayedContent(_Reads):
    def __init__(
        self, chunks: Sequence[bytes], ending: Callable[[], BaseException | None], hangs: bool
    ) -> None:
        self._left = [chunk for chunk in reversed(chunks) if chunk]
        self._ending, self._hangs = ending, hangs
        self._over = False

    def at_eof(self) -> bool:
        return self._over

    async def read(self, n: int = -1) -> bytes:
        if n == 0 or self._over:
            return b""
        if n < 0:
            data = b"".join(reversed(self._left))
            self._left.clear()
            await self._finish()
            return data
        return await self._piece(n)

    async def readany(self) -> bytes:
        return await self._piece()

    async def readchunk(self) -> tuple[bytes, bool]:
        data = await self._piece()
        return data, bool(data)

    async def readline(self, **_: Any) -> bytes:
        line = b""
        while not line.endswith(b"\n") and (data := await self._piece()):
            head, feed, rest = data.partition(b"\n")
            line += head + feed
            if rest:
                self._left.append(rest)
                self._over = False
        return line

    async def _piece(self, n: int | None = None) -> bytes:
        if self._over:
            return b""
        if not self._left:
            await self._finish()
            return b""
        data = self._left.pop()
        if n is not None and len(data) > n:
            self._left.append(data[n:])
        return data[:n]

    async def _finish(self) -> None:
        if self._hangs:
            await wait_for_cancellation()
        error = self._ending()
        if error is not None:
            raise error
        self._over = True


class _Replayed:
    """What aiobotocore and its users ask of a response of aiohttp."""

    def __init__(self, sent: Any, outcome: Any, content: _ReplayedContent) -> None:
        self.url, self.method = sent.url, sent.method
        self.status, self.reason = outcome.status, outcome.reason
        self.headers = dict(outcome.headers)
        self.raw_headers = [(name.encode(), value.encode()) for name, value in outcome.headers]
        self.content = content
        self.closed = False
        self._body: bytes | None = None

    async def read(self) -> bytes:
        if self._body is None:
            self._body = await self.content.read()
        return self._body

    def close(self) -> None:
        self.closed = True

    def release(self) -> None:
        self.closed = True

    async def __aenter__(self) -> _Replayed:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.release()


def rebuild(outcome: Outcome, sent: Any, _client: Any, truncated: Callable[[], StreamTruncatedError]) -> Any:
    """The response (or exception, raised) that aiobotocore would have given for this outcome."""
    if isinstance(outcome, Failure):
        raise _botocore.rebuild_failure(outcome, sent)
    content = _ReplayedContent(
        _http.pieces(outcome.body, dict(outcome.headers).get("content-type", "")),
        _botocore.ending(outcome, sent, truncated),
        outcome.end == "cancelled",
    )
    response = sys.modules["aiobotocore.awsrequest"].AioAWSResponse
    raw = _Replayed(sent, outcome, content)
    return response(sent.url, outcome.status, dict(outcome.headers), raw)
