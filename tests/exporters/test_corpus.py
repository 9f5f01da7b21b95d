"""Runs of other people's agents: what is exported is what the formats take, and nothing is lost unsaid."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam
from pydantic import TypeAdapter

from benchmarks import _corpus
from trace_ops.exporters import (
    anthropic_finetune,
    csv_line,
    json_text,
    openai_finetune,
    row,
    span_record,
)
from trace_ops.trace import Trace

EVERY = 4
MESSAGES = TypeAdapter(list[ChatCompletionMessageParam])
TOOLS = TypeAdapter(list[ChatCompletionFunctionToolParam])

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not _corpus.DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"
    ),
]


@pytest.fixture(scope="module")
def traces() -> list[Trace]:
    return list(_sample())


def test_examples_for_openai_are_requests_to_chat(traces: list[Trace]) -> None:
    written = 0
    for trace in traces:
        examples, notes = openai_finetune(trace, per_call=True)
        skipped = {note.span for note in notes if note.skipped}
        assert len(examples) + len(skipped) == len(trace), trace.name
        for example in examples:
            read = json.loads(json_text(example))
            MESSAGES.validate_python(read["messages"])
            TOOLS.validate_python(read.get("tools", []))
            _check_order(read["messages"])
        written += len(examples)

    assert written > 400


def test_examples_for_claude_alternate(traces: list[Trace]) -> None:
    written = 0
    for trace in traces:
        for example in anthropic_finetune(trace)[0]:
            roles = [message["role"] for message in example["messages"]]
            assert roles == ["user", "assistant"] * (len(roles) // 2)
            assert all(message["content"] for message in example["messages"])
            written += 1

    assert written > 150


def test_a_conversation_is_there_once(traces: list[Trace]) -> None:
    for trace in traces:
        whole = [example["messages"] for example in openai_finetune(trace)[0]]
        for one in whole:
            assert sum(other[: len(one)] == one for other in whole) == 1


def test_every_step_is_a_record_and_a_row(traces: list[Trace]) -> None:
    for trace in traces:
        for span in trace:
            assert json.loads(json_text(span_record(span)))["call"]["provider"]
            assert csv_line(row(trace, span)).endswith("\r\n")


def _check_order(messages: list[dict[str, object]]) -> None:
    """Every result stands after its call, and nobody speaks before all results are in."""
    waiting: list[object] = []
    for message in messages:
        if message["role"] == "tool":
            waiting.remove(message["tool_call_id"])
            continue
        assert not waiting
        calls = message.get("tool_calls") or []
        assert isinstance(calls, list)
        waiting = [call["id"] for call in calls]
        assert len(set(waiting)) == len(waiting)
    assert messages[-1]["role"] == "assistant"


def _sample() -> Iterator[Trace]:
    pytest.importorskip("zstandard", reason="the corpus is compressed with zstandard")
    for number, (_, calls) in enumerate(_corpus.runs()):
        if number % EVERY == 0:
            yield _corpus.trace(calls)
