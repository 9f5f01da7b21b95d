"""Scrub what was recorded already, by the rules by which a recorder scrubs what it keeps."""

from __future__ import annotations

from dataclasses import replace

from trace_ops.exchange import Body, Exchange, Failure, Outcome, Request, Stream
from trace_ops.redaction import Scrubber
from trace_ops.trace import Span


def scrub(span: Span, scrubber: Scrubber) -> Span:
    """A step without secrets: a new one if there were any, else the same."""
    scrubbed = replace(
        span,
        input=scrubber.value(span.input),
        output=scrubber.value(span.output),
        attributes=scrubber.value(span.attributes),
        error=_failure(span.error, scrubber),
        exchange=span.exchange and _exchange(span.exchange, scrubber),
    )
    return span if scrubbed == span else scrubbed


def _exchange(exchange: Exchange, scrubber: Scrubber) -> Exchange:
    return replace(
        exchange,
        request=_request(exchange.request, scrubber),
        outcome=_outcome(exchange.outcome, scrubber),
        retried=[_outcome(outcome, scrubber) for outcome in exchange.retried],
    )


def _request(request: Request, scrubber: Scrubber) -> Request:
    return replace(
        request,
        query=scrubber.query(request.query) if request.query else "",
        headers=dict(scrubber.headers(list(request.headers.items()))),
        body=request.body and _body(request.body, scrubber),
    )


def _outcome(outcome: Outcome, scrubber: Scrubber) -> Outcome:
    if isinstance(outcome, Failure):
        return Failure(outcome.type, scrubber.text(outcome.message))
    body = outcome.body
    return replace(
        outcome,
        headers=scrubber.headers(outcome.headers),
        failure=_failure(outcome.failure, scrubber),
        body=_stream(body, scrubber) if isinstance(body, Stream) else _body(body, scrubber),
    )


def _stream(stream: Stream, scrubber: Scrubber) -> Stream:
    events = scrubber.events(stream.events)
    return stream if events == list(stream.events) else Stream(events, stream.at_ms)


def _body(body: Body, scrubber: Scrubber) -> Body:
    raw = scrubber.bytes(body.raw)
    return body if raw is body.raw else Body(raw)


def _failure(failure: Failure | None, scrubber: Scrubber) -> Failure | None:
    return failure and Failure(failure.type, scrubber.text(failure.message))
