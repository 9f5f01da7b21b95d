"""Exchanges and spans without secrets: what a recorder keeps, and what was recorded already."""

from __future__ import annotations

from dataclasses import replace

from trace_ops.exchange import Body, Exchange, Failure, Outcome, Request, Stream
from trace_ops.redaction._scrubber import Scrubber
from trace_ops.trace import Span


def scrub_span(span: Span, scrubber: Scrubber) -> Span:
    """A step without secrets: a new one if there were any, else the same."""
    scrubbed = replace(
        span,
        name=scrubber.text(span.name),
        input=scrubber.value(span.input),
        output=scrubber.value(span.output),
        attributes=scrubber.value(span.attributes),
        error=_failure(span.error, scrubber),
        exchange=span.exchange and _exchange(span.exchange, scrubber),
        model=span.model and scrubber.text(span.model),
        finish=span.finish and scrubber.text(span.finish),
        tools=[scrubber.text(tool) for tool in span.tools],
    )
    return span if scrubbed == span else scrubbed


def _exchange(exchange: Exchange, scrubber: Scrubber) -> Exchange:
    return replace(
        exchange,
        request=scrub_request(exchange.request, scrubber),
        outcome=scrub_outcome(exchange.outcome, scrubber),
        retried=[scrub_outcome(outcome, scrubber) for outcome in exchange.retried],
    )


def scrub_request(request: Request, scrubber: Scrubber) -> Request:
    """A request as it is kept and matched."""
    return Request(
        request.method,
        scrubber.short(request.path),
        scrubber.query(request.query) if request.query else "",
        dict(scrubber.headers(request.headers.items())) if request.headers else {},
        request.body and _body(request.body, scrubber),
        request.content_type,
    )


def scrub_outcome(outcome: Outcome, scrubber: Scrubber) -> Outcome:
    """An answer or failure as it is kept."""
    if isinstance(outcome, Failure):
        return Failure(scrubber.text(outcome.type), scrubber.text(outcome.message))
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
    return failure and Failure(scrubber.text(failure.type), scrubber.text(failure.message))
