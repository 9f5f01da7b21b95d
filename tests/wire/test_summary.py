"""Model, tokens, tools, finish and text of every format, whole and streamed."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.wire.kit import answered, failed, streamed
from trace_ops.exchange import Body, Failure, Response
from trace_ops.trace import Usage
from trace_ops.wire import summarise

CHAT_USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 30,
    "total_tokens": 130,
    "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 20},
}
RESPONSES_USAGE = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 8},
    "output_tokens": 30,
    "output_tokens_details": {"reasoning_tokens": 20},
    "total_tokens": 130,
}
MESSAGES_USAGE = {
    "input_tokens": 28,
    "cache_creation_input_tokens": 8,
    "cache_read_input_tokens": 64,
    "output_tokens": 30,
}


def test_chat() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "search", "arguments": "{}"}}
    custom = {"id": "call_2", "type": "custom", "custom": {"name": "shell", "input": "ls"}}
    message = {"role": "assistant", "content": "Let me see.", "tool_calls": [call, custom, call]}
    body = {
        "object": "chat.completion",
        "model": "gpt-5-2025-08-07",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": CHAT_USAGE,
    }

    seen = summarise(answered(body, request={"model": "gpt-5"}))

    assert seen.model == "gpt-5-2025-08-07"
    assert seen.usage == Usage(100, 30, cache_read=64, reasoning=20)
    assert seen.tools == ["search", "shell", "search"]
    assert seen.finish == "tool_calls"
    assert seen.text == "Let me see."


def test_chat_stream() -> None:
    def chunk(delta: Any, finish: Any = None, **more: Any) -> Any:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        return {
            "object": "chat.completion.chunk",
            "model": "gpt-5",
            "choices": choices,
            "usage": None,
            **more,
        }

    first = {"index": 0, "id": "call_1", "function": {"name": "search", "arguments": ""}}
    second = {"index": 1, "id": "call_2", "function": {"name": "look", "arguments": ""}}
    events = [
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": "Let "}),
        chunk({"content": "me."}),
        chunk({"tool_calls": [first]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"name": 1}'}}]}),
        chunk({"tool_calls": [second]}),
        chunk({}, "tool_calls"),
        {"model": "gpt-5", "choices": [], "usage": CHAT_USAGE},
        "data: [DONE]\n\n",
    ]

    seen = summarise(streamed(events))

    assert (seen.model, seen.tools, seen.finish) == ("gpt-5", ["search", "look"], "tool_calls")
    assert seen.usage == Usage(100, 30, cache_read=64, reasoning=20)
    assert seen.text == "Let me."


def test_the_second_choice_does_not_mix_with_the_first() -> None:
    events = [
        {"model": "m", "choices": [{"index": index, "delta": {"content": text}, "finish_reason": finish}]}
        for index, text, finish in [(0, "a", None), (1, "x", "length"), (0, "b", "stop"), (1, "y", "length")]
    ]

    seen = summarise(streamed(events))

    assert (seen.text, seen.finish) == ("ab", "stop")


def test_completions_and_their_streams() -> None:
    body = {
        "object": "text_completion",
        "model": "instruct",
        "choices": [{"text": "Hi", "finish_reason": "stop"}],
    }

    assert summarise(answered(body)).text == "Hi"
    assert summarise(streamed([body, body])).text == "HiHi"
    assert summarise(streamed([body])).finish == "stop"


def test_embeddings() -> None:
    body = {
        "object": "list",
        "model": "text-embedding-3-small",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.1]}],
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    }

    seen = summarise(answered(body))

    assert (seen.model, seen.usage, seen.text) == ("text-embedding-3-small", Usage(8), None)


def test_responses() -> None:
    seen = summarise(answered(_response()))

    assert seen.model == "gpt-5"
    assert seen.usage == Usage(100, 30, cache_read=64, cache_write=8, reasoning=20)
    assert seen.tools == ["search", "patch", "computer"]
    assert seen.finish == "completed"
    assert seen.text == "Hello there"


def test_responses_cut_short_say_why() -> None:
    body = {**_response(), "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}

    assert summarise(answered(body)).finish == "max_output_tokens"


def test_responses_stream() -> None:
    started = {"type": "response.created", "response": {**_response(), "output": [], "usage": None}}
    deltas = [{"type": "response.output_text.delta", "delta": delta} for delta in ("Hello ", "there")]
    done = {"type": "response.completed", "response": _response()}

    seen = summarise(streamed([started, *deltas, done], named=True))

    assert seen == summarise(answered(_response()))
    assert seen.text == "Hello there"


def test_a_responses_stream_that_broke_off_tells_what_was_there() -> None:
    started = {"type": "response.created", "response": {"model": "gpt-5", "usage": None}}
    added = {"type": "response.output_item.added", "item": {"type": "function_call", "name": "search"}}

    seen = summarise(streamed([started, added], named=True))

    assert (seen.model, seen.usage, seen.tools, seen.finish) == ("gpt-5", None, ["search"], None)


def test_messages_count_cached_tokens_as_input() -> None:
    body = {
        "type": "message",
        "model": "claude-sonnet-5-5",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "x"},
            {"type": "text", "text": "Let me see. "},
            {"type": "server_tool_use", "name": "web_search", "id": "srvtoolu_1", "input": {}},
            {"type": "tool_use", "name": "search", "id": "toolu_1", "input": {}},
            {"type": "text", "text": "Now."},
        ],
        "stop_reason": "tool_use",
        "usage": MESSAGES_USAGE,
    }

    seen = summarise(answered(body))

    assert seen.usage == Usage(100, 30, cache_read=64, cache_write=8)
    assert (seen.model, seen.tools, seen.finish) == ("claude-sonnet-5-5", ["search"], "tool_use")
    assert seen.text == "Let me see. Now."


def test_messages_stream() -> None:
    seen = summarise(streamed(_message_events(), named=True))

    assert seen.usage == Usage(100, 30, cache_read=64, cache_write=8)
    assert (seen.model, seen.tools, seen.finish) == ("claude-sonnet-5-5", ["search"], "tool_use")
    assert seen.text == "Hello there"


def test_a_messages_stream_in_amazon_framing_reads_the_same() -> None:
    chunks = [base64.b64encode(json.dumps(event).encode()).decode() for event in _message_events()]
    raw = b"".join(
        b"\x00\x01:event-type\x07" + json.dumps({"bytes": chunk}).replace(" ", "").encode()
        for chunk in chunks
    )

    exchange = answered(raw, path="/model/anthropic.claude/invoke-with-response-stream")

    assert summarise(exchange) == summarise(streamed(_message_events(), named=True))


def test_a_stream_kept_as_text_reads_the_same() -> None:
    exchange = streamed(_message_events(), named=True)
    assert isinstance(exchange.outcome, Response)
    exchange.outcome.body = Body(exchange.outcome.body.raw)

    assert summarise(exchange).usage == Usage(100, 30, cache_read=64, cache_write=8)


def test_tokens_that_only_the_total_counts_are_output() -> None:
    """As Gemini does with its thoughts, in the OpenAI format."""
    usage = {"prompt_tokens": 35, "completion_tokens": 12, "total_tokens": 109}

    seen = summarise(answered({"model": "gemini", "choices": [], "usage": usage}))

    assert seen.usage == Usage(35, 74)
    assert seen.usage.total == 109


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/v1/chat/completions", None),
        ("/openai/deployments/my-gpt/chat/completions", "my-gpt"),
        ("/model/us.anthropic.claude-v1%3A0/invoke", "us.anthropic.claude-v1:0"),
        (
            "/projects/p/publishers/anthropic/models/claude-sonnet-4@20250514:rawPredict",
            "claude-sonnet-4@20250514",
        ),
    ],
)
def test_the_path_names_the_model_where_nothing_else_does(path: str, model: str | None) -> None:
    assert summarise(failed(path=path)).model == model


def test_a_call_that_failed_is_summarised_by_its_request() -> None:
    request = {"model": "gpt-5"}
    error = {"error": {"message": "no", "type": "invalid_request_error"}}

    for exchange in (failed(request), answered(error, request=request, status=400)):
        seen = summarise(exchange)
        assert (seen.model, seen.usage, seen.tools, seen.finish, seen.text) == ("gpt-5", None, [], None, None)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"not json", b"[]", b"null", b"7", b'"x"', b"{}", b"\xff\xfe", b"data: {", b"data: []\n\n",
        {"choices": None}, {"choices": 5}, {"choices": [None]}, {"choices": [{"message": 3}]}, {"usage": []},
        {"object": "response", "output": [3], "usage": "x"}, {"type": "message", "content": "x", "usage": 1},
        {"usage": {"prompt_tokens": "many", "completion_tokens": True}}, {"model": None, "choices": [{}]},
        {"type": "message", "content": [{"type": "tool_use"}]},
    ],
)  # fmt: skip
def test_nothing_raises(body: Any) -> None:
    for exchange in (
        answered(body),
        streamed([body if not isinstance(body, bytes) else body.decode("latin-1")]),
    ):
        seen = summarise(exchange)
        assert seen.usage is None
        assert seen.text is None or isinstance(seen.text, str)


def _response() -> dict[str, Any]:
    return {
        "object": "response",
        "model": "gpt-5",
        "status": "completed",
        "incomplete_details": None,
        "output": [
            {"type": "reasoning", "summary": []},
            {"type": "web_search_call", "status": "completed"},
            {"type": "function_call", "name": "search", "call_id": "call_1", "arguments": "{}"},
            {"type": "custom_tool_call", "name": "patch", "call_id": "call_2", "input": ""},
            {"type": "computer_call", "call_id": "call_3"},
            {"type": "message", "content": [{"type": "output_text", "text": "Hello there"}]},
        ],
        "usage": RESPONSES_USAGE,
    }


def _message_events() -> list[dict[str, Any]]:
    start = {**MESSAGES_USAGE, "output_tokens": 1}
    return [
        {"type": "message_start", "message": {"model": "claude-sonnet-5-5", "content": [], "usage": start}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello "}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "there"}},
        {
            "type": "content_block_start",
            "index": 1,
            "content_block": {"type": "tool_use", "name": "search", "input": {}},
        },
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use"},
            "usage": {"output_tokens": 30, "input_tokens": None},
        },
        {"type": "message_stop"},
    ]


@pytest.mark.parametrize("count", [-5, float("inf"), float("-inf"), float("nan"), 10**400, True, "7", [7]])
def test_what_is_no_count_of_tokens_is_left_out(count: Any) -> None:
    chat = {"choices": [], "usage": {"prompt_tokens": count, "completion_tokens": 3}}
    messages = {"type": "message", "usage": {"input_tokens": count, "output_tokens": 3}}
    responses = {"object": "response", "usage": {"input_tokens": count, "output_tokens": 3}}

    for body in (chat, messages, responses):
        for summary in (summarise(answered(body)), summarise(streamed([body]))):
            assert summary.usage is None or summary.usage == Usage(None, 3)
        assert summarise(answered(body)).usage == Usage(None, 3)


@pytest.mark.parametrize("given", [["m"], {"m": 1}, 5, True])
def test_what_is_no_text_is_left_out(given: Any) -> None:
    named = {"function": {"name": given}}
    chat = {"model": given, "choices": [{"finish_reason": given, "message": {"tool_calls": [named]}}]}
    block = {"type": "tool_use", "name": given}
    messages = {"type": "message", "model": given, "stop_reason": given, "content": [block]}
    responses = {"object": "response", "model": given, "status": given, "output": []}

    for body in (chat, messages, responses):
        summary = summarise(answered(body, request={"model": "asked-for"}))
        assert (summary.model, summary.finish, summary.tools) == ("asked-for", None, [])


OVERLOADED = {"type": "overloaded_error", "message": "Overloaded"}


@pytest.mark.parametrize(
    "exchange",
    [
        streamed(
            [{"type": "message_start", "message": {}}, {"type": "error", "error": OVERLOADED}], named=True
        ),
        streamed([{"choices": []}, {"error": OVERLOADED}, "data: [DONE]\n\n"], path="/chat/completions"),
        answered({"object": "chat.completion", "choices": [], "error": OVERLOADED}),
    ],
    ids=["messages", "chat", "whole"],
)
def test_an_error_in_an_answer_of_success_is_told(exchange: Any) -> None:
    assert summarise(exchange).error == Failure("overloaded_error", "Overloaded")


def test_an_error_that_is_null_is_none_and_that_of_a_status_is_its_own() -> None:
    assert summarise(answered({"object": "response", "output": [], "error": None})).error is None
    assert summarise(answered({"error": OVERLOADED}, status=529)).error is None
