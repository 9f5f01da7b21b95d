"""What models of LlamaIndex are asked and give is read as messages, whole or in pieces."""

from __future__ import annotations

import json
from typing import Any

from trace_ops import wire
from trace_ops.exchange import Body, Exchange, Request, Response, Stream
from trace_ops.trace import Usage
from trace_ops.wire.messages import ReasoningPart, TextPart, ToolCallPart, ToolResultPart


def exchange(asked: Any, answer: Any = None) -> Exchange:
    body: Any = Stream([json.dumps(one) + "\n" for one in answer], [0] * len(answer))
    kept = body if isinstance(answer, list) else Body(json.dumps(answer).encode())
    request = Request("CALL", "/House", body=Body(json.dumps(asked).encode()))
    return Exchange("llamaindex", request, Response(200, [], kept))


def test_a_conversation_with_tools_is_read() -> None:
    call = {"block_type": "tool_call", "tool_call_id": "c1", "tool_name": "add", "tool_kwargs": {"a": 1}}
    asked = {
        "model": "house-1",
        "params": {"temperature": 0.5},
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "blocks": [{"block_type": "text", "text": "Add."}]},
            {"role": "assistant", "blocks": [{"block_type": "thinking", "content": "Hm."}, call]},
            {"role": "tool", "content": "1", "additional_kwargs": {"tool_call_id": "c1"}},
        ],
        "tools": [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}],
    }
    request = wire.read_request(exchange(asked, {"text": "done"}))

    assert request is not None
    assert (request.model, [tool.name for tool in request.tools]) == ("house-1", ["add"])
    assert [(one.role, one.parts) for one in request.messages] == [
        ("system", (TextPart("Be brief."),)),
        ("user", (TextPart("Add."),)),
        ("assistant", (ReasoningPart("Hm."), ToolCallPart("c1", "add", {"a": 1}))),
        ("tool", (ToolResultPart("c1", "1"),)),
    ]


def test_a_prompt_and_an_answer_with_its_tokens_are_read() -> None:
    answer = {"text": "Hi.", "additional_kwargs": {"prompt_tokens": 7, "completion_tokens": 3}}
    found = exchange({"model": "house-1", "prompt": "Hello"}, answer)
    request, response = wire.read_request(found), wire.read_response(found)

    assert request is not None
    assert response is not None
    assert [(one.role, one.text) for one in request.messages] == [("user", "Hello")]
    assert (response.text, response.usage) == ("Hi.", Usage(7, 3))


def test_calls_of_tools_as_openai_has_them_are_read_once() -> None:
    block = {"block_type": "tool_call", "tool_call_id": "c1", "tool_name": "add", "tool_kwargs": '{"a": 1}'}
    theirs = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    message = {"role": "assistant", "blocks": [block], "additional_kwargs": {"tool_calls": [theirs]}}
    response = wire.read_response(exchange({"model": "m", "messages": []}, {"message": message}))

    assert response is not None
    assert response.messages[0].parts == (ToolCallPart("c1", "add", {"a": 1}),)
    assert response.finish == ("tool_calls",)


def test_pieces_are_put_together() -> None:
    first = {"message": {"role": "assistant", "content": "Hi"}, "delta": "Hi"}
    for pieces in (
        [first, {"delta": " there"}],
        [{"text": "Hi", "delta": "Hi"}, {"delta": " there"}],
        [
            first,
            {"message": {"role": "assistant", "content": "Hi there"}, "delta": " there", "raw": {"n": 1}},
        ],
    ):
        response = wire.read_response(exchange({"model": "m", "prompt": "Hello"}, pieces))
        assert response is not None
        assert (response.text, response.complete) == ("Hi there", True)


def test_what_is_not_as_expected_is_kept() -> None:
    found = exchange({"messages": [1, {"role": "user", "blocks": [2, {"block_type": "new", "x": 1}]}]}, {})
    request, response = wire.read_request(found), wire.read_response(found)

    assert request is not None
    assert response is not None
    assert [part.type for one in request.messages for part in one.parts] == ["unknown"] * 3
    assert response.text == ""
