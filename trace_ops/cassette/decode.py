"""A cassette from the plain data of its file; everything in it is checked."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, get_args

from trace_ops import _moments
from trace_ops._json_text import COMPACT
from trace_ops.cassette import document as shapes
from trace_ops.cassette.bodies import decode_body, decode_style
from trace_ops.cassette.conversations import Requests
from trace_ops.cassette.encode import JSON
from trace_ops.cassette.fields import DocumentError, Fields
from trace_ops.cassette.headers import decode_headers
from trace_ops.cassette.model import VERSION, Cassette
from trace_ops.cassette.multipart import decode_parts
from trace_ops.cassette.reader import Place
from trace_ops.cassette.streams import decode_stream
from trace_ops.exchange import Body, Exchange, Failure, Outcome, Request, Response, StreamEnd
from trace_ops.trace import Link, LinkKind, Span, SpanKind, Trace, Usage

_KINDS = frozenset(get_args(SpanKind))
_LINKS = frozenset(get_args(LinkKind))
_ENDS = frozenset(get_args(StreamEnd))


def from_document(document: Any) -> Cassette:
    """Build a cassette from the data of its file; raises :class:`DocumentError` that names the place."""
    check_version(document)
    fields = Fields(document, shapes.CassetteDocument.__annotations__.keys(), ())
    totals = Fields(fields.get("totals", dict, {}), shapes.TotalsDocument.__annotations__.keys(), ("totals",))
    fields.need("spans", list)
    fields.get("captured", dict)  # like the totals, it is worked out anew
    trace = Trace(
        name=fields.get("name", str, ""),
        recorded=_timestamp(fields),
        spans=_in_order(fields.items("spans", partial(decode_span, requests=Requests()))),
        tags=fields.texts("tags"),
        metadata=fields.get("metadata", dict, {}),
        libraries=fields.text_map("with"),
        passed_through=fields.text_map("passed_through"),
        uncaptured=fields.texts("uncaptured"),
        prices=totals.get("prices", str),
    )
    return Cassette(trace, fields.items("scrubbed", _scrubbed))


class NewerVersionError(DocumentError):
    """The file was written by a later version of TraceOps."""


def check_version(document: Any) -> None:
    """Make sure that the data is of a cassette, and of a version that is known here."""
    if type(document) is not dict or "version" not in document:
        raise DocumentError("not a TraceOps cassette: it has no version", ())
    version = document["version"]
    if type(version) is not int or version < 1:
        raise DocumentError(f"version {version!r} is not a version of the format", ("version",))
    if version > VERSION:
        raise NewerVersionError(
            f"version {version} of the format; this TraceOps reads up to {VERSION}", ("version",)
        )


def _timestamp(fields: Fields) -> datetime | None:
    text = fields.get("recorded", str)
    try:
        return None if text is None else _moments.read(text)
    except ValueError:
        raise fields.wrong("recorded", f"{text!r} is not a date and time") from None


def _in_order(spans: list[Span]) -> list[Span]:
    seen: set[int] = set()
    for index, span in enumerate(spans):
        place = ("spans", index, "span")
        if span.id in seen:
            raise DocumentError(f"span {span.id} occurs twice", place)
        seen.add(span.id)
    return spans


def _scrubbed(value: Any, place: Place) -> dict[str, Any]:
    fields = Fields(value, shapes.ScrubbedDocument.__annotations__.keys(), place)
    return {
        "secret": fields.need("secret", str),
        "as": fields.need("as", str),
        "times": fields.need("times", int),
    }


def decode_span(value: Any, place: Place, requests: Requests | None = None) -> Span:
    """Build one span; raises :class:`DocumentError`. ``requests`` are those of the spans before it."""
    fields = Fields(value, _SPAN, place)
    exchange = _exchange(fields, requests or Requests()) if "call" in fields else None
    if exchange is None:
        _refuse_call_fields(fields)
    return Span(
        id=_ordinal(fields, "span"),
        kind=fields.one_of("kind", _KINDS),
        name=fields.need("name", str),
        parent=_ordinal(fields, "parent") if "parent" in fields else None,
        lane=fields.get("lane", int, 0),
        start_ms=round(fields.number("start_ms", 0.0), 1),
        ms=round(fields.number("ms"), 1) if "ms" in fields else None,
        exchange=exchange,
        input=fields.any("input"),
        output=fields.any("output"),
        error=_failure(fields, "error"),
        attributes=fields.get("attributes", dict, {}),
        links=fields.items("links", _link),
        model=fields.get("model", str),
        usage=_usage(fields.any("usage"), (*place, "usage")) if "usage" in fields else None,
        tools=fields.texts("tools"),
        finish=fields.get("finish", str),
        cost_usd=fields.number("cost_usd"),
        via=fields.get("via", str),
    )


def _ordinal(fields: Fields, name: str) -> int:
    number = fields.need(name, int)
    if not 0 < number < 2**53:
        raise fields.wrong(name, f"{number} is not the number of a span")
    return number


def _refuse_call_fields(fields: Fields) -> None:
    for name in _CALL_ONLY:
        if name in fields:
            raise fields.wrong(name, "it belongs to a wire call, and field 'call' is missing")


def _usage(value: Any, place: Place) -> Usage:
    fields = Fields(value, _USAGE, place)
    return Usage(**{name: fields.need(name, int) for name in value})


def _link(value: Any, place: Place) -> Link:
    fields = Fields(value, shapes.LinkDocument.__annotations__.keys(), place)
    return Link(fields.one_of("kind", _LINKS), _ordinal(fields, "to"))


def _exchange(fields: Fields, requests: Requests) -> Exchange:
    return Exchange(
        provider=fields.need("provider", str),
        request=_request(fields, requests),
        outcome=_outcome(fields),
        retried=fields.items("retried", _retried),
    )


def _request(fields: Fields, requests: Requests) -> Request:
    method, blank, path = fields.need("call", str).partition(" ")
    if not blank:
        raise fields.wrong("call", "not a method and a path")
    query = fields.get("query", str)
    if query is None:
        path, _, query = path.partition("?")
    return Request(
        method=method,
        path=path,
        query=query,
        headers=fields.text_map("request_headers"),
        body=_request_body(fields, requests),
        content_type=fields.get("request_type", str, JSON),
    )


def _request_body(fields: Fields, requests: Requests) -> Body | None:
    found = fields.only("request_as", "request_parts", "request", "request_text", "request_base64")
    if "request_adds" in fields and found != "request_as":
        raise fields.wrong("request_adds", "it belongs to field 'request_as', which is missing")
    if found == "request_parts":
        return Body(decode_parts(fields.any("request_parts"), (*fields.place, "request_parts")))
    if found == "request_as":
        style = decode_style(fields, "request_format", COMPACT)
        body: Body | None = Body.from_json(requests.decode(fields), style)
    else:
        body = decode_body(fields, "request", "request_")
    if body is not None and found in ("request", "request_as"):
        requests.keep(fields.need("span", int), body.json)
    return body


def _retried(value: Any, place: Place) -> Outcome:
    return _outcome(Fields(value, shapes.OutcomeDocument.__annotations__.keys(), place))


def _outcome(fields: Fields) -> Outcome:
    if "response" in fields:
        return _response(fields.any("response"), (*fields.place, "response"))
    failure = _failure(fields, "error")
    if failure is None:
        raise DocumentError("a call without 'response' or 'error'", fields.place)
    return failure


def _response(value: Any, place: Place) -> Response:
    fields = Fields(value, _RESPONSE, place)
    fields.only("stream", "body", "text", "base64")
    if "stream" in fields:
        body: Any = decode_stream(fields.any("stream"), (*place, "stream"))
    else:
        body = decode_body(fields, "body")
    if body is None:
        raise DocumentError("field 'body' is missing", place)
    return Response(
        status=_status(fields),
        headers=decode_headers(fields.any("headers"), (*place, "headers")) if "headers" in fields else [],
        body=body,
        end=fields.one_of("end", _ENDS, "complete"),
        failure=_failure(fields, "failure"),
        http_version=fields.get("http_version", str, "HTTP/1.1"),
        reason=fields.get("reason", str, ""),
        elapsed_ms=round(fields.number("elapsed_ms", 0.0), 1),
    )


def _status(fields: Fields) -> int:
    status = fields.need("status", int)
    if not 100 <= status <= 999:
        raise fields.wrong("status", f"{status} is not an HTTP status")
    return status


def _failure(fields: Fields, name: str) -> Failure | None:
    if name not in fields:
        return None
    inner = Fields(fields.any(name), shapes.FailureDocument.__annotations__.keys(), (*fields.place, name))
    return Failure(inner.need("type", str), inner.need("message", str))


_SPAN = shapes.SpanDocument.__annotations__.keys()
_RESPONSE = shapes.ResponseDocument.__annotations__.keys()
_USAGE = shapes.UsageDocument.__annotations__.keys()
_CALL_ONLY = (
    "provider",
    "query",
    "retried",
    "response",
    *sorted(n for n in _SPAN if n.startswith("request")),
)
