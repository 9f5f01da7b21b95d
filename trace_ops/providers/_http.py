"""Wire requests and responses of the httpx family, whichever module of it the SDK uses.

The SDKs are split between ``httpx`` and ``httpx2``. Neither is named or imported here: the module is
taken from the live request.
"""

from __future__ import annotations

import sys
import time
from bisect import bisect_left
from collections.abc import Callable
from datetime import timedelta
from itertools import accumulate
from types import ModuleType
from typing import Any

from trace_ops._cancellation import CANCELLED, is_cancellation
from trace_ops._raised import constructed, known_class
from trace_ops.errors import StreamTruncatedError
from trace_ops.exchange import Body, Failure, Outcome, Request, Response, Stream, StreamEnd
from trace_ops.providers._streams import stream_classes
from trace_ops.wire import eventstream
from trace_ops.wire.sse import is_terminal, split_events, split_lines

KEPT_REQUEST_HEADERS = ("anthropic-beta", "openai-beta")
_LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/stream+json")
"""Content types of streams that are JSON a line."""

_USUAL_REASONS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
"""Phrases on which every table agrees; those for 413 and 422 differ by library and by version of Python."""


def http_module(obj: object) -> ModuleType:
    """The top-level HTTP module an object of it belongs to."""
    for cls in type(obj).__mro__:
        root = cls.__module__.partition(".")[0]
        if root in ("httpx", "httpx2") or hasattr(sys.modules.get(root), "SyncByteStream"):
            return sys.modules[root]
    raise TypeError(f"{type(obj)!r} belongs to no known HTTP library")


def describe_request(sent: Any, base_path: str) -> Request:
    """What is kept of a wire request; its body must have been read."""
    url = sent.url
    path = str(url.raw_path, "ascii").partition("?")[0]
    base = base_path.rstrip("/")
    if base and path.startswith(base + "/"):
        path = path[len(base) :]
    headers = {name: sent.headers[name] for name in KEPT_REQUEST_HEADERS if name in sent.headers}
    content = sent.content
    kind = sent.headers.get("content-type", "")
    query = str(url.query, "ascii")
    return Request(sent.method, path, query, headers, Body(content) if content else None, kind)


# --- live responses


def describe_response(
    got: Any, body: Body | Stream, end: StreamEnd, failure: Failure | None, started: float
) -> Response:
    """What is kept of a wire response. ``started`` is the ``perf_counter`` at which the request left."""
    return Response(
        status=got.status_code,
        headers=[(name.lower(), value) for name, value in got.headers.multi_items()],
        body=body,
        end=end,
        failure=failure,
        http_version=got.http_version,
        reason=_unusual_reason(got),
        elapsed_ms=_elapsed_ms(got, started),
    )


def _unusual_reason(got: Any) -> str:
    said = str(got.extensions.get("reason_phrase", b""), "ascii", "ignore")
    return "" if said == _USUAL_REASONS.get(got.status_code) else said


def _elapsed_ms(got: Any, started: float) -> float:
    try:
        return float(got.elapsed.total_seconds() * 1000)
    except RuntimeError:  # not closed yet
        return (time.perf_counter() - started) * 1000


def describe_failure(error: BaseException) -> Failure:
    """An exception as it is kept: by bare name where it is the HTTP library's own."""
    if is_cancellation(error):
        return CANCELLED
    cls = type(error)
    root = cls.__module__.partition(".")[0]
    if root in ("httpx", "httpx2"):
        return Failure(cls.__name__, str(error))
    return Failure(f"{cls.__module__}.{cls.__qualname__}", str(error))


class Capture:
    """Collects a streamed body while its reader reads it; ``done`` gets the response once, at its end.

    ``lost`` gets a fault of ours instead, which must not become the reader's.
    """

    def __init__(
        self,
        got: Any,
        started: float,
        done: Callable[[Response], None],
        lost: Callable[[Exception], None],
    ) -> None:
        self._got, self._started, self._done, self._lost = got, started, done, lost
        self._chunks: list[bytes] = []
        self._times: list[float] = []
        self._encoded = "content-encoding" in got.headers
        self._ended = False

    def chunk(self, data: bytes) -> None:
        """One piece, as it came from the network."""
        self._times.append(time.perf_counter())
        self._chunks.append(data)

    def whole(self, data: bytes) -> None:
        """All of the body, after content decoding."""
        self._encoded = False
        self.chunk(data)
        self.end("complete")

    def end(self, how: StreamEnd, error: BaseException | None = None) -> None:
        """The body is over; only the first call counts."""
        if self._ended:
            return
        self._ended = True
        try:
            self._done(self._response(how, error))
        except Exception as fault:
            self._lost(fault)

    def _response(self, how: StreamEnd, error: BaseException | None) -> Response:
        failure = None if error is None else describe_failure(error)
        body = self._body()
        if how in ("closed", "abandoned") and _is_whole(body, self._got):
            how = "complete"
        return describe_response(self._got, body, how, failure, self._started)

    def _body(self) -> Body | Stream:
        chunks, times = self._decoded()
        raw = b"".join(chunks)
        kind = self._got.headers.get("content-type", "")
        events: list[str] | None = None
        if kind.startswith("text/event-stream"):
            events = split_events(raw.decode("utf-8", "surrogateescape"))
        elif kind.startswith(eventstream.CONTENT_TYPE):
            events = eventstream.events_of(raw)
        elif kind.startswith(_LINES):
            events = split_lines(raw.decode("utf-8", "surrogateescape"))
        if events is None:
            return Body(raw)
        ends = list(accumulate(map(len, chunks)))
        at_ms, position = [], 0
        for piece in pieces(Stream(events, ()), kind):
            position += len(piece)
            at_ms.append(round((times[bisect_left(ends, position)] - self._started) * 1000))
        return Stream(events, at_ms)

    def _decoded(self) -> tuple[list[bytes], list[float]]:
        if not self._encoded:
            return self._chunks, self._times
        module = http_module(self._got)
        source = stream_classes(module).replayed(self._chunks, lambda: None, lambda: None)
        again = module.Response(self._got.status_code, headers=self._got.headers, stream=source)
        chunks, times = [], []
        try:
            for piece in again.iter_bytes():
                chunks.append(piece)
                times.append(self._times[max(source.position - 1, 0)])
        except module.DecodingError:
            pass  # cut in the middle of a compressed block: what came before it is what the reader saw
        return chunks, times


