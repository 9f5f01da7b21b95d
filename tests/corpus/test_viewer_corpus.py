"""Runs of other people's agents as pages: each is made, keeps the contract, and holds all that was said."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import is_dataclass
from itertools import pairwise
from typing import Any

import pytest

from benchmarks import _corpus
from tests.viewer.kit import CONTRACT, Page, check_run, whole
from trace_ops import wire
from trace_ops.diff import diff_traces
from trace_ops.exchange import Body, Stream
from trace_ops.trace import Trace
from trace_ops.viewer.page import page
from trace_ops.viewer.shelf import Shelf
from trace_ops.viewer.texts import texts_of
from trace_ops.wire.messages import (
    Message,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

OF_EACH = 60
"""So many runs of each API, where there are so many."""

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not _corpus.DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"
    ),
]


@pytest.fixture(scope="module")
def traces() -> dict[str, list[Trace]]:
    """Runs by the API of their first call."""
    groups: dict[str, list[list[dict[str, Any]]]] = {}
    known: dict[str, list[dict[str, Any]]] = {}
    for record in _corpus.records():
        if record["api"] in _corpus.CHATS and isinstance(record["request_body"], dict):
            known.setdefault(record["cassette_group"], []).append(record)
    for calls in known.values():
        groups.setdefault(calls[0]["api"], []).append(calls)
    return {api: [_corpus.trace(calls) for calls in runs[:OF_EACH]] for api, runs in groups.items()}


def test_there_are_runs_of_every_api(traces: dict[str, list[Trace]]) -> None:
    many = Counter({api: len(runs) for api, runs in traces.items()})
    assert set(many) == _corpus.CHATS
    assert many == many | Counter(
        {
            "openai.chat": 60,
            "openai.responses": 60,
            "anthropic.messages": 60,
            "google.generateContent": 60,
            "bedrock.converse": 50,
            "mistral.chat": 30,
            "cohere.chat": 20,
        }
    )


def test_each_run_becomes_a_page_that_keeps_the_contract(traces: dict[str, list[Trace]]) -> None:
    for runs in traces.values():
        shelf = Shelf()
        for trace in runs:
            shelf.add(trace, trace.name)
        found = Page(b"".join(page(shelf.pieces("corpus")))).check()
        assert len(found.bundle["runs"]) == len(runs)


def test_every_text_that_was_asked_or_said_is_in_the_details(traces: dict[str, list[Trace]]) -> None:
    compared = 0
    for trace, run, details in _pages(traces):
        for span in trace:
            assert span.exchange is not None
            said = set(texts_of(_numbered(details), span.id))
            request, response = wire.read_request(span.exchange), wire.read_response(span.exchange)
            messages = [*(request.messages if request else ()), *(response.messages if response else ())]
            if request is not None:
                messages.append(Message("system", request.system))
            for text in _texts(messages):
                assert text in said, (run["head"], span.id, text[:80])
                compared += 1
    assert compared > 3_000


def test_every_body_is_there_to_the_letter(traces: dict[str, list[Trace]]) -> None:
    compared: Counter[str] = Counter()
    for trace, _, details in _pages(traces):
        for span in trace:
            assert span.exchange is not None
            call = details["spans"][str(span.id)]["call"]
            bodies = [(call["body"], span.exchange.request.body)]
            outcome = span.exchange.outcome
            (attempt,) = call["attempts"]
            if isinstance(body := outcome.body, Stream):  # type: ignore[union-attr]
                events = [(event["at"], event["text"]) for event in attempt["events"]]
                assert events == list(zip(body.at_ms, _joined(body)))
                compared["events"] += len(events)
            else:
                bodies.append((attempt["body"], body))
            for told, given in bodies:
                assert isinstance(given, Body)
                compared[_compare(told, given, details)] += 1
    assert compared["json"] > 1_000
    assert compared["events"] > 5_000


def _compare(told: Any, given: Body, details: Any) -> str:
    if told is None:
        assert not given.raw
        return "empty"
    if "json" in told:
        assert json.dumps(whole(told, details)) == json.dumps(given.json)
        return "json"
    if "text" in told:
        assert told["text"] == given.text
        return "text"
    return "base64"


def test_what_repeats_makes_no_page_larger_than_what_went_over_the_wire(
    traces: dict[str, list[Trace]],
) -> None:
    """Long conversations are what pools are for."""
    sent = written = 0
    for trace, run, details in _pages(traces):
        if len(trace) >= 5:
            written += len(json.dumps(details)) + len(json.dumps(run))
            sent += sum(_size(span.exchange) for span in trace)
    assert written < 2.5 * sent


def test_comparisons_of_runs_keep_the_contract(traces: dict[str, list[Trace]]) -> None:
    for runs in traces.values():
        shelf = Shelf()
        for old, new in list(pairwise(runs))[:10]:
            keys = [shelf.add(trace, trace.name) for trace in (old, new)]
            shelf.compare(diff_traces(old, new), *keys)
        Page(b"".join(page(shelf.pieces("corpus")))).check()


def _pages(traces: dict[str, list[Trace]]) -> Iterator[tuple[Trace, Any, Any]]:
    for runs in traces.values():
        for trace in runs:
            shelf = Shelf()
            key = shelf.add(trace, trace.name)
            found = Page(b"".join(page(shelf.pieces("corpus"))))
            run, details = found.run(key), found.details(key)
            assert CONTRACT.problems("Run", run) == []
            check_run(run, details)
            yield trace, run, details


def _numbered(details: Any) -> Any:
    return {**details, "spans": {int(number): step for number, step in details["spans"].items()}}


def _texts(messages: list[Message]) -> Iterator[str]:
    """The texts of messages as ``wire`` reads them; data in them is told by its hash."""
    for message in messages:
        for part in message.parts:
            yield from _part(part)


def _part(part: Any) -> Iterator[str]:
    if isinstance(part, (TextPart, RefusalPart, ReasoningPart)):
        if part.content is not None:
            yield _sent(part.content)
    elif isinstance(part, ToolCallPart):
        yield _sent(part.name)
        yield from _leaves(part.arguments)
    elif isinstance(part, ToolResultPart):
        for item in part.response if isinstance(part.response, (list, tuple)) else [part.response]:
            yield from _part(item) if is_dataclass(item) else _leaves(item)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield _sent(value)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)


def _sent(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _joined(stream: Stream) -> list[str]:
    return list(map(_sent, stream.events))


def _size(exchange: Any) -> int:
    return len(exchange.request.body.raw) + len(exchange.outcome.body.raw)
