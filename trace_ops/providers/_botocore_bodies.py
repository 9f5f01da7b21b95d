"""Bodies in place of those that urllib3 gives botocore: one reads along, one gives what was recorded."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from wrapt import ObjectProxy

from trace_ops.providers._http import Capture

if TYPE_CHECKING:
    _Proxy = ObjectProxy[Any]
else:
    _Proxy = ObjectProxy  # not generic before wrapt 2


class RecordedBody(_Proxy):
    """A live body of which a capture sees what its reader reads, however it is read."""

    def __init__(self, raw: Any, capture: Capture) -> None:
        super().__init__(raw)
        self._self_capture = capture

    def read(self, amt: int | None = None, *args: Any, **kwargs: Any) -> bytes:
        data = self._self_seen(lambda: self.__wrapped__.read(amt, *args, **kwargs))
        self._self_ended(amt, data)
        return data

    def read1(self, amt: int | None = None, *args: Any, **kwargs: Any) -> bytes:
        data = self._self_seen(lambda: self.__wrapped__.read1(amt, *args, **kwargs))
        self._self_ended(amt, data)
        return data

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readline(self, *args: Any) -> bytes:
        return self._self_seen(lambda: self.__wrapped__.readline(*args))

    def readlines(self, _hint: int = -1) -> list[bytes]:
        return list(self)

    def stream(self, *args: Any, **kwargs: Any) -> Iterator[bytes]:
        return self._self_each(self.__wrapped__.stream(*args, **kwargs))

    def read_chunked(self, *args: Any, **kwargs: Any) -> Iterator[bytes]:
        return self._self_each(self.__wrapped__.read_chunked(*args, **kwargs))

    def __iter__(self) -> Iterator[bytes]:
        return self._self_each(iter(self.__wrapped__))

    def __next__(self) -> bytes:
        return self._self_seen(lambda: next(self.__wrapped__))

    def close(self) -> None:
        try:
            self.__wrapped__.close()
        finally:
            self._self_capture.end("closed")

    def _self_seen(self, read: Callable[[], bytes]) -> bytes:
        try:
            data = read()
        except StopIteration:
            self._self_capture.end("complete")
            raise
        except Exception as error:
            self._self_capture.end("failed", error)
            raise
        if data:
            self._self_capture.chunk(data)
        return data

    def _self_ended(self, amt: int | None, data: bytes) -> None:
        if amt is None or amt < 0 or (amt and not data):
            self._self_capture.end("complete")

    def _self_each(self, pieces: Any) -> Iterator[bytes]:
        try:
            for data in pieces:
                self._self_capture.chunk(data)
                yield data
        except GeneratorExit:  # the reader has stopped, and may yet go on in another way
            raise
        except BaseException as error:
            self._self_capture.end("failed", error)
            raise
        self._self_capture.end("complete")


class _Socket:
    """What stands where botocore looks for the socket of a body, to set how long it may wait."""

    @property
    def raw(self) -> _Socket:
        return self

    _sock = raw

    def settimeout(self, _seconds: float | None) -> None:
        pass


class _Source:
    """The file that a replayed response reads: recorded pieces, and then how they ended."""

    def __init__(self, chunks: Sequence[bytes], ending: Callable[[], BaseException | None]) -> None:
        self._left = [chunk for chunk in reversed(chunks) if chunk]
        self._ending = ending
        self._over = False
        self.closed = False
        self.fp = _Socket()

    def read(self, amt: int | None = None) -> bytes:
        if self.closed or amt == 0:
            return b""
        if not self._left:
            self._finish()
            return b""
        if amt is None or amt < 0:
            data = b"".join(reversed(self._left))
            self._left.clear()
            self._finish()
            return data
        data = self._left.pop()
        if len(data) > amt:
            self._left.append(data[amt:])
        return data[:amt]

    read1 = read

    def isclosed(self) -> bool:
        return self.closed or self._over

    def close(self) -> None:
        self.closed = True

    def _finish(self) -> None:
        error = self._ending()
        if error is not None:
            raise error
        self._over = True


def replayed_body(
    status: int,
    headers: Sequence[tuple[str, str]],
    chunks: Sequence[bytes],
    ending: Callable[[], BaseException | None],
    *,
    version: int,
    reason: str | None,
) -> Any:
    """The response that urllib3 would have given, with a body that comes from the cassette."""
    urllib3 = sys.modules["urllib3"]
    response = urllib3.HTTPResponse(
        body=_Source(chunks, ending),
        headers=_header_dict(headers),
        status=status,
        version=version,
        reason=reason,
        preload_content=False,
        decode_content=False,
        enforce_content_length=False,
    )
    response.chunked = False  # the pieces are framed no more
    return response


def _header_dict(headers: Sequence[tuple[str, str]]) -> Any:
    kept = sys.modules["urllib3._collections"].HTTPHeaderDict()
    for name, value in headers:
        kept.add(name, value)
    return kept
