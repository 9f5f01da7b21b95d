"""OpenAI Responses as messages of typed parts."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from trace_ops.trace import Usage
from trace_ops.wire import _responses
from trace_ops.wire._events import Payload
from trace_ops.wire.messages import (
    BlobPart,
    ChatResponse,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
    UnknownPart,
    UriPart,
)

PICTURE = base64.b64encode(b"picture").decode()
SHA = hashlib.sha256(b"picture").hexdigest()


def test_a_text_is_the_message_of_a_user() -> None:
    request = _responses.request(
        {"model": "gpt-5", "input": "Hi", "instructions": "Be brief.", "store": False}
    )

    assert request.messages == (Message("user", (TextPart("Hi"),)),)
    assert request.messages[0].path == "input"
    assert request.system == (TextPart("Be brief."),)
    assert (request.model, request.parameters) == ("gpt-5", {"store": False})


def test_each_item_of_the_input_is_a_message() -> None:
    image = {"type": "input_image", "image_url": "https://x/y.png", "detail": "low"}
    items = [
        {"role": "developer", "content": "Be brief."},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}, image]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]},
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": '{"a":1}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "1"},
        {"type": "function_call_output", "call_id": "call_2", "output": [image]},
        {"type": "item_reference", "id": "msg_1"},
        "odd",
    ]

    messages = _responses.request({"input": items}).messages

    assert messages == (
        Message("system", (TextPart("Be brief."),)),
        Message("user", (TextPart("Hi"), UriPart("image", None, "https://x/y.png"))),
        Message("assistant", (ReasoningPart("hm"),)),
        Message("assistant", (ToolCallPart("call_1", "f", {"a": 1}),)),
        Message("tool", (ToolResultPart("call_1", "1"),)),
        Message("tool", (ToolResultPart("call_2", [UriPart("image", None, "https://x/y.png")]),)),
        Message("assistant", (UnknownPart("item_reference", items[6]),)),
        Message("user", (UnknownPart("item", "odd"),)),
    )
    assert [message.path for message in messages] == [f"input.{at}" for at in range(8)]


@pytest.mark.parametrize(
    ("item", "parts"),
    [
        ({"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "gAAA"},
         [ReasoningPart(None)]),
        ({"type": "reasoning", "content": [{"type": "reasoning_text", "text": "a"}],
          "summary": [{"type": "summary_text", "text": "b"}]}, [ReasoningPart("b"), ReasoningPart("a")]),
        ({"type": "custom_tool_call", "call_id": "c", "name": "sql", "input": "select 1"},
         [ToolCallPart("c", "sql", "select 1")]),
        ({"type": "computer_call", "call_id": "c", "action": {"type": "click"}},
         [ToolCallPart("c", "computer", {"action": {"type": "click"}})]),
        ({"type": "computer_call_output", "call_id": "c", "output": {"type": "computer_screenshot"}},
         [ToolResultPart("c", {"type": "computer_screenshot"}, "computer")]),
        ({"type": "web_search_call", "id": "ws", "status": "completed", "action": {"query": "x"}},
         [ToolCallPart("ws", "web_search", {"action": {"query": "x"}}, server=True)]),
        ({"type": "code_interpreter_call", "id": "ci", "code": "1+1", "outputs": [{"logs": "2"}]},
         [ToolCallPart("ci", "code_interpreter", {"code": "1+1"}, server=True),
          ToolResultPart("ci", [{"logs": "2"}], "code_interpreter")]),
        ({"type": "mcp_call", "id": "m", "name": "ask", "server_label": "s", "arguments": '{"q":1}',
          "output": "a"},
         [ToolCallPart("m", "ask", {"q": 1}, server=True), ToolResultPart("m", "a", "ask")]),
        ({"type": "mcp_call", "id": "m", "name": "ask", "server_label": "s", "arguments": '{"q":1}',
          "output": "a", "error": None, "approval_request_id": None},
         [ToolCallPart("m", "ask", {"q": 1}, server=True), ToolResultPart("m", "a", "ask")]),
        ({"type": "mcp_call", "id": "m", "name": "ask", "arguments": '{"q":1}', "output": None,
          "error": None},
         [ToolCallPart("m", "ask", {"q": 1}, server=True)]),
        ({"type": "mcp_call", "id": "m", "name": "ask", "arguments": "{}", "output": None, "error": "down"},
         [ToolCallPart("m", "ask", {}, server=True), ToolResultPart("m", "down", "ask", failed=True)]),
        ({"type": "mcp_call", "id": "m", "name": "ask", "arguments": "{}", "error": "down"},
         [ToolCallPart("m", "ask", {}, server=True), ToolResultPart("m", "down", "ask", failed=True)]),
        ({"type": "image_generation_call", "id": "ig", "output_format": "png", "result": PICTURE},
         [ToolCallPart("ig", "image_generation", {"output_format": "png"}, server=True),
          BlobPart("image", "image/png", SHA, 7)]),
        ({"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}, [RefusalPart("no")]),
        ({"type": "compaction", "id": "x"}, [UnknownPart("compaction", {"type": "compaction", "id": "x"})]),
        ({"type": "function_call"}, [UnknownPart("function_call", {"type": "function_call"})]),
        (5, [UnknownPart("item", 5)]),
    ],
)  # fmt: skip
def test_items_of_the_output(item: Any, parts: list[Part]) -> None:
    (message,) = _responses.response({"output": [item]}).messages

    assert message == Message("assistant", tuple(parts))


def test_what_is_said_beside_an_item_stays_with_it() -> None:
    said = {"type": "message", "id": "msg_1", "status": "completed", "content": [
        {"type": "output_text", "text": "Hi", "annotations": [{"url": "u"}], "logprobs": []}]}  # fmt: skip
    call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}"}

    (message,) = _responses.response({"output": [said, call]}).messages

    assert message.extra == {"0": {"id": "msg_1", "status": "completed"}}
    assert [getattr(part, "extra", None) for part in message.parts] == [
        {"annotations": [{"url": "u"}]},
        {"id": "fc_1"},
    ]


@pytest.mark.parametrize(
    ("status", "reason", "finish", "complete"),
    [
        ("completed", None, "stop", True),
        ("incomplete", "max_output_tokens", "length", True),
        ("incomplete", "content_filter", "content_filter", True),
        ("failed", None, "error", True),
        ("cancelled", None, "other", True),
        ("in_progress", None, None, False),
    ],
)
def test_the_finish(status: str, reason: str | None, finish: str | None, complete: bool) -> None:
    details = None if reason is None else {"reason": reason}

    answer = _responses.response({"output": [], "status": status, "incomplete_details": details})

    assert (answer.finish, answer.finish_words) == ((finish,), (reason or status,))
    assert answer.complete is complete


def test_an_answer_that_asks_for_tools_ends_in_calls() -> None:
    own = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    server = {"type": "web_search_call", "id": "ws", "status": "completed"}

    assert _responses.response({"output": [own], "status": "completed"}).finish == ("tool_calls",)
    assert _responses.response({"output": [server], "status": "completed"}).finish == ("stop",)


def test_tools() -> None:
    tools = [
        {
            "type": "function",
            "name": "f",
            "description": "d",
            "parameters": {"type": "object"},
            "strict": True,
        },
        {"type": "web_search", "search_context_size": "low"},
        {"type": "mcp", "server_label": "s", "server_url": "https://x"},
    ]

    assert _responses.request({"input": "", "tools": tools}).tools == (
        ToolDefinition("f", "d", {"type": "object"}, {"strict": True}),
        ToolDefinition("web_search", None, None, {"type": "web_search", "search_context_size": "low"}),
        ToolDefinition("mcp", None, None, {"type": "mcp", "server_label": "s", "server_url": "https://x"}),
    )


def test_a_stream_is_what_its_last_event_holds() -> None:
    answer = _assemble(*_events(), _ended())

    assert answer == _responses.response(_ended()["response"])
    assert (answer.text, answer.usage, answer.complete) == ("Hello", Usage(3, 4), True)


def test_a_stream_that_broke_off_is_put_together_from_its_pieces() -> None:
    answer = _assemble(*_events())

    assert answer.messages == _responses.response(_ended()["response"]).messages
    assert (answer.model, answer.finish, answer.usage, answer.complete) == ("gpt-5", (None,), None, False)


def test_pieces_of_items_that_are_not_done() -> None:
    answer = _assemble(*_events()[:5])

    assert answer.messages[0].parts == (ReasoningPart("hm"), TextPart("Hel"))


def test_output_that_a_gateway_leaves_out_of_the_last_event() -> None:
    last = _ended()
    last["response"]["output"] = []

    answer = _assemble(*_events(), last)

    assert (answer.text, answer.complete) == ("Hello", True)


def test_an_error_among_the_events() -> None:
    answer = _assemble(*_events()[:5], {"type": "error", "code": "server_error", "message": "down"})

    assert answer.error == {"type": "error", "code": "server_error", "message": "down"}
    assert not answer.complete


def _events() -> list[dict[str, Any]]:
    said = {"type": "message", "id": "msg_1", "role": "assistant", "content": []}
    call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": ""}
    text = {"type": "response.output_text.delta", "output_index": 1, "content_index": 0}
    thought = {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0}
    return [
        {"type": "response.created", "response": {"model": "gpt-5", "status": "in_progress", "output": []}},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {"type": "reasoning", "summary": []},
        },
        {**thought, "delta": "hm"},
        {"type": "response.output_item.added", "output_index": 1, "item": said},
        {**text, "delta": "Hel"},
        {**text, "delta": "lo"},
        {"type": "response.output_item.added", "output_index": 2, "item": call},
        {"type": "response.function_call_arguments.delta", "output_index": 2, "delta": '{"a"'},
        {"type": "response.function_call_arguments.delta", "output_index": 2, "delta": ":1}"},
    ]


def _ended() -> dict[str, Any]:
    output = [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]},
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": '{"a":1}'},
    ]
    usage = {"input_tokens": 3, "output_tokens": 4}
    body = {"model": "gpt-5", "status": "completed", "output": output, "usage": usage}
    return {"type": "response.completed", "response": body}


def _assemble(*events: dict[str, Any]) -> ChatResponse:
    return _responses.assemble(Payload(None, event) for event in events)
