"""Runs and their steps, as lists, trees and filters have them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from tests.diff.kit import calls, chat, json_body, step, trace
from tests.viewer.kit import CONTRACT
from trace_ops.exchange import Exchange, Failure, Request, Response, Stream
from trace_ops.exporters import json_text
from trace_ops.trace import Span, Trace, Usage
from trace_ops.viewer import data
from trace_ops.viewer.runs import Named, TraceView


def run(*spans: Span, **header: Any) -> data.Run:
    told = TraceView(replace(trace(*spans), **header), Named("key", "name")).run
    assert CONTRACT.problems("Run", json.loads(json_text(told))) == []
    return told


def only(span: Span) -> data.Span:
    (told,) = run(span)["spans"]
    return told


def test_a_head_sums_up_what_is_known() -> None:
    spans = [
        replace(chat(), usage=Usage(100, 20, cache_read=64), cost_usd=0.25),
        replace(chat(calls(("look", {}))), usage=Usage(50, None), cost_usd=0.5, tools=["look"]),
        step("tool", "look", error=Failure("builtins.KeyError", "'x'")),
    ]
    recorded = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
    given = Trace("mine", recorded, spans=spans, tags=["nightly"])
    told = TraceView(given, Named("key", "name", "a/b.yaml", "replayed", running=True)).head

    totals = told.pop("totals")  # type: ignore[misc]
    assert told == {
        "key": "key",
        "name": "name",
        "path": "a/b.yaml",
        "recorded": "2026-11-20T12:00:00+00:00",
        "tags": ["nightly"],
        "verdict": "replayed",
        "running": True,
        "stamp": None,
    }
    assert totals == {
        "spans": 3,
        "llm_calls": 2,
        "tool_calls": 1,
        "errors": 1,
        "usage": {"input": 150, "output": 20, "cache_read": 64, "cache_write": None, "reasoning": None},
        "cost": 0.75,
        "ms": 5.0,
        "models": ["gpt-5"],
    }


def test_what_is_not_known_is_null_and_not_zero() -> None:
    head = run()["head"]
    assert head["recorded"] is head["verdict"] is head["path"] is None
    assert set(head["totals"]["usage"].values()) == {None}
    unpriced = run(replace(chat(), usage=Usage(1, 1), cost_usd=None))
    assert (unpriced["head"]["totals"]["cost"], unpriced["spans"][0]["unpriced"]) == (None, True)
    assert only(step("tool"))["cost"] is None
    assert not only(step("tool"))["unpriced"]


@pytest.mark.parametrize(
    ("span", "label"),
    [
        (chat(), "gpt-5"),
        (replace(chat(Failure("ReadTimeout", "")), model=None), "gpt-5"),
        (replace(chat(path="/files"), kind="custom", name="openai files", model=None), "openai files"),
        (step("tool", "search"), "search"),
        (step("agent", "researcher"), "researcher"),
        (step("llm", "fake", model="fake-1"), "fake-1"),
        (step("llm", "fake"), "fake"),
    ],
)
def test_a_step_is_called_by_its_model_or_its_name(span: Span, label: str) -> None:
    assert only(span)["label"] == label


@pytest.mark.parametrize(
    ("span", "preview"),
    [
        (chat("It is\n\n warm."), "It is warm."),
        (chat("x" * 500), "x" * 199 + "…"),
        (
            chat(calls(("look", {"at": "Oslo", "n": [1]}), ("stop", {}))),
            'look(at: "Oslo", n: [1]), stop()',
        ),
        (chat(Failure("ReadTimeout", "")), "Hi!"),
        (step("tool", input={"at": "Oslo"}, output="rainy"), '{"at": "Oslo"} → rainy'),
        (step("tool", input="in"), "in"),
        (step("agent", output=[1, None]), "→ [1, null]"),
        (step("agent"), ""),
        (chat(path="/embeddings", messages=None, input=["warm", "places"]), "warm · places"),
        (chat("\x1b[2J\u202egone"), "[2J gone"),
    ],
)
def test_a_preview_is_one_line_of_what_was_said(span: Span, preview: str) -> None:
    assert only(span)["preview"] == preview


@pytest.mark.parametrize(
    ("span", "error"),
    [
        (chat(), None),
        (step("tool", error=Failure("builtins.KeyError", "'x'")), ("builtins.KeyError", "'x'")),
        (
            chat(Response(429, [], json_body({"error": {"message": "Slow down"}}))),
            ("status 429", "Slow down"),
        ),
        (chat(Response(500, [], json_body({"detail": "Broken"}))), ("status 500", "Broken")),
        (chat(Response(502, [], json_body("no gateway"))), ("status 502", "no gateway")),
        (chat(Failure("ReadTimeout", "too slow")), ("ReadTimeout", "too slow")),
        (
            chat(Response(200, [], Stream(["data: {}\n\n"], [1]), "failed", Failure("ReadError", "reset"))),
            ("ReadError", "reset"),
        ),
    ],
)
def test_what_went_wrong_is_told_with_its_message(span: Span, error: tuple[str, str] | None) -> None:
    told = only(span)["error"]
    assert (None if told is None else (told["type"], told["message"])) == error


def test_a_step_that_runs_has_no_end_and_no_error() -> None:
    running = replace(chat(Failure("none", "")), ms=None)
    told = only(running)
    assert (told["ms"], told["error"], told["attempts"]) == (None, None, 1)


def test_attempts_count_the_last_one() -> None:
    refused = Response(429, [], json_body({}))
    span = chat()
    assert span.exchange is not None
    again = replace(span, exchange=replace(span.exchange, retried=[refused, refused]))
    assert (only(span)["attempts"], only(again)["attempts"]) == (1, 3)


def streamed(at: list[int], ms: float | None, elapsed: float = 0.0, retried: int = 0) -> Span:
    stream = Stream(["data: {}\n\n"] * len(at), at)
    outcome = Response(200, [], stream, elapsed_ms=elapsed)
    exchange = Exchange("openai", Request("POST", "/chat/completions"), outcome)
    exchange.retried = [Failure("ReadTimeout", "")] * retried
    return Span(1, "llm", "x", exchange=exchange, ms=ms)


@pytest.mark.parametrize(
    ("span", "first"),
    [
        (chat(), None),
        (streamed([], 10.0), None),
        (streamed([40, 90], 100.0), 40.0),
        (streamed([40, 90], None), 40.0),
        # A stream counts from its own request; what was tried before that took time too.
        (streamed([40, 90], 600.0, elapsed=100.0, retried=1), 540.0),
        # A run that is replayed takes no time, and its streams have the times of the recording.
        (streamed([400, 900], 2.0), 2.0),
    ],
)
def test_the_first_event_counts_from_the_start_of_the_step(span: Span, first: float | None) -> None:
    assert only(span)["first"] == first


def test_values_that_json_cannot_hold_do_no_harm() -> None:
    class Thing:
        def __repr__(self) -> str:
            raise RuntimeError

    odd = {"thing": Thing(), "nan": float("nan"), "big": 2**70, 1: {2, 3}}
    told = only(step("tool", input=odd, output=float("inf"), attributes={"x": Thing()}))
    assert "<Thing>" in told["preview"]


def test_details_hold_a_trace_made_by_hand() -> None:
    view = TraceView(trace(step("tool", input={"n": float("nan"), "big": 2**70})), Named("key", "name"))
    assert view.details["spans"][1]["input"] == {"n": "nan", "big": str(2**70)}
