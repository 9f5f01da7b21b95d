"""OpenAI chat and completions as messages of typed parts."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from trace_ops.trace import Usage
from trace_ops.wire import _chat, _completions
from trace_ops.wire._content import part as part_of
from trace_ops.wire._events import DONE, Payload
from trace_ops.wire.messages import (
    BlobPart,
    ChatResponse,
    FilePart,
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

DATA = base64.b64encode(b"picture").decode()
SHA = hashlib.sha256(b"picture").hexdigest()
CALL = {"id": "call_1", "type": "function", "function": {"name": "search", "arguments": '{"q": "x"}'}}


def test_a_conversation() -> None:
    turns = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "Hi", "name": "ann"},
        {"role": "assistant", "content": None, "refusal": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": "found"},
        {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "parts"}]},
    ]

    request = _chat.request({"model": "gpt-5", "messages": turns, "temperature": None, "n": 2})

    assert request.messages == (
        Message("system", (TextPart("Be brief."),)),
        Message("user", (TextPart("Hi"),), "ann"),
        Message("assistant", (ToolCallPart("call_1", "search", {"q": "x"}),)),
        Message("tool", (ToolResultPart("call_1", "found"),)),
        Message("tool", (ToolResultPart("call_2", [TextPart("parts")]),)),
    )
    assert [message.path for message in request.messages] == [f"messages.{at}" for at in range(5)]
    assert request.messages[0].extra == {"role": "developer"}
    assert (request.model, request.parameters) == ("gpt-5", {"temperature": None, "n": 2})


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("hi", TextPart("hi")),
        ({"type": "text", "text": "hi"}, TextPart("hi")),
        ({"type": "refusal", "refusal": "no"}, RefusalPart("no")),
        ({"type": "image_url", "image_url": {"url": "https://x/y.png"}},
         UriPart("image", None, "https://x/y.png")),
        ({"type": "image_url", "image_url": f"data:image/png;base64,{DATA}"},
         BlobPart("image", "image/png", SHA, 7)),
        ({"type": "input_audio", "input_audio": {"data": DATA, "format": "wav"}},
         BlobPart("audio", "audio/wav", SHA, 7)),
        ({"type": "file", "file": {"file_data": f"data:application/pdf;base64,{DATA}", "filename": "a.pdf"}},
         BlobPart("document", "application/pdf", SHA, 7)),
        ({"type": "file", "file": {"file_id": "file-1"}}, FilePart("document", "file-1")),
        ({"type": "image_url"}, UnknownPart("image_url", {"type": "image_url"})),
        ({"type": "text", "text": 5}, UnknownPart("text", {"type": "text", "text": 5})),
        ({"type": "hologram", "x": 1}, UnknownPart("hologram", {"type": "hologram", "x": 1})),
        (7, UnknownPart("content", 7)),
    ],
)  # fmt: skip
def test_content(given: Any, part: Part) -> None:
    assert part_of(given) == [part]


def test_what_is_said_beside_a_part_stays_with_it() -> None:
    url = {
        "type": "image_url",
        "image_url": {"url": "https://x", "detail": "low"},
        "cache_control": {"type": "a"},
    }

    (part,) = part_of(url)

    assert isinstance(part, UriPart)
    assert part.extra == {"detail": "low", "cache_control": {"type": "a"}}


def test_data_that_is_no_base64_is_hashed_as_text() -> None:
    (part,) = part_of({"type": "image_url", "image_url": {"url": "data:image/png;base64,<shortened>"}})

    assert part == BlobPart("image", "image/png", hashlib.sha256(b"<shortened>").hexdigest(), 11)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("", {}),
        ("{}", {}),
        ('{"a": 1}', {"a": 1}),
        ("null", None),
        ("{broken", "{broken"),
        ("7", 7),
        (None, None),
    ],
)
def test_arguments_are_parsed_where_they_are_json(text: Any, arguments: Any) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": text}}

    assert _chat.tool_call(call) == ToolCallPart("c", "f", arguments)


def test_custom_tools_are_called_with_text() -> None:
    call = {"id": "c", "type": "custom", "custom": {"name": "sql", "input": '{"not": "parsed"}'}}

    assert _chat.tool_call(call) == ToolCallPart("c", "sql", '{"not": "parsed"}')


def test_thoughts_that_are_given_twice_are_one() -> None:
    twice = {"role": "assistant", "content": "4", "reasoning": "2+2", "reasoning_content": "2+2"}
    differing = {**twice, "reasoning": "other"}

    assert _chat.message(twice, "").parts == (ReasoningPart("2+2"), TextPart("4"))
    assert _chat.message(differing, "").parts == (ReasoningPart("2+2"), ReasoningPart("other"), TextPart("4"))


def test_tools() -> None:
    schema = {"type": "object"}
    tools = [
        {
            "type": "function",
            "function": {"name": "f", "description": "d", "parameters": schema, "strict": True},
        },
        {"type": "custom", "custom": {"name": "sql", "format": {"type": "text"}}},
        {"type": "web_search", "max_uses": 2},
        "odd",
    ]

    request = _chat.request({"tools": tools, "functions": [{"name": "old", "parameters": schema}]})

    assert request.tools == (
        ToolDefinition("f", "d", schema, {"strict": True}),
        ToolDefinition("sql", None, None, {"type": "custom", "format": {"type": "text"}}),
        ToolDefinition("web_search", None, None, {"type": "web_search", "max_uses": 2}),
        ToolDefinition("function", None, None, {"value": "odd"}),
        ToolDefinition("old", None, schema),
    )
    assert request.parameters == {}


def test_the_deployment_in_the_path_is_the_model() -> None:
    request = _chat.request({"messages": []}, "/openai/deployments/my-gpt/chat/completions")

    assert request.model == "my-gpt"


def test_an_answer() -> None:
    message = {"role": "assistant", "content": "Hi", "refusal": None, "annotations": [{"url": "u"}]}
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    choice = {"index": 0, "message": message, "finish_reason": "length", "logprobs": None}
    body = {"id": "chatcmpl-1", "model": "gpt-5", "choices": [choice], "usage": usage}

    answer = _chat.response(body)

    assert answer.messages == (Message("assistant", (TextPart("Hi"),)),)
    assert answer.messages[0].extra == {"annotations": [{"url": "u"}]}
    assert (answer.finish, answer.finish_words, answer.usage) == (("length",), ("length",), Usage(5, 2))
    assert (answer.text, answer.model, answer.complete) == ("Hi", "gpt-5", True)
    assert answer.extra == {"id": "chatcmpl-1", "usage": usage}


@pytest.mark.parametrize(
    ("word", "finish"),
    [("stop", "stop"), ("function_call", "tool_calls"), ("content_filter", "content_filter"),
     ("abacus", "other"),
     ("", None), (None, None), (3, None)],
)  # fmt: skip
def test_words_for_the_finish(word: Any, finish: str | None) -> None:
    answer = _chat.response({"choices": [{"message": {}, "finish_reason": word}]})

    assert answer.finish == (finish,)


def test_what_is_said_aloud_is_data_with_its_transcript() -> None:
    audio = {"id": "audio_1", "data": DATA, "transcript": "Hi", "expires_at": 1}
    answer = _chat.response(
        {"choices": [{"message": {"role": "assistant", "content": None, "audio": audio}}]}
    )
    later = _chat.message({"role": "assistant", "audio": {"id": "audio_1"}}, "")

    (part,) = answer.messages[0].parts

    assert part == BlobPart("audio", None, SHA, 7)
    assert isinstance(part, BlobPart)
    assert part.extra == {"id": "audio_1", "transcript": "Hi", "expires_at": 1}
    assert (later.parts, later.extra) == ((), {"audio": {"id": "audio_1"}})


@pytest.mark.parametrize(
    "first",
    [
        {"index": 0, "message": None},
        {"index": 0, "message": None, "delta": None},
        {"index": 0, "message": "odd"},
        {"index": 0, "text": None, "message": None},
    ],
)
def test_a_message_that_is_none_is_put_together_of_deltas(first: dict[str, Any]) -> None:
    then = [{"index": 0, "delta": {"role": "assistant", "content": text}} for text in ("a", "b")]

    answer = _assemble(*({"choices": [choice]} for choice in (first, *then)))

    assert answer.messages[0].parts == (TextPart("ab"),)


def test_a_text_that_is_none_at_first_grows() -> None:
    answer = _assemble(*({"choices": [{"index": 0, "text": text}]} for text in (None, "a", "b")))

    assert answer.messages[0].parts == (TextPart("ab"),)


def test_a_stream_is_put_together_by_choice_and_by_call() -> None:
    deltas: list[tuple[int, Any, Any]] = [
        (0, {"role": "assistant", "content": ""}, None),
        (1, {"role": "assistant", "content": "B"}, None),
        (0, {"reasoning_content": "hm"}, None),
        (0, {"content": "aa"}, None),
        (0, {"content": "aa"}, None),
        (0, {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "f", "arguments": ""}}]}, None),
        (0, {"tool_calls": [{"index": 1, "id": "c2", "function": {"name": "g", "arguments": "{"}}]}, None),
        (0, {"tool_calls": [{"index": 0, "function": {"arguments": '{"a":'}}]}, None),
        (0, {"tool_calls": [{"index": 0, "function": {"arguments": "1}"}}]}, None),
        (0, {"tool_calls": [{"index": 1, "function": {"arguments": "}"}}]}, "tool_calls"),
        (1, {}, "stop"),
    ]

    answer = _assemble(*(_chunk(*delta) for delta in deltas), {"choices": [], "usage": {"prompt_tokens": 3}})

    calls = (ToolCallPart("c1", "f", {"a": 1}), ToolCallPart("c2", "g", {}))
    assert answer.messages == (
        Message("assistant", (ReasoningPart("hm"), TextPart("aaaa"), *calls)),
        Message("assistant", (TextPart("B"),)),
    )
    assert (answer.finish, answer.usage, answer.complete) == (("tool_calls", "stop"), Usage(3), True)


def test_names_that_every_event_repeats_are_not_strung_together() -> None:
    piece = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": "{"}}
    rest = {**piece, "function": {"name": "f", "arguments": "}"}}

    answer = _assemble(
        _chunk(0, {"role": "assistant", "tool_calls": [piece]}), _chunk(0, {"tool_calls": [rest]})
    )

    assert answer.tool_calls == [ToolCallPart("c1", "f", {})]


def test_a_stream_that_was_cut_short_says_so() -> None:
    said = _chunk(0, {"content": "Hel"})

    assert not _assemble(said).complete
    assert _assemble(said, DONE).complete
    assert _assemble(said, _chunk(0, {}, "stop")).complete
    failed = _assemble(said, {"error": {"message": "overloaded"}}, DONE)
    assert (failed.text, failed.error, failed.complete) == ("Hel", {"message": "overloaded"}, False)


def test_the_same_answer_streamed_and_whole_is_equal() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 2}
    message = {"role": "assistant", "content": "Hi"}
    whole = {
        "id": "x", "object": "chat.completion", "model": "m", "usage": usage,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }  # fmt: skip
    events = [_chunk(0, {"role": "assistant", "content": "H"}), _chunk(0, {"content": "i"}, "stop")]

    assert _assemble(*events, {"choices": [], "usage": usage}) == _chat.response(whole)


def test_completions() -> None:
    texts = _completions.request({"model": "m", "prompt": ["a", "b"], "echo": True})
    tokens = _completions.request({"prompt": [1, 2]})
    choices = [
        {"index": 0, "text": "x", "finish_reason": "stop"},
        {"index": 1, "text": "y", "finish_reason": "length"},
    ]
    answer = _completions.response({"choices": choices})

    assert [message.text for message in texts.messages] == ["a", "b"]
    assert (texts.parameters, texts.messages[1].path) == ({"echo": True}, "prompt.1")
    assert tokens.messages[0].parts == (UnknownPart("prompt", [1, 2]),)
    assert [message.text for message in answer.messages] == ["x", "y"]
    assert answer.finish == ("stop", "length")


def _chunk(index: int, delta: Any, finish: Any = None) -> dict[str, Any]:
    choices = [{"index": index, "delta": delta, "finish_reason": finish}]
    return {
        "id": "x",
        "object": "chat.completion.chunk",
        "model": "m",
        "choices": choices,
        "obfuscation": "zz",
    }


def _assemble(*events: Any) -> ChatResponse:
    return _chat.assemble(Payload(None, event) for event in events)
