"""Wire requests and responses of botocore, as a :class:`~trace_ops.providers._call.Call` handles them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from http.client import responses
from typing import Any
from urllib.parse import urlsplit

from trace_ops.errors import StreamTruncatedError
from trace_ops.exchange import Body, Failure, Outcome, Request, Response, Stream, StreamEnd
from trace_ops.providers import _http
from trace_ops.providers._botocore_bodies import RecordedBody, replayed_body

KEPT_REQUEST_HEADERS = "x-amzn-bedrock-"
"""How those headers begin that change an answer: guardrail, latency, service tier."""

describe_failure = _http.describe_failure


def describe_request(sent: Any, base_path: str) -> Request:
    """What is kept of a wire request."""
    address = urlsplit(sent.url)
    path, base = address.path, base_path.rstrip("/")
    if base and path.startswith(base + "/"):
        path = path[len(base) :]
    given = {_text(name).lower(): _text(value) for name, value in sent.headers.items()}
    headers = {name: value for name, value in given.items() if name.startswith(KEPT_REQUEST_HEADERS)}
    content = _content(sent.body)
    kind = given.get("content-type", "")
    return Request(sent.method, path, address.query, headers, Body(content) if content else None, kind)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _content(body: Any) -> bytes:
    if body is None or isinstance(body, str):
        return (body or "").encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    position = body.tell()
    try:
        return bytes(body.read())
    finally:
        body.seek(position)


# --- live responses


class _Headers(dict[str, str]):
    def multi_items(self) -> list[tuple[str, str]]:
        return list(self.items())


class _Head:
    """A response without its body, as the description of one looks at it."""

    def __init__(self, got: Any) -> None:
        self.status_code = got.status_code
        self.headers = _Headers((name.lower(), str(value)) for name, value in got.headers.items())
        self.http_version = "HTTP/1.0" if getattr(got.raw, "version", 11) == 10 else "HTTP/1.1"
        reason = getattr(got.raw, "reason", None) or ""
        self.extensions = {"reason_phrase": reason.encode("ascii", "ignore")}

    @property
    def elapsed(self) -> Any:
        raise RuntimeError("botocore does not measure it")


def describe_response(
    got: Any, body: Body | Stream, end: StreamEnd, failure: Failure | None, started: float
) -> Response:
    """What is kept of a wire response. ``started`` is the ``perf_counter`` at which the request left."""
    return _http.describe_response(_Head(got), body, end, failure, started)


class Capture(_http.Capture):
    """Collects a body while its reader reads it; botocore reads bodies as they come, encoded or not."""

    def __init__(
        self,
        got: Any,
        started: float,
        done: Callable[[Response], None],
        lost: Callable[[Exception], None],
    ) -> None:
        super().__init__(_Head(got), started, done, lost)

    def _decoded(self) -> tuple[list[bytes], list[float]]:
        return self._chunks, self._times


def tee(got: Any, capture: _http.Capture) -> None:
    """Let a capture see what the reader of a live response reads, piece by piece."""
    got.raw = RecordedBody(got.raw, capture)


# --- recorded responses


def rebuild(outcome: Outcome, sent: Any, _client: Any, truncated: Callable[[], StreamTruncatedError]) -> Any:
    """The response (or exception, raised) that botocore would have given for this outcome."""
    if isinstance(outcome, Failure):
        raise rebuild_failure(outcome, sent)
    raw = replayed_body(
        outcome.status,
        outcome.headers,
        _http.pieces(outcome.body, dict(outcome.headers).get("content-type", "")),
        ending(outcome, sent, truncated),
        version=10 if outcome.http_version == "HTTP/1.0" else 11,
        reason=outcome.reason or responses.get(outcome.status),
    )
    got = sys.modules["botocore.awsrequest"].AWSResponse(sent.url, outcome.status, raw.headers, raw)
    if not sent.stream_output:
        _ = got.content  # read at once, as live
    return got


def ending(
    outcome: Response, sent: Any, truncated: Callable[[], StreamTruncatedError]
) -> Callable[[], BaseException | None]:
    """What the reader of a recorded body meets at its end: nothing, or an exception."""
    if outcome.end == "complete":
        return lambda: None
    failure = outcome.failure
    if outcome.end == "failed" and failure is not None:
        return lambda: rebuild_failure(failure, sent)
    return truncated


def rebuild_failure(failure: Failure, sent: Any) -> BaseException:
    """The exception that was kept; a class that is not at hand becomes botocore's own for the network."""
    where, _, name = failure.type.rpartition(".")
    cls = getattr(sys.modules.get(where), name, None)
    if not (isinstance(cls, type) and issubclass(cls, BaseException)):
        cls = sys.modules["botocore.exceptions"].HTTPClientError
    # Their constructors make the message of what they are given; it is made already.
    error: Any = cls.__new__(cls, failure.message)
    BaseException.__init__(error, failure.message)
    if where.startswith("botocore"):
        error.kwargs = {"endpoint_url": sent.url, "error": failure.message}
        error.request = error.response = None
    elif where.startswith("urllib3"):  # botocore asks its timeouts for their address
        error.pool = error.url = None
        _chain(error)
    elif where.startswith("aiohttp"):
        error.__cause__ = _cause(failure.message)
    return error  # type: ignore[no-any-return]


def _chain(error: BaseException) -> None:
    """Show an error of urllib3 with what it is raised from; the first versions said nothing of it."""
    if not sys.modules["urllib3"].__version__.startswith("1."):
        error.__cause__ = TimeoutError("timed out") if type(error).__name__ == "ReadTimeoutError" else None


_NAMED = re.compile(r"<(?P<name>\w+): \d+, message=(?P<quote>['\"])(?P<message>.*)(?P=quote)>")


def _cause(message: str) -> BaseException | None:
    """The error of its parser that aiohttp raises its own from, and names in it."""
    named = _NAMED.search(message)
    cls = getattr(sys.modules.get("aiohttp.http_exceptions"), named["name"], None) if named else None
    return cls(named["message"]) if named and cls is not None else None
