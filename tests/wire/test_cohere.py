"""Cohere's chat of both versions in the model of messages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.kit import answered, streamed
from tests.wire.odd import bodies, keeps_all, reads_anything
from trace_ops.trace import Usage
from trace_ops.wire import _cohere, _cohere_v1, api_of, read_request, read_response, summarise
from trace_ops.wire._events import Payload
from trace_ops.wire.messages import (
    ChatResponse,
    Message,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
    UnknownPart,
    UriPart,
)

SCHEMA = {"type": "object", "properties": {}}
USAGE = {
    "billed_units": {"input_tokens": 7, "output_tokens": 50},
    "tokens": {"input_tokens": 502, "output_tokens": 53, "reasoning_tokens": 20},
    "cached_tokens": 448,
}
CALL = {"id": "look_1", "type": "function", "function": {"name": "look", "arguments": '{"city": "Rom"}'}}
CITATION = {"start": 0, "end": 2, "text": "Hi", "sources": [{"type": "tool", "id": "look_1:0"}]}


def assembled(*events: dict[str, Any]) -> ChatResponse:
    return _cohere.assemble([Payload(event.get("type"), event) for event in events])


def test_a_request() -> None:
    body = {
        "model": "command-a-03-2025",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Weather?"},
                    {"type": "image_url", "image_url": {"url": "https://x/a.png"}},
                ],
            },
            {
                "role": "assistant",
                "tool_plan": "I will look.",
                "content": [{"type": "text", "text": ""}],
                "tool_calls": [CALL],
            },
            {
                "role": "tool",
                "tool_call_id": "look_1",
                "content": [{"type": "document", "document": {"data": {"c": 21}}}],
            },
            {"role": "tool", "tool_call_id": "look_1", "content": "21"},
        ],
        "tools": [
            {"type": "function", "function": {"name": "look", "description": "Look.", "parameters": SCHEMA}}
        ],
        "temperature": 0,
        "stream": True,
    }

    read = _cohere.request(body, "/v2/chat")

    assert (read.api, read.model) == ("cohere.chat.v2", "command-a-03-2025")
    assert read.messages == (
        Message("system", (TextPart("Be brief."),)),
        Message("user", (TextPart("Weather?"), UriPart("image", None, "https://x/a.png"))),
        Message(
            "assistant", (ReasoningPart("I will look."), ToolCallPart("look_1", "look", {"city": "Rom"}))
        ),
        Message(
            "tool",
            (
                ToolResultPart(
                    "look_1",
                    [UnknownPart("document", {"type": "document", "document": {"data": {"c": 21}}})],
                ),
            ),
        ),
        Message("tool", (ToolResultPart("look_1", "21"),)),
    )
    assert read.tools == (ToolDefinition("look", "Look.", SCHEMA),)
    assert read.parameters == {"temperature": 0, "stream": True}


def test_an_answer_counts_what_is_billed() -> None:
    body = {
        "id": "r",
        "message": {
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Hi"}],
            "citations": [CITATION],
        },
        "finish_reason": "COMPLETE",
        "usage": USAGE,
    }

    read = _cohere.response(body)

    assert read.messages == (Message("assistant", (ReasoningPart("Hm."), TextPart("Hi"))),)
    assert read.messages[0].extra == {"citations": [CITATION]}
    assert (read.model, read.finish, read.finish_words) == (None, ("stop",), ("COMPLETE",))
    assert read.usage == Usage(7, 50, reasoning=20)
    assert read.extra == {"id": "r", "usage": USAGE}


@pytest.mark.parametrize(
    ("word", "finish"),
    [
        ("TOOL_CALL", "tool_calls"),
        ("MAX_TOKENS", "length"),
        ("STOP_SEQUENCE", "stop"),
        ("ERROR_TOXIC", "content_filter"),
        ("TIMEOUT", "error"),
        ("NEWS", "other"),
    ],
)
def test_why_it_ended(word: str, finish: str) -> None:
    assert _cohere.response({"finish_reason": word}).finish == (finish,)
    assert _cohere_v1.response({"finish_reason": word}).finish == (finish,)


def test_tokens_stand_in_for_what_is_billed_where_that_is_not_said() -> None:
    assert _cohere.usage({"tokens": {"input_tokens": 5, "output_tokens": 6}}) == Usage(5, 6)
    assert _cohere.usage({"api_version": "2"}) is None


def test_a_tool_without_parameters_is_called_with_none() -> None:
    bare = {"id": "a", "type": "function", "function": {"name": "now", "arguments": None}}

    assert _cohere.message({"role": "assistant", "tool_calls": [bare]}, "").tool_calls == [
        ToolCallPart("a", "now", {})
    ]


def delta(kind: str, at: int | None = None, **message: Any) -> dict[str, Any]:
    event: dict[str, Any] = {"type": kind, "delta": {"message": message}}
    return event if at is None else {**event, "index": at}


EVENTS = (
    {
        "type": "message-start",
        "id": "r",
        "delta": {"message": {"role": "assistant", "content": [], "tool_calls": [], "citations": []}},
    },
    delta("tool-plan-delta", tool_plan="I will "),
    delta("tool-plan-delta", tool_plan="look."),
    delta("tool-call-start", 0, tool_calls={**CALL, "function": {"name": "look", "arguments": ""}}),
    delta("tool-call-delta", 0, tool_calls={"function": {"arguments": '{"city": '}}),
    delta("tool-call-delta", 0, tool_calls={"function": {"arguments": '"Rom"}'}}),
    {"type": "tool-call-end", "index": 0},
    delta("content-start", 0, content={"type": "thinking", "thinking": ""}),
    delta("content-delta", 0, content={"thinking": "Hm"}),
    delta("content-delta", 0, content={"thinking": "."}),
    {"type": "content-end", "index": 0},
    delta("content-start", 1, content={"type": "text", "text": ""}),
    delta("content-delta", 1, content={"text": "Hi "}),
    delta("citation-start", 0, citations=CITATION),
    {"type": "citation-end", "index": 0},
    delta("content-delta", 1, content={"text": "there"}),
    {"type": "content-end", "index": 1},
    {"type": "message-end", "delta": {"finish_reason": "TOOL_CALL", "usage": USAGE}},
)
WHOLE = {
    "id": "r",
    "message": {
        "role": "assistant",
        "tool_plan": "I will look.",
        "tool_calls": [CALL],
        "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Hi there"}],
        "citations": [CITATION],
    },
    "finish_reason": "TOOL_CALL",
    "usage": USAGE,
}


def test_a_stream_reads_as_the_whole() -> None:
    read = assembled(*EVENTS)

    assert read == _cohere.response(WHOLE)
    assert read.complete
    assert read.messages[0].extra == {"citations": [CITATION]}


def test_a_stream_that_broke_off_is_read_as_far_as_it_came() -> None:
    read = assembled(*EVENTS[:5])

    assert read.messages[0].parts == (
        ReasoningPart("I will look."),
        ToolCallPart("look_1", "look", '{"city": '),
    )
    assert (read.finish, read.complete) == ((None,), False)


def test_an_event_that_is_not_known_is_kept() -> None:
    odd = {"type": "weather", "sun": 1}

    assert assembled(*EVENTS, odd).extra["events"] == [odd]


def test_a_summary() -> None:
    exchange = streamed(
        [*EVENTS, "data: [DONE]\n\n"], path="/v2/chat", request={"model": "command-a"}, named=True
    )

    seen = summarise(exchange)

    assert (seen.model, seen.usage, seen.tools, seen.finish, seen.text) == (
        "command-a",
        Usage(7, 50, reasoning=20),
        ["look"],
        "TOOL_CALL",
        "Hi there",
    )


# --- version 1

V1_CALL = {"name": "look", "parameters": {"city": "Rom"}}
META = {"billed_units": {"input_tokens": 7, "output_tokens": 50}, "tokens": {"input_tokens": 70}}


def test_a_request_of_version_1() -> None:
    body = {
        "model": "command-r",
        "preamble": "Be brief.",
        "chat_history": [
            {"role": "USER", "message": "Weather?"},
            {"role": "Chatbot", "message": "I will look.", "tool_calls": [V1_CALL]},
            {"role": "TOOL", "tool_results": [{"call": V1_CALL, "outputs": [{"c": 21}]}]},
        ],
        "message": "And now?",
        "tool_results": [{"call": V1_CALL, "outputs": [{"c": 22}]}],
        "tools": [
            {"name": "look", "description": "Look.", "parameter_definitions": {"city": {"type": "str"}}}
        ],
        "documents": [{"text": "a"}],
    }

    read = _cohere_v1.request(body, "/v1/chat")

    assert (read.api, read.model, read.system) == ("cohere.chat", "command-r", (TextPart("Be brief."),))
    assert read.messages == (
        Message("user", (TextPart("Weather?"),)),
        Message("assistant", (TextPart("I will look."), ToolCallPart(None, "look", {"city": "Rom"}))),
        Message("tool", (ToolResultPart(None, [{"c": 21}], "look"),)),
        Message("user", (TextPart("And now?"),)),
        Message("tool", (ToolResultPart(None, [{"c": 22}], "look"),)),
    )
    assert [said.path for said in read.messages[2:]] == ["chat_history.2", "message", "tool_results"]
    assert read.tools == (ToolDefinition("look", "Look.", {"city": {"type": "str"}}),)
    assert read.parameters == {"documents": [{"text": "a"}]}


def test_an_answer_of_version_1_and_its_stream() -> None:
    whole = {
        "text": "Hi there",
        "generation_id": "g",
        "citations": [CITATION],
        "tool_calls": [V1_CALL],
        "finish_reason": "COMPLETE",
        "meta": META,
    }
    events = [
        {"event_type": "stream-start", "is_finished": False, "generation_id": "g"},
        {"event_type": "text-generation", "is_finished": False, "text": "Hi "},
        {"event_type": "text-generation", "is_finished": False, "text": "there"},
        {"event_type": "citation-generation", "is_finished": False, "citations": [CITATION]},
        {"event_type": "tool-calls-chunk", "is_finished": False, "tool_call_delta": {"name": "look"}},
        {"event_type": "tool-calls-generation", "is_finished": False, "tool_calls": [V1_CALL]},
        {"event_type": "stream-end", "is_finished": True, "finish_reason": "COMPLETE", "response": whole},
    ]

    read = _cohere_v1.response(whole)

    assert read.messages == (
        Message("assistant", (TextPart("Hi there"), ToolCallPart(None, "look", {"city": "Rom"}))),
    )
    assert (read.finish, read.finish_words, read.usage) == (("tool_calls",), ("COMPLETE",), Usage(7, 50))
    streaming = [Payload(None, event) for event in events]
    assert _cohere_v1.assemble(streaming) == read
    cut = _cohere_v1.assemble(streaming[:-1])
    assert (cut.messages, cut.complete) == (read.messages, False)


@pytest.mark.parametrize(
    ("path", "body", "api"),
    [
        ("/v2/chat", WHOLE, "cohere.chat.v2"),
        ("/v1/chat", {"text": "Hi", "generation_id": "g"}, "cohere.chat"),
        ("/gateway", WHOLE, "cohere.chat.v2"),
        ("/gateway", {"text": "Hi", "generation_id": "g"}, "cohere.chat"),
        ("/v1/generate", {"generations": [{"text": "Hi", "finish_reason": "COMPLETE"}]}, "cohere.generate"),
        ("/v2/embed", {"embeddings": {"float": [[0.1]]}}, None),
        ("/v2/rerank", {"results": [{"index": 0, "relevance_score": 0.5}]}, None),
    ],
)
def test_calls_are_told_by_path_and_shape(path: str, body: Any, api: str | None) -> None:
    exchange = answered(body, path=path, request={"model": "command-r", "message": "?"})

    assert api_of(exchange) == api
    assert (read_request(exchange) is None) == (read_response(exchange) is None) == (api is None)


@given(
    body=bodies(
        "type delta message content text thinking role tool_plan tool_calls function name arguments id "
        "index citations finish_reason usage billed_units tokens input_tokens messages tool_call_id "
        "model tools",
        "message-start content-delta tool-call-start citation-start message-end thinking text",
    ),
    name=st.none(),
)
def test_nothing_raises(body: dict[str, Any], name: None) -> None:
    reads_anything(_cohere, body, name)
    keeps_all(body, _cohere.message(body, ""))
    _cohere.is_answer(body)


@given(
    body=bodies(
        "event_type is_finished text response chat_history role message tool_calls name parameters "
        "tool_results call outputs citations finish_reason meta billed_units input_tokens preamble "
        "tools parameter_definitions",
        "stream-start text-generation stream-end tool-calls-generation USER",
    )
)
def test_nothing_raises_of_version_1(body: dict[str, Any]) -> None:
    reads_anything(_cohere_v1, body, None)
    keeps_all(body, _cohere_v1.message(body, ""))
    _cohere_v1.is_answer(body)
