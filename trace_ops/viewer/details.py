"""All that was said in a run, as the page has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trace_ops import wire
from trace_ops.exchange import Body, Exchange, Failure, Outcome, Stream
from trace_ops.trace import Span
from trace_ops.viewer import data, steps
from trace_ops.viewer.bodies import Bodies
from trace_ops.viewer.calls import CallRead, Calls
from trace_ops.viewer.values import safe


def details(spans: Sequence[Span], calls: Calls, before: Mapping[int, int]) -> data.Details:
    """Messages, bodies and events of all steps. ``before`` names the calls whose conversations go on."""
    bodies = Bodies(calls.prints, _bodies(spans))
    teller = _Teller(calls, bodies, before)
    told = {span.id: teller.step(span) for span in spans}
    return {"messages": calls.messages, "tools": calls.tools, "values": bodies.pool, "spans": told}


def _bodies(spans: Sequence[Span]) -> Iterator[Body | Stream | None]:
    for span in spans:
        if span.exchange is not None:
            yield span.exchange.request.body
            for outcome in steps.attempts(span.exchange):
                yield None if isinstance(outcome, Failure) else outcome.body


@dataclass(frozen=True)
class _Teller:
    calls: Calls
    bodies: Bodies
    before: Mapping[int, int]

    def step(self, span: Span) -> data.SpanDetail:
        return {
            "input": safe(span.input),
            "output": safe(span.output),
            "attributes": safe(span.attributes),
            "call": None if span.exchange is None else self._call(span.id, span.exchange),
        }

    def _call(self, number: int, exchange: Exchange) -> data.Call:
        request, read = exchange.request, self.calls.by_span[number]
        return {
            "provider": exchange.provider,
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "api": read.api,
            "request": _asked(read),
            "response": _answered(read),
            "before": self.before.get(number),
            "headers": request.headers,
            "body": self.bodies.raw(request.body),
            "attempts": [self._attempt(outcome, read.api) for outcome in steps.attempts(exchange)],
        }

    def _attempt(self, outcome: Outcome, api: str | None) -> data.Attempt:
        if isinstance(outcome, Failure):
            return {
                "status": None,
                "reason": "",
                "headers": [],
                "body": None,
                "events": None,
                "end": "failed",
                "failure": _failure(outcome),
            }
        return {
            "status": outcome.status,
            "reason": outcome.reason,
            "headers": list(outcome.headers),
            "body": self.bodies.raw(outcome.body),
            "events": _events(outcome.body, api) if isinstance(outcome.body, Stream) else None,
            "end": outcome.end,
            "failure": None if outcome.failure is None else _failure(outcome.failure),
        }


def _asked(read: CallRead) -> data.Asked | None:
    if read.asked is None:
        return None
    return {
        "system": read.system,
        "messages": list(read.messages),
        "tools": list(read.tools),
        "parameters": safe(read.asked.parameters),
    }


def _answered(read: CallRead) -> data.Answered | None:
    answer = read.answer
    if answer is None:
        return None
    return {
        "messages": list(read.answers),
        "finish": list(answer.finish_words),
        "error": safe(answer.error),
        "complete": answer.complete,
        "extra": safe(answer.extra),
    }


def _failure(failure: Failure) -> data.Failure:
    return {"type": failure.type, "message": failure.message}


def _events(stream: Stream, api: str | None) -> list[data.StreamEvent]:
    events = list(stream.events)
    # Of a stream that was made by hand there may be no times.
    times: list[Any] = [*stream.at_ms, *([0] * (len(events) - len(stream.at_ms)))]
    return [
        {"at": at, "text": event, "said": _said(pieces)}
        for event, at, pieces in zip(events, times, wire.said(api, events))
    ]


_LOUDNESS = {"text": 2, "tool_call": 1, "reasoning": 0}


def _said(pieces: Sequence[wire.Piece]) -> data.Said | None:
    """What an event says; of several kinds, which hardly any event has, the one that matters most."""
    if not pieces:
        return None
    kind = max(pieces, key=lambda piece: _LOUDNESS[piece.type]).type
    return {"type": kind, "text": "".join(piece.text for piece in pieces if piece.type == kind)}