def _is_whole(body: Body | Stream, got: Any) -> bool:
    """Whether a body that was not read to its end had nothing more to give."""
    if isinstance(body, Stream):
        return bool(body.events) and is_terminal(body.events[-1])
    length = got.headers.get("content-length")
    return "content-encoding" not in got.headers and length == str(len(body.raw))


def pieces(body: Body | Stream, content_type: str) -> list[bytes]:
    """A body as it goes over the wire, a piece an event."""
    if isinstance(body, Body):
        return [body.raw]
    if content_type.startswith(eventstream.CONTENT_TYPE):
        return [eventstream.frame_of(event) for event in body.events]
    return [event.encode("utf-8", "surrogateescape") for event in body.events]


def tee(got: Any, capture: Capture) -> None:
    """Let a capture see what the reader of a live response reads, piece by piece.

    A mock transport gives a body that is read already, and then its stream is not asked for anything.
    """
    if got.is_stream_consumed:
        capture.whole(got.content)
        return
    got.stream = stream_classes(http_module(got)).tee(got.stream, capture)


# --- recorded responses


def rebuild(outcome: Outcome, sent: Any, client: Any, truncated: Callable[[], StreamTruncatedError]) -> Any:
    """The response (or exception, raised) that the HTTP library would have given for this outcome."""
    module = http_module(sent)
    if isinstance(outcome, Failure):
        raise rebuild_failure(outcome, module, sent)
    chunks = pieces(outcome.body, dict(outcome.headers).get("content-type", ""))
    ending = _ending(outcome, module, sent, truncated)
    extensions: dict[str, Any] = {"http_version": outcome.http_version.encode("ascii", "ignore")}
    if outcome.reason:
        extensions["reason_phrase"] = outcome.reason.encode("ascii", "ignore")
    elapsed = timedelta(milliseconds=outcome.elapsed_ms)

    def closed() -> None:  # only then is it known, live
        got.elapsed = elapsed

    decodes = any(name == "content-encoding" for name, _ in outcome.headers)
    got = module.Response(
        outcome.status,
        headers=outcome.headers,
        stream=stream_classes(module).replayed(chunks, ending, closed, outcome.end == "cancelled"),
        request=sent,
        extensions=extensions,
    )
    got.default_encoding = getattr(client, "_default_encoding", "utf-8")
    if decodes:
        _leave_decoded(got, module)
    return got


def _leave_decoded(got: Any, module: ModuleType) -> None:
    """Keep a response from unpacking its body, which is kept as it was read, yet let its headers say so."""
    identity = getattr(sys.modules.get(f"{module.__name__}._decoders"), "IdentityDecoder", None)
    if identity is not None and not hasattr(got, "_decoder"):
        got._decoder = identity()
    else:
        del got.headers["content-encoding"]


def _ending(
    outcome: Response, module: ModuleType, sent: Any, truncated: Callable[[], StreamTruncatedError]
) -> Callable[[], BaseException | None]:
    if outcome.end == "complete":
        return lambda: None
    failure = outcome.failure
    if outcome.end == "failed" and failure is not None:
        return lambda: rebuild_failure(failure, module, sent)
    return truncated


def rebuild_failure(failure: Failure, module: ModuleType, sent: Any) -> BaseException:
    """The exception that was kept; a class that is not at hand becomes the library's transport error."""
    if "." not in failure.type:
        cls = getattr(module, failure.type, module.TransportError)
        error = constructed(cls, failure.message, request=sent)
        error.__cause__ = _cause(failure, module)
        return error
    known = known_class(failure)
    if known is not None:
        return constructed(known, failure.message)
    return constructed(module.TransportError, f"{failure.type}: {failure.message}", request=sent)


def _cause(failure: Failure, module: ModuleType) -> BaseException | None:
    """What the library maps its transport errors from: the error of the same name of its own transport."""
    core = sys.modules.get(module.__name__.replace("httpx", "httpcore"))
    cls = getattr(core, failure.type, None)
    return cls(failure.message) if isinstance(cls, type) and issubclass(cls, Exception) else None
