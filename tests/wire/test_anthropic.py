"""Anthropic messages as messages of typed parts."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from trace_ops.trace import Usage
from trace_ops.wire import _anthropic
from trace_ops.wire._events import Payload
from trace_ops.wire.messages import (
    BlobPart,
    ChatResponse,
    FilePart,
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
    UnknownPart,
    UriPart,
)

DATA = base64.b64encode(b"picture").decode()
SHA = hashlib.sha256(b"picture").hexdigest()


def test_a_conversation() -> None:
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "found"}
    turns = [
        {"role": "user", "content": "Hi"},
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"q": 1}}],
        },
        {"role": "user", "content": [result]},
        {"role": "user", "content": [result, {"type": "text", "text": "and?"}]},
    ]

    request = _anthropic.request(
        {"model": "claude", "system": "Be brief.", "messages": turns, "max_tokens": 9}
    )

    assert request.messages == (
        Message("user", (TextPart("Hi"),)),
        Message("assistant", (ToolCallPart("toolu_1", "f", {"q": 1}),)),
        Message("tool", (ToolResultPart("toolu_1", "found"),)),
        Message("user", (ToolResultPart("toolu_1", "found"), TextPart("and?"))),
    )
    assert request.messages[1].path == "messages.1"
    assert request.system == (TextPart("Be brief."),)
    assert (request.model, request.parameters) == ("claude", {"max_tokens": 9})


def test_marks_of_the_cache_stay_with_their_parts() -> None:
    blocks = [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]

    (part,) = _anthropic.request({"system": blocks}).system

    assert part == TextPart("Be brief.")
    assert isinstance(part, TextPart)
    assert part.extra == {"cache_control": {"type": "ephemeral"}}


@pytest.mark.parametrize(
    ("block", "part"),
    [
        ({"type": "thinking", "thinking": "hm", "signature": "s"}, ReasoningPart("hm")),
        ({"type": "redacted_thinking", "data": "s"}, ReasoningPart(None)),
        ({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": DATA}},
         BlobPart("image", "image/png", SHA, 7)),
        ({"type": "image", "source": {"type": "url", "url": "https://x"}},
         UriPart("image", None, "https://x")),
        ({"type": "document", "title": "t", "source": {"type": "file", "file_id": "file_1"}},
         FilePart("document", "file_1")),
        ({"type": "container_upload", "file_id": "file_1"}, FilePart("document", "file_1")),
        ({"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "x"}},
         ToolCallPart("s1", "web_search", {"query": "x"}, server=True)),
        ({"type": "mcp_tool_use", "id": "m1", "name": "ask", "server_name": "wiki", "input": {}},
         ToolCallPart("m1", "ask", {}, server=True)),
        ({"type": "web_search_tool_result", "tool_use_id": "s1", "content": [{"url": "u"}]},
         ToolResultPart("s1", [{"url": "u"}], "web_search")),
        ({"type": "web_search_tool_result", "tool_use_id": "s1",
          "content": {"type": "web_search_tool_result_error", "error_code": "x"}},
         ToolResultPart("s1", {"type": "web_search_tool_result_error", "error_code": "x"}, "web_search",
                        failed=True)),
        ({"type": "tool_result", "tool_use_id": "t", "is_error": True,
          "content": [{"type": "text", "text": "no"}]},
         ToolResultPart("t", [TextPart("no")], failed=True)),
        ({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "tool_result"}]},
         ToolResultPart("t", [UnknownPart("tool_result", {"type": "tool_result"})])),
        ({"type": "tool_use", "input": {}}, UnknownPart("tool_use", {"type": "tool_use", "input": {}})),
        ({"type": "compaction", "content": "x"},
         UnknownPart("compaction", {"type": "compaction", "content": "x"})),
        ({"type": "image", "source": {}}, UnknownPart("image", {"type": "image", "source": {}})),
    ],
)  # fmt: skip
def test_blocks(block: Any, part: Part) -> None:
    assert _anthropic.part(block) == [part]


def test_a_document_that_is_text_can_be_read() -> None:
    block = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a,b"}}

    assert _anthropic.part(block) == [UnknownPart("document", block)]


def test_tools() -> None:
    tools = [
        {"name": "f", "description": "d", "input_schema": {"type": "object"}, "defer_loading": True},
        {"type": "custom", "name": "g", "input_schema": {}},
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 2},
    ]

    assert _anthropic.request({"tools": tools}).tools == (
        ToolDefinition("f", "d", {"type": "object"}, {"defer_loading": True}),
        ToolDefinition("g", None, {}),
        ToolDefinition("web_search", None, None, {"type": "web_search_20250305", "max_uses": 2}),
    )


@pytest.mark.parametrize(
    ("word", "finish"),
    [("end_turn", "stop"), ("stop_sequence", "stop"), ("max_tokens", "length"), ("tool_use", "tool_calls"),
     ("refusal", "content_filter"), ("pause_turn", "other"), (None, None)],
)  # fmt: skip
def test_words_for_the_finish(word: Any, finish: str | None) -> None:
    answer = _anthropic.response({"content": [], "stop_reason": word})

    assert (answer.finish, answer.finish_words) == ((finish,), (word,))


def test_a_stream_is_put_together_by_block() -> None:
    answer = _assemble(*_events())

    assert answer == _anthropic.response(_whole())
    text, call = answer.messages[0].parts[1:]
    assert isinstance(text, TextPart)
    assert text.extra == {"citations": [{"url": "a"}, {"url": "b"}]}
    assert call == ToolCallPart("toolu_1", "f", {"q": 1})
    assert (answer.usage, answer.finish, answer.complete) == (Usage(3, 9), ("tool_calls",), True)


def test_a_stream_that_was_cut_short_says_so() -> None:
    answer = _assemble(*_events()[:5])

    assert (answer.text, answer.finish, answer.complete) == ("He", (None,), False)


def test_arguments_that_were_cut_short_stay_text() -> None:
    cut = [
        event
        for event in _events()
        if event.get("delta") != {"type": "input_json_delta", "partial_json": " 1}"}
    ]

    assert _assemble(*cut).tool_calls[0].arguments == '{"q":'


def test_an_error_among_the_events() -> None:
    error = {"type": "overloaded_error", "message": "Overloaded"}

    answer = _assemble(*_events()[:5], {"type": "error", "error": error})

    assert (answer.error, answer.complete) == (error, False)


def test_an_answer_that_is_an_error() -> None:
    answer = _anthropic.response({"type": "error", "error": {"type": "api_error"}})

    assert (answer.messages, answer.error) == ((), {"type": "api_error"})


def _whole() -> dict[str, Any]:
    return {
        "type": "message",
        "id": "msg_1",
        "model": "claude",
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "sig"},
            {"type": "text", "text": "Hello", "citations": [{"url": "a"}, {"url": "b"}]},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"q": 1}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 9},
    }


def _events() -> list[dict[str, Any]]:
    started = {
        **_whole(),
        "content": [],
        "stop_reason": None,
        "usage": {"input_tokens": 3, "output_tokens": 1},
    }

    def delta(index: int, kind: str, **more: Any) -> dict[str, Any]:
        return {"type": "content_block_delta", "index": index, "delta": {"type": f"{kind}_delta", **more}}

    def block(index: int, **more: Any) -> dict[str, Any]:
        return {"type": "content_block_start", "index": index, "content_block": more}

    return [
        {"type": "message_start", "message": started},
        block(0, type="thinking", thinking="", signature=""),
        delta(0, "thinking", thinking="hm"),
        block(1, type="text", text=""),
        delta(1, "text", text="He"),
        delta(1, "text", text="llo"),
        {"type": "ping"},
        delta(0, "signature", signature="sig"),
        delta(1, "citations", citation={"url": "a"}),
        delta(1, "citations", citation={"url": "b"}),
        {"type": "content_block_stop", "index": 1},
        block(2, type="tool_use", id="toolu_1", name="f", input={}),
        delta(2, "input_json", partial_json=""),
        delta(2, "input_json", partial_json='{"q":'),
        delta(2, "input_json", partial_json=" 1}"),
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use", "stop_sequence": None},
            "usage": {"output_tokens": 9},
        },
        {"type": "message_stop"},
    ]


def _assemble(*events: dict[str, Any]) -> ChatResponse:
    return _anthropic.assemble(Payload(None, event) for event in events)
