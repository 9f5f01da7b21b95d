"""How long things took when they were recorded, whether the run is a recording or a replay of it.

In a replay the spans have the times of the replay, in which no provider is waited for. What was recorded
of a call stands in its exchange: when the answer came, and when each event of a stream did.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Mapping
from dataclasses import replace

from trace_ops import wire
from trace_ops.checks.order import Order
from trace_ops.exchange import Exchange, Outcome, Response, Stream
from trace_ops.trace import Span, Trace

_ROUNDING_MS = 2.0
"""Times of events are whole milliseconds, and taken beside the span's own."""


def call_ms(span: Span) -> float:
    """How long a step took; for a call that was served from a recording, how long it took then."""
    return (span.ms or 0.0) + _saved_ms(span)


def run_ms(trace: Trace) -> float:
    """How long a run took, or would have taken had its served calls taken as long as when recorded.

    The time of the run itself, and what was saved by serving calls along the longest chain of steps: of
    calls in parallel lanes, the longest counts.
    """
    return trace.duration_ms + Order.of_spans(trace).longest([_saved_ms(span) for span in trace])


def run_ms_beside(trace: Trace, recorded: Trace) -> float:
    """How long a run took, to be compared with the time of a recording.

    A run that was served calls of the recording has times of its own only for what is new in it: calls
    that were served, and steps that did what was recorded, take as long as then, and so does what is
    between the steps. What a replay takes by itself, on a machine that may be busy, is no news.
    """
    before: defaultdict[Hashable, deque[float]] = defaultdict(deque)
    for span in leaves(recorded):
        before[_did(span)].append(call_ms(span))
    took, served, new = {}, False, 0
    for span in leaves(trace):
        same = before[_did(span)]
        served = served or (bool(same) and span.exchange is not None)
        new += not same
        took[span.id] = same.popleft() if same else call_ms(span)
    if not served:
        return run_ms(trace)
    if not new and not any(before.values()):
        return run_ms(recorded)
    between = run_ms(recorded) - _chain_ms(recorded, {span.id: call_ms(span) for span in leaves(recorded)})
    return _chain_ms(trace, took) + max(0.0, between)


def _chain_ms(trace: Trace, took: Mapping[int, float]) -> float:
    return Order.of_spans(trace).longest([took.get(span.id, 0.0) for span in trace])


def _did(span: Span) -> Hashable:
    """What a step did; two calls are the same if one was served with the answer of the other."""
    if span.exchange is None:
        return (span.kind, span.name, repr(span.input), repr(span.output), repr(span.error))
    outcomes = (*span.exchange.retried, span.exchange.outcome)
    request = span.exchange.request.body
    return (span.name, request and request.raw, tuple(map(_answer, outcomes)))


def _answer(outcome: Outcome) -> Hashable:
    if not isinstance(outcome, Response):
        return outcome
    body = tuple(outcome.body.at_ms) if isinstance(outcome.body, Stream) else outcome.body.raw
    return (outcome.status, body, outcome.elapsed_ms)


def leaves(trace: Trace) -> list[Span]:
    """The steps that have none within them."""
    parents = {span.parent for span in trace}
    return [span for span in trace if span.id not in parents]


def first_token_ms(span: Span) -> float | None:
    """When the first event of a streamed answer came that says something, from the start of the call.

    Something is text, reasoning, a refusal or a request for a tool; an event that only opens the stream
    is not, but where the format is not known, the first event counts. Attempts that failed before count
    with the time they took. ``None`` for calls that were not streamed, or of whose stream nothing came.
    """
    exchange = span.exchange
    outcome = exchange.outcome if exchange is not None else None
    if exchange is None or not isinstance(outcome, Response) or not isinstance(outcome.body, Stream):
        return None
    stream = outcome.body
    count = min(len(stream.events), len(stream.at_ms))
    if count and outcome.status < 400 and wire.read_response(exchange) is None:
        return stream.at_ms[0] + sum(map(_outcome_ms, exchange.retried))
    if not _says(exchange, outcome, count):
        return None
    least, most = 0, count
    while most - least > 1:  # `least` events say nothing, `most` do
        middle = (least + most) // 2
        least, most = (least, middle) if _says(exchange, outcome, middle) else (middle, most)
    return stream.at_ms[most - 1] + sum(map(_outcome_ms, exchange.retried))


def _says(exchange: Exchange, outcome: Response, events: int) -> bool:
    assert isinstance(outcome.body, Stream)
    begun = Stream(outcome.body.events[:events], outcome.body.at_ms[:events])
    answer = wire.read_response(replace(exchange, outcome=replace(outcome, body=begun)))
    return answer is not None and any(message.parts for message in answer.messages)


def _saved_ms(span: Span) -> float:
    """How much longer a call took when it was recorded; 0 for one that was not served."""
    if span.exchange is None or span.ms is None:
        return 0.0
    recorded = sum(map(_outcome_ms, (*span.exchange.retried, span.exchange.outcome)))
    return max(0.0, recorded - span.ms) if recorded > span.ms + _ROUNDING_MS else 0.0


def _outcome_ms(outcome: Outcome) -> float:
    if not isinstance(outcome, Response):
        return 0.0
    at_ms = outcome.body.at_ms if isinstance(outcome.body, Stream) else ()
    return max(outcome.elapsed_ms, *at_ms[-1:], 0.0)
