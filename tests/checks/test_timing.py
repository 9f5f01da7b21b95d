"""Times in a replay are those of the recording."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.cli.samples import chat, refused, streamed, tool
from trace_ops.checks import Budget
from trace_ops.checks.timing import call_ms, first_token_ms, run_ms, run_ms_beside
from trace_ops.exchange import Response, Stream
from trace_ops.trace import Span, Trace


def served(number: int, recorded_ms: float, **fields: Any) -> Span:
    """A call as it is in a replay: done in no time, with what was recorded of it."""
    span = chat(number, ms=0.5, **fields)
    assert span.exchange is not None
    assert isinstance(span.exchange.outcome, Response)
    span.exchange.outcome.elapsed_ms = recorded_ms
    span.start_ms = float(number)
    return span


def events(*at_ms: int, deltas: list[dict[str, Any]]) -> Span:
    """A streamed call, of which each event came at its time."""
    chunks = [
        {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": each}]} for each in deltas
    ]
    span = streamed(1, [])
    assert span.exchange is not None
    body = Stream([f"data: {json.dumps(chunk)}\n\n" for chunk in chunks], list(at_ms))
    span.exchange.outcome = Response(200, [("content-type", "text/event-stream")], body)
    return span


def test_a_recorded_run_took_what_its_spans_took() -> None:
    trace = Trace(spans=[chat(1), chat(2)])

    assert run_ms(trace) == trace.duration_ms == 912.0


def test_served_calls_take_as_long_as_when_they_were_recorded() -> None:
    trace = Trace(spans=[served(1, 1000.5), served(2, 2000.5)])

    assert run_ms(trace) == pytest.approx(2.5 + 1000 + 2000)
    assert call_ms(trace.spans[0]) == pytest.approx(1000.5)


def test_of_calls_in_parallel_the_longest_counts() -> None:
    spans = [served(1, 1000.5), served(2, 3000.5, lane=1), served(3, 2000.5, lane=2), served(4, 500.5)]

    assert run_ms(Trace(spans=spans)) == pytest.approx(4.5 + 1000 + 3000 + 500)


def test_time_within_a_step_counts_once() -> None:
    agent = Span(1, "agent", "a", ms=10.0)
    inner = served(2, 1000.5, parent=1)

    assert run_ms(Trace(spans=[agent, inner])) == pytest.approx(10 + 1000)


def test_attempts_that_failed_count() -> None:
    span = served(1, 1000.5)
    assert span.exchange is not None
    assert isinstance(span.exchange.outcome, Response)
    span.exchange.retried = [replace(span.exchange.outcome, status=429, elapsed_ms=200.0)]

    assert call_ms(span) == pytest.approx(1200.5)


def test_a_time_budget_holds_in_a_replay() -> None:
    trace = Trace(spans=[served(1, 1000.5), tool(2, "x", {}, None), served(3, 4000.5)])
    (violation,) = Budget.of(max_seconds=3).check(trace)

    assert violation.text == "max_seconds: 5.01 s, 2.01 s over the limit of 3 s (+67%)"
    assert violation.details[0] == "span 3 (llm:gpt-5): 4 s"
    assert violation.where[0] == 3


def replayed(recorded: Trace, late_ms: float) -> Trace:
    """A run again on a machine that is busy: calls are served at once, all else is late."""
    spans = [replace(span, start_ms=span.start_ms + late_ms * span.id) for span in recorded]
    for span in spans:
        span.ms = 0.5 if span.exchange is not None else (span.ms or 0.0) + late_ms
    return Trace(spans=spans)


def recording() -> Trace:
    first, second = served(1, 400.5), served(3, 600.5)
    first.ms, second.ms, second.start_ms = 400.5, 600.5, 500.0
    return Trace(spans=[first, tool(2, "x", {}, None), second])


@pytest.mark.parametrize("limit", ["+0%", "+10%"])
def test_a_replay_takes_as_long_as_its_recording_however_slow_it_is(limit: str) -> None:
    recorded = recording()
    run = replayed(recorded, late_ms=500)

    assert run_ms_beside(run, recorded) == run_ms(recorded)
    assert Budget.of(max_seconds=limit).check(run, recorded) == []
    assert Budget.of(max_seconds=1.5).check(run, recorded) != []


def test_what_is_new_in_a_replay_counts_beside_the_recording() -> None:
    recorded = recording()
    run = replayed(recorded, late_ms=50)
    run.spans.append(chat(4, "Something new", ms=300.0))

    assert run_ms_beside(run, recorded) == pytest.approx(run_ms(recorded) + 300)
    (violation,) = Budget.of(max_seconds="+10%").check(run, recorded)
    assert violation.text.endswith("+10% on the recorded 1.1 s (+16%)")


def test_a_run_that_is_live_throughout_has_its_own_time() -> None:
    run = Trace(spans=[chat(1, "Other words", ms=2000.0)])

    assert run_ms_beside(run, recording()) == run_ms(run)


def test_less_than_chance_is_not_over_a_relative_limit() -> None:
    recorded, run = (Trace(spans=[chat(1, said, ms=ms)]) for said, ms in (("A", 20.0), ("B", 60.0)))

    assert Budget.of(max_seconds="+10%").check(run, recorded) == []
    run.spans[0].ms = 80.0
    (violation,) = Budget.of(max_seconds="+10%").check(run, recorded)
    assert violation.text == (
        "max_seconds: 0.08 s, 0.01 s over the limit of 0.07 s, +10% on the recorded 0.02 s and no less than "
        "0.05 s (+14%)"
    )


def test_the_first_token_is_the_first_event_that_says_something() -> None:
    opening, text = {"role": "assistant", "content": ""}, {"content": "Hi"}

    assert first_token_ms(events(100, 250, 900, deltas=[opening, text, text])) == 250
    assert first_token_ms(events(100, 250, 300, 400, deltas=[opening, opening, opening, text])) == 400
    assert first_token_ms(events(100, deltas=[opening])) is None
    assert first_token_ms(chat(1)) is None
    assert first_token_ms(refused(1, 500)) is None


def test_a_request_for_a_tool_says_something() -> None:
    call = {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "search", "arguments": ""}}]}

    assert first_token_ms(events(100, 250, deltas=[{"role": "assistant"}, call])) == 250


def test_in_a_format_that_is_not_known_the_first_event_counts() -> None:
    span = events(100, 250, deltas=[{}, {}])
    assert span.exchange is not None
    assert isinstance(span.exchange.outcome, Response)
    span.exchange.request.path, span.exchange.request.body = "/v1/speak", None
    span.exchange.outcome.body = Stream(["data: hello\n\n", "data: there\n\n"], [100, 250])

    assert first_token_ms(span) == 100


def test_a_limit_of_the_first_token_is_for_each_call() -> None:
    trace = Trace(spans=[events(100, 2500, deltas=[{"role": "assistant"}, {"content": "Hi"}])])
    (violation,) = Budget.of(max_first_token_seconds=2).check(trace)

    assert violation.text == "max_first_token_seconds: 2.5 s, 0.5 s over the limit of 2 s (+25%)"
    assert Budget.of(max_first_token_seconds=2.5).check(trace) == []
