"""Ollama's chat and generate in the model of messages."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.kit import answered, streamed
from tests.wire.odd import bodies, keeps_all, reads_anything
from trace_ops.trace import Usage
from trace_ops.wire import _ollama, api_of, read_response, summarise
from trace_ops.wire._events import Payload
from trace_ops.wire.messages import (
    BlobPart,
    Message,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
)

PIXEL = b"\x89PNG pixel"
ENCODED = base64.b64encode(PIXEL).decode()
PICTURE = BlobPart("image", None, hashlib.sha256(PIXEL).hexdigest(), len(PIXEL))
CALL = {"function": {"name": "look", "arguments": {"city": "Rom"}}}
COUNTS = {"prompt_eval_count": 9, "eval_count": 5, "total_duration": 7}


def answer(**message: Any) -> dict[str, Any]:
    said = {"role": "assistant", **message}
    return {"model": "qwen3", "message": said, "done": True, "done_reason": "stop", **COUNTS}


def test_a_request_of_chat() -> None:
    body = {
        "model": "qwen3",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "What is this?", "images": [ENCODED]},
            {"role": "assistant", "content": "", "thinking": "Hm.", "tool_calls": [CALL]},
            {"role": "tool", "content": "21", "tool_name": "look"},
        ],
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}],
        "options": {"seed": 1},
        "stream": False,
    }

    read = _ollama.request(body, "/api/chat")

    assert (read.api, read.model) == ("ollama.chat", "qwen3")
    assert read.messages == (
        Message("system", (TextPart("Be brief."),)),
        Message("user", (TextPart("What is this?"), PICTURE)),
        Message("assistant", (ReasoningPart("Hm."), ToolCallPart(None, "look", {"city": "Rom"}))),
        Message("tool", (ToolResultPart(None, "21", "look"),)),
    )
    assert read.tools == (ToolDefinition("look", None, {"type": "object"}),)
    assert read.parameters == {"options": {"seed": 1}, "stream": False}


def test_a_request_of_generate() -> None:
    body = {"model": "llava", "prompt": "What?", "system": "Be brief.", "images": [ENCODED], "raw": False}

    read = _ollama.request(body, "/api/generate")

    assert (read.api, read.system) == ("ollama.generate", (TextPart("Be brief."),))
    assert read.messages == (Message("user", (TextPart("What?"), PICTURE)),)
    assert read.parameters == {"raw": False}


def test_an_answer_of_chat() -> None:
    read = _ollama.response(answer(content="Hi", thinking="Hm."))

    assert (read.api, read.model, read.text) == ("ollama.chat", "qwen3", "Hi")
    assert read.messages[0].parts == (ReasoningPart("Hm."), TextPart("Hi"))
    assert (read.finish, read.finish_words, read.usage) == (("stop",), ("stop",), Usage(9, 5))
    assert read.extra == COUNTS


def test_a_stop_for_tools_says_so() -> None:
    read = _ollama.response(answer(content="", tool_calls=[CALL]))

    assert (read.finish, read.finish_words) == (("tool_calls",), ("stop",))
    assert read.tool_calls == [ToolCallPart(None, "look", {"city": "Rom"})]


def test_an_answer_of_generate() -> None:
    read = _ollama.response(
        {"model": "llama3", "response": "Hi", "thinking": "Hm.", "done": True, "context": [1]}
    )

    assert (read.api, read.text, read.usage) == ("ollama.generate", "Hi", None)
    assert read.messages[0].parts == (ReasoningPart("Hm."), TextPart("Hi"))
    # Older servers give no reason.
    assert (read.finish, read.finish_words) == (("stop",), (None,))
    assert read.extra == {"context": [1]}


def chat_events() -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [
        {"content": "", "thinking": "H"},
        {"content": "", "thinking": "m."},
        {"content": "Hi "},
        {"content": "there", "tool_calls": [CALL]},
        {"content": "", "tool_calls": [CALL]},
    ]
    events = [
        {"model": "qwen3", "message": {"role": "assistant", **delta}, "done": False} for delta in deltas
    ]
    last = {"role": "assistant", "content": ""}
    return [*events, {"model": "qwen3", "message": last, "done": True, "done_reason": "stop", **COUNTS}]


def test_a_stream_reads_as_the_whole() -> None:
    read = _ollama.assemble([Payload(None, event) for event in chat_events()])

    assert read == _ollama.response(answer(content="Hi there", thinking="Hm.", tool_calls=[CALL, CALL]))
    assert read.complete


def test_a_stream_of_generate() -> None:
    events = [
        {"model": "llama3", "response": "Hi ", "done": False},
        {"model": "llama3", "response": "there", "done": False},
        {"model": "llama3", "response": "", "done": True, "done_reason": "length", **COUNTS},
    ]

    read = _ollama.assemble([Payload(None, event) for event in events])

    assert (read.text, read.finish, read.usage, read.complete) == ("Hi there", ("length",), Usage(9, 5), True)
    cut = _ollama.assemble([Payload(None, event) for event in events[:2]])
    assert (cut.text, cut.finish, cut.complete) == ("Hi there", (None,), False)


def test_an_error_in_a_stream_is_told() -> None:
    read = _ollama.assemble(
        [Payload(None, event) for event in [*chat_events()[:3], {"error": "out of memory"}]]
    )

    assert (read.text, read.error, read.complete) == ("Hi ", "out of memory", False)


def test_a_stream_of_nothing_is_not_complete() -> None:
    assert not _ollama.assemble([]).complete


@pytest.mark.parametrize("as_lines", [True, False], ids=["events", "one body"])
def test_lines_of_json_are_a_stream(as_lines: bool) -> None:
    lines = [json.dumps(event) + "\n" for event in chat_events()]
    exchange = (
        streamed(lines, path="/api/chat", request={"model": "qwen3", "messages": []})
        if as_lines
        else answered("".join(lines).encode(), path="/api/chat", request={"model": "qwen3", "messages": []})
    )

    read, seen = read_response(exchange), summarise(replace(exchange, provider="ollama"))

    assert read == _ollama.response(answer(content="Hi there", thinking="Hm.", tool_calls=[CALL, CALL]))
    assert (seen.model, seen.usage, seen.tools) == ("qwen3", Usage(9, 5), ["look", "look"])
    assert (seen.finish, seen.text) == ("stop", "Hi there")


@pytest.mark.parametrize(
    ("path", "body", "api"),
    [
        ("/api/chat", answer(content="a"), "ollama.chat"),
        ("/api/generate", {"response": "a", "done": True}, "ollama.generate"),
        ("/gateway", answer(content="a"), "ollama.chat"),
        ("/gateway", {"response": "a", "done": True}, "ollama.generate"),
        ("/api/embed", {"embeddings": [[0.1]]}, None),
        ("/api/show", {"details": {}}, None),
    ],
)
def test_calls_are_told_by_path_and_shape(path: str, body: Any, api: str | None) -> None:
    assert api_of(answered(body, path=path, request={"model": "m"})) == api


@given(
    body=bodies(
        "model messages message role content thinking images tool_calls function name arguments "
        "response done done_reason prompt system eval_count prompt_eval_count error tool_name tools",
        "assistant tool stop",
    ),
    name=st.none(),
)
def test_nothing_raises(body: dict[str, Any], name: None) -> None:
    reads_anything(_ollama, body, name)
    keeps_all(body, _ollama.message(body, ""))
    assert isinstance(_ollama.is_chat(body) or _ollama.is_generated(body), bool)
