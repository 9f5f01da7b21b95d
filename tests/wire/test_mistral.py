"""Mistral's chat in the model of messages: what differs from OpenAI's."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.kit import answered, streamed
from tests.wire.odd import bodies, keeps_all, reads_anything
from trace_ops.trace import Usage
from trace_ops.wire import _mistral, api_of, read_response, summarise
from trace_ops.wire._events import Payload
from trace_ops.wire.messages import (
    BlobPart,
    ChatResponse,
    FilePart,
    Message,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
    UriPart,
)

PATH = "/v1/chat/completions"
THOUGHT = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}], "closed": True}
SOUND = b"ID3 sound"


def answer(content: Any, finish: str | None = "stop", **message: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": content, **message}
    return {"model": "magistral", "choices": [{"index": 0, "message": said, "finish_reason": finish}]}


def assembled(*deltas: Any, finish: str | None = "stop", **last: Any) -> ChatResponse:
    events: list[dict[str, Any]] = [
        {"model": "magistral", "choices": [{"index": 0, "delta": delta, "finish_reason": None}], "p": "abc"}
        for delta in deltas
    ]
    events[-1]["choices"][0]["finish_reason"] = finish
    events[-1].update(last)
    return _mistral.assemble([Payload(None, event) for event in events])


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (THOUGHT, [ReasoningPart("Hm.")]),
        ({"type": "text", "text": "Hi"}, [TextPart("Hi")]),
        ({"type": "image_url", "image_url": "https://x/a.png"}, [UriPart("image", None, "https://x/a.png")]),
        (
            {"type": "document_url", "document_url": "https://x/a.pdf", "document_name": "a"},
            [UriPart("document", None, "https://x/a.pdf")],
        ),
        (
            {"type": "input_audio", "input_audio": base64.b64encode(SOUND).decode()},
            [BlobPart("audio", None, hashlib.sha256(SOUND).hexdigest(), len(SOUND))],
        ),
        ({"type": "file", "file_id": "f1"}, [FilePart("document", "f1")]),
        (
            {"type": "reference", "reference_ids": [1]},
            [UnknownPart("reference", {"type": "reference", "reference_ids": [1]})],
        ),
        ({"type": "thinking", "thinking": 7}, [UnknownPart("thinking", {"type": "thinking", "thinking": 7})]),
        (
            {"type": "document_url", "document_url": 7},
            [UnknownPart("document_url", {"type": "document_url", "document_url": 7})],
        ),
    ],
)
def test_parts(given: Any, read: list[Any]) -> None:
    assert _mistral.part(given) == read


def test_a_request() -> None:
    call = {"id": "a", "function": {"name": "look", "arguments": '{"c": 1}'}}
    body = {
        "model": "magistral",
        "messages": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": [THOUGHT], "tool_calls": [call], "prefix": False},
            {
                "role": "tool",
                "tool_call_id": "a",
                "name": "look",
                "content": [{"type": "text", "text": "21"}],
            },
        ],
        "safe_prompt": True,
    }

    read = _mistral.request(body, PATH)

    assert (read.api, read.model) == ("mistral.chat", "magistral")
    assert [replace(said, name=None) for said in read.messages] == [
        Message("user", (TextPart("Weather?"),)),
        Message("assistant", (ReasoningPart("Hm."), ToolCallPart("a", "look", {"c": 1}))),
        Message("tool", (ToolResultPart("a", [TextPart("21")], "look"),)),
    ]
    assert read.messages[1].extra == {"prefix": False}
    assert read.parameters == {"safe_prompt": True}


def test_an_answer() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "num_cached_tokens": 4}

    read = _mistral.response({**answer([THOUGHT, {"type": "text", "text": "4"}]), "usage": usage})

    assert (read.api, read.model, read.text, read.finish) == ("mistral.chat", "magistral", "4", ("stop",))
    assert read.messages[0].parts == (ReasoningPart("Hm."), TextPart("4"))
    assert read.usage == Usage(9, 5, cache_read=4)


def test_the_window_of_the_model_is_a_length_too() -> None:
    assert _mistral.response(answer("a", "model_length")).finish == ("length",)


def test_a_stream_of_text_and_parts_in_turns() -> None:
    def thought(text: str) -> dict[str, Any]:
        return {"content": [{**THOUGHT, "thinking": [{"type": "text", "text": text}]}]}

    read = assembled(
        {"role": "assistant", "content": ""},
        thought("H"),
        {"content": [thought("m.")["content"][0], {"type": "text", "text": "1"}]},
        {"content": "44"},
        {"tool_calls": [{"id": "a", "index": 0, "function": {"name": "look", "arguments": "{}"}}]},
        finish="tool_calls",
    )

    call = {"id": "a", "index": 0, "function": {"name": "look", "arguments": "{}"}}
    content = [THOUGHT, {"type": "text", "text": "144"}]
    assert read == _mistral.response(answer(content, "tool_calls", tool_calls=[call]))
    assert (read.text, read.complete, "p" in read.extra) == ("144", True, False)


def test_two_choices_of_a_stream_do_not_mix() -> None:
    events = [
        {"choices": [{"index": index, "delta": {"content": text}, "finish_reason": finish}]}
        for index, text, finish in [(1, "x", None), (0, "a", None), (1, "y", "length"), (0, "b", "stop")]
    ]

    read = _mistral.assemble([Payload(None, event) for event in events])

    assert [said.text for said in read.messages] == ["ab", "xy"]
    assert read.finish == ("stop", "length")


def test_calls_are_told_by_their_provider() -> None:
    exchange = answered(answer([THOUGHT, {"type": "text", "text": "4"}]), path=PATH, request={"model": "m"})
    assert exchange.provider == "openai"
    assert api_of(exchange) == "openai.chat"

    exchange = replace(exchange, provider="mistral")

    assert api_of(exchange) == "mistral.chat"
    read = read_response(exchange)
    assert read is not None
    assert read.messages[0].parts == (ReasoningPart("Hm."), TextPart("4"))


def test_behind_a_path_that_says_nothing_they_are_told_by_their_parts() -> None:
    exchange = answered(answer([THOUGHT]), path="/gateway", request={"model": "m"})

    assert api_of(exchange) == "mistral.chat"


def test_a_summary() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}
    events = [
        {"model": "m", "choices": [{"index": 0, "delta": {"content": [THOUGHT]}, "finish_reason": None}]},
        {
            "model": "m",
            "choices": [{"index": 0, "delta": {"content": "4"}, "finish_reason": "stop"}],
            "usage": usage,
        },
    ]

    seen = summarise(replace(streamed(events, path=PATH), provider="mistral"))

    assert (seen.model, seen.usage, seen.finish, seen.text) == ("m", Usage(9, 5), "stop", "4")


@given(
    body=bodies(
        "choices index delta message content type text thinking closed role tool_calls function name "
        "arguments id finish_reason usage prompt_tokens num_cached_tokens messages tool_call_id "
        "document_url image_url input_audio file_id reference_ids p model",
        "thinking text document_url input_audio file reference",
    ),
    name=st.none(),
)
def test_nothing_raises(body: dict[str, Any], name: None) -> None:
    reads_anything(_mistral, body, name)
    keeps_all(body, _mistral.part(body))
    _mistral.is_answer(body)
