"""Bedrock in the model of messages: Converse, and the bodies that its invoke carries."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.kit import answered
from tests.wire.odd import bodies, keeps_all, reads_anything
from trace_ops.double._eventstream import chunk, frame
from trace_ops.exchange import Body, Exchange, Request, Response, Stream
from trace_ops.trace import Usage
from trace_ops.wire import _bedrock, _bedrock_parts, _prompts, api_of, read_request, read_response, summarise
from trace_ops.wire._events import Payload
from trace_ops.wire.eventstream import events_of
from trace_ops.wire.messages import (
    BlobPart,
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

PATH = "/model/us.amazon.nova-lite-v1%3A0/converse"
PIXEL = b"\x89PNG pixel"
SCHEMA = {"type": "object", "properties": {}}
USAGE = {
    "inputTokens": 28,
    "outputTokens": 30,
    "cacheReadInputTokens": 64,
    "cacheWriteInputTokens": 8,
    "totalTokens": 130,
}


def answer(*content: Any, stop: str | None = "end_turn", **more: Any) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": stop,
        **more,
    }


def assembled(*events: tuple[str, dict[str, Any]]) -> ChatResponse:
    return _bedrock.assemble([Payload(name, data) for name, data in events])


def delta(at: int, **what: Any) -> tuple[str, dict[str, Any]]:
    return "contentBlockDelta", {"contentBlockIndex": at, "delta": what, "p": "abc"}


def test_a_request() -> None:
    body = {
        "system": [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}],
        "messages": [
            {"role": "user", "content": [{"text": "Weather?"}]},
            {
                "role": "assistant",
                "content": [{"toolUse": {"toolUseId": "t1", "name": "look", "input": {"a": 1}}}],
            },
            {
                "role": "user",
                "content": [
                    {"toolResult": {"toolUseId": "t1", "content": [{"text": "21"}], "status": "error"}}
                ],
            },
            {
                "role": "user",
                "content": [{"toolResult": {"toolUseId": "t1", "content": [{"json": {"c": 21}}]}}],
            },
        ],
        "toolConfig": {
            "tools": [
                {"toolSpec": {"name": "look", "description": "Look.", "inputSchema": {"json": SCHEMA}}},
                {"systemTool": {"name": "nova_grounding"}},
            ],
            "toolChoice": {"auto": {}},
        },
        "inferenceConfig": {"temperature": 0},
    }

    read = _bedrock.request(body, PATH)

    assert read.model == "us.amazon.nova-lite-v1:0"
    assert read.system == (TextPart("Be brief."), UnknownPart("cachePoint", {"type": "default"}))
    assert read.messages == (
        Message("user", (TextPart("Weather?"),)),
        Message("assistant", (ToolCallPart("t1", "look", {"a": 1}),)),
        Message("tool", (ToolResultPart("t1", [TextPart("21")], failed=True),)),
        Message("tool", (ToolResultPart("t1", {"c": 21}),)),
    )
    assert read.messages[3].path == "messages.3"
    assert read.tools[0] == ToolDefinition("look", "Look.", SCHEMA)
    assert read.tools[1] == ToolDefinition("nova_grounding", extra={"systemTool": {}})
    assert read.parameters == {
        "toolConfig": {"toolChoice": {"auto": {}}},
        "inferenceConfig": {"temperature": 0},
    }


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/model/meta.llama3-8b-instruct-v1:0/converse-stream", "meta.llama3-8b-instruct-v1:0"),
        ("/bedrock/model/a%2Fb%3A0/invoke", "a/b:0"),
        (
            "/model/arn:aws:bedrock:us-east-1:1:inference-profile/us.x/converse",
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.x",
        ),
        ("/converse", None),
    ],
)
def test_the_path_names_the_model(path: str, model: str | None) -> None:
    assert _bedrock.request({"messages": []}, path).model == model


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (
            {"image": {"format": "png", "source": {"bytes": base64.b64encode(PIXEL).decode()}}},
            [BlobPart("image", "image/png", hashlib.sha256(PIXEL).hexdigest(), len(PIXEL))],
        ),
        (
            {"video": {"format": "mp4", "source": {"s3Location": {"uri": "s3://a/b.mp4"}}}},
            [UriPart("video", "video/mp4", "s3://a/b.mp4")],
        ),
        ({"document": {"format": "txt", "name": "a", "source": {"text": "Hi"}}}, [TextPart("Hi")]),
        ({"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "s"}}}, [ReasoningPart("Hm.")]),
        ({"reasoningContent": {"redactedContent": "AAAA"}}, [ReasoningPart(None)]),
        ({"guardContent": {"text": {"text": "Hi", "qualifiers": ["query"]}}}, [TextPart("Hi")]),
        (
            {"citationsContent": {"content": [{"text": "Hi"}], "citations": [{"title": "a"}]}},
            [TextPart("Hi")],
        ),
        (
            {"toolUse": {"toolUseId": "t", "name": "x", "input": {}, "type": "server_tool_use"}},
            [ToolCallPart("t", "x", {}, server=True)],
        ),
        ({"text": ""}, []),
        ({"cachePoint": {"type": "default"}}, [UnknownPart("cachePoint", {"type": "default"})]),
        ({"image": {"format": "png"}}, [UnknownPart("image", {"format": "png"})]),
        ({"one": 1, "two": 2}, [UnknownPart("one", {"one": 1, "two": 2})]),
        (7, [UnknownPart("content", 7)]),
    ],
)
def test_parts(given: Any, read: list[Any]) -> None:
    assert _bedrock_parts.part(given) == read


def test_an_answer_counts_cached_tokens_as_input() -> None:
    read = _bedrock.response(answer({"text": "Hi"}, usage=USAGE, metrics={"latencyMs": 7}))

    assert (read.text, read.finish, read.finish_words) == ("Hi", ("stop",), ("end_turn",))
    assert read.usage == Usage(100, 30, cache_read=64, cache_write=8)
    assert read.usage.total == USAGE["totalTokens"]
    assert read.extra["metrics"] == {"latencyMs": 7}


def test_an_answer_whose_total_has_the_cached_tokens_among_the_input() -> None:
    usage = {**USAGE, "inputTokens": 100}

    assert _bedrock.response(answer(usage=usage)).usage == Usage(100, 30, cache_read=64, cache_write=8)


@pytest.mark.parametrize(
    ("word", "finish"),
    [
        ("tool_use", "tool_calls"),
        ("max_tokens", "length"),
        ("guardrail_intervened", "content_filter"),
        ("malformed_tool_use", "error"),
        ("bored", "other"),
    ],
)
def test_why_it_ended(word: str, finish: str) -> None:
    assert _bedrock.response(answer(stop=word)).finish == (finish,)


EVENTS = (
    ("messageStart", {"role": "assistant", "p": "abc"}),
    delta(0, reasoningContent={"text": "Let me "}),
    delta(0, reasoningContent={"text": "see."}),
    delta(0, reasoningContent={"signature": "s"}),
    ("contentBlockStop", {"contentBlockIndex": 0}),
    delta(1, text="Hello "),
    delta(1, text="there"),
    delta(1, citation={"title": "a"}),
    ("contentBlockStart", {"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "t", "name": "look"}}}),
    delta(2, toolUse={"input": '{"a"'}),
    delta(2, toolUse={"input": ": 1}"}),
    ("contentBlockStart", {"contentBlockIndex": 3, "start": {"toolResult": {"toolUseId": "u", "type": "x"}}}),
    delta(3, toolResult=[{"json": {"out": 1}}]),
    ("messageStop", {"stopReason": "tool_use"}),
    ("metadata", {"usage": USAGE, "metrics": {"latencyMs": 7}}),
)
WHOLE = answer(
    {"reasoningContent": {"reasoningText": {"text": "Let me see.", "signature": "s"}}},
    {"citationsContent": {"content": [{"text": "Hello there"}], "citations": [{"title": "a"}]}},
    {"toolUse": {"toolUseId": "t", "name": "look", "input": {"a": 1}}},
    {"toolResult": {"toolUseId": "u", "type": "x", "content": [{"json": {"out": 1}}]}},
    stop="tool_use",
    usage=USAGE,
    metrics={"latencyMs": 7},
)


def test_a_stream_reads_as_the_whole() -> None:
    read = assembled(*EVENTS)

    assert read == _bedrock.response(WHOLE)
    assert [part.extra for part in read.messages[0].parts if not isinstance(part, UnknownPart)] == [
        {"signature": "s"},
        {"citations": [{"title": "a"}]},
        None,
        {"type": "x"},
    ]


def test_a_stream_of_nova_names_its_events_within_them() -> None:
    named = [
        Payload("chunk", {name: {key: data[key] for key in data if key != "p"}}) for name, data in EVENTS
    ]

    assert _bedrock.assemble(named) == _bedrock.response(WHOLE)


def test_an_exception_in_a_stream_is_its_error() -> None:
    read = assembled(*EVENTS[:7], ("exception throttlingException", {"message": "slow down"}))

    assert (read.text, read.complete) == ("Hello there", False)
    assert read.error == {"type": "throttlingException", "message": "slow down"}


def test_a_tool_without_parameters_is_called_with_none() -> None:
    started = (
        "contentBlockStart",
        {"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "t", "name": "x"}}},
    )

    assert assembled(started, ("messageStop", {"stopReason": "tool_use"})).tool_calls == [
        ToolCallPart("t", "x", {})
    ]


def test_frames_read_as_events_do() -> None:
    raw = b"".join(
        frame(
            {":event-type": name, ":content-type": "application/json", ":message-type": "event"},
            json.dumps(data).encode(),
        )
        for name, data in EVENTS
    )
    texts = events_of(raw)
    assert texts is not None

    for body in (Stream(texts, [0] * len(texts)), Body(raw)):
        exchange = Exchange("bedrock", Request("POST", PATH + "-stream"), Response(200, [], body))
        read = read_response(exchange)
        assert api_of(exchange) == "bedrock.converse"
        assert read == _bedrock.response(WHOLE)
        summary = summarise(exchange)
        assert (summary.text, summary.tools, summary.finish) == ("Hello there", ["look"], "tool_use")
        assert summary.usage == Usage(100, 30, cache_read=64, cache_write=8)


METRICS = {"amazon-bedrock-invocationMetrics": {"inputTokenCount": 7, "outputTokenCount": 9}}
INVOKED: list[tuple[str, dict[str, Any], dict[str, Any], list[dict[str, Any]], str, str]] = [
    (
        "meta.llama3-8b-instruct-v1:0",
        {"prompt": "Hi?", "max_gen_len": 5},
        {"generation": "Hello", "prompt_token_count": 7, "generation_token_count": 9, "stop_reason": "stop"},
        [
            {"generation": "Hel", "prompt_token_count": 7, "generation_token_count": 1, "stop_reason": None},
            {
                "generation": "lo",
                "prompt_token_count": None,
                "generation_token_count": 9,
                "stop_reason": "stop",
            },
        ],
        "bedrock.invoke",
        "stop",
    ),
    (
        "amazon.titan-text-lite-v1",
        {"inputText": "Hi?", "textGenerationConfig": {"topP": 1}},
        {
            "inputTextTokenCount": 7,
            "results": [{"tokenCount": 9, "outputText": "Hello", "completionReason": "LENGTH"}],
        },
        [
            {"outputText": "Hel", "index": 0, "completionReason": None},
            {"outputText": "lo", "index": 0, "completionReason": "LENGTH", **METRICS},
        ],
        "bedrock.invoke",
        "length",
    ),
    (
        "mistral.mistral-7b-instruct-v0:2",
        {"prompt": "Hi?"},
        {"outputs": [{"text": "Hello", "stop_reason": "length"}], **METRICS},
        [
            {"outputs": [{"text": "Hel", "stop_reason": None}]},
            {"outputs": [{"text": "lo", "stop_reason": "length"}], **METRICS},
        ],
        "bedrock.invoke",
        "length",
    ),
    (
        "cohere.command-text-v14",
        {"prompt": "Hi?"},
        {
            "generations": [{"id": "a", "text": "Hello", "finish_reason": "COMPLETE"}],
            "prompt": "Hi?",
            **METRICS,
        },
        [
            {"index": 0, "is_finished": False, "text": "Hel"},
            {"index": 0, "is_finished": False, "text": "lo"},
            {"finish_reason": "COMPLETE", "is_finished": True, **METRICS},
        ],
        "bedrock.invoke",
        "stop",
    ),
    (
        "anthropic.claude-v2",
        {"prompt": "\n\nHuman: Hi?", "max_tokens_to_sample": 5},
        {"completion": "Hello", "stop_reason": "stop_sequence", "stop": "\n\nHuman:", **METRICS},
        [
            {"completion": "Hel", "stop_reason": None, "stop": None},
            {"completion": "lo", "stop_reason": "stop_sequence", "stop": "\n\nHuman:", **METRICS},
        ],
        "anthropic.complete",
        "stop",
    ),
]


@pytest.mark.parametrize(
    ("model", "asked", "whole", "events", "api", "finish"), INVOKED, ids=[x[0] for x in INVOKED]
)
def test_invoke(
    model: str, asked: dict[str, Any], whole: Any, events: list[Any], api: str, finish: str
) -> None:
    path = f"/model/{model}/invoke"
    request = read_request(answered(whole, path=path, request=asked))
    assert request is not None
    assert (request.api, request.model) == (api, model)
    assert request.messages == (Message("user", (TextPart(asked.get("prompt") or asked["inputText"]),)),)
    assert {"prompt", "inputText"}.isdisjoint(request.parameters)

    texts = events_of(b"".join(chunk(json.dumps(event, separators=(",", ":")).encode()) for event in events))
    assert texts is not None
    sent = Request("POST", f"{path}-with-response-stream", body=Body(json.dumps(asked).encode()))
    streamed = Exchange("bedrock", sent, Response(200, [], Stream(texts, [0] * len(texts))))
    for exchange in (answered(whole, path=path, request=asked), streamed):
        read = read_response(exchange)
        assert read is not None
        assert (read.api, read.text, read.finish, read.complete) == (api, "Hello", (finish,), True)
        assert read.usage == Usage(7, 9)


def test_each_text_that_was_asked_for_is_a_message() -> None:
    body = {
        "completions": [
            {"data": {"text": "a", "tokens": [1]}, "finishReason": {"reason": "length", "length": 5}},
            {"data": {"text": "b"}, "finishReason": {"reason": "endoftext"}},
        ]
    }

    read = _prompts.INVOKE.response(body)

    assert [message.text for message in read.messages] == ["a", "b"]
    assert read.finish == ("length", "stop")
    assert read.messages[0].extra == {"data": {"tokens": [1]}, "finishReason": {"length": 5}}


def test_a_stream_that_ends_with_the_whole_says_it_once() -> None:
    events = [
        {"text": "Hel", "is_finished": False, "event_type": "text-generation"},
        {"text": "lo", "is_finished": False, "event_type": "text-generation"},
        {
            "is_finished": True,
            "event_type": "stream-end",
            "finish_reason": "COMPLETE",
            "response": {
                "id": "r",
                "generations": [{"id": "g", "text": "Hello", "finish_reason": "COMPLETE"}],
            },
        },
    ]

    read = _prompts.GENERATE.assemble([Payload(None, event) for event in events])

    assert (read.api, read.text, read.finish_words, read.complete) == (
        "cohere.generate",
        "Hello",
        ("COMPLETE",),
        True,
    )
    assert read.extra == {"id": "r"}
    assert not _prompts.GENERATE.assemble([Payload(None, event) for event in events[:2]]).complete


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        ({"inputText": "Hi"}, {"embedding": [0.1], "inputTextTokenCount": 1}),
        ({"texts": ["Hi"]}, {"embeddings": [[0.1]], "texts": ["Hi"], "response_type": "embeddings_floats"}),
        ({"file": "a"}, {"model": "voxtral", "text": "Hi", "finish_reason": None}),
    ],
    ids=["titan", "cohere", "a transcription"],
)
def test_what_generates_nothing_is_no_such_call(asked: Any, body: Any) -> None:
    assert api_of(answered(body, path="/model/x/invoke", request=asked)) is None


@given(
    body=bodies(
        "output message messages content role text stopReason usage inputTokens contentBlockIndex delta "
        "start toolUse toolUseId name input toolResult status reasoningContent reasoningText signature "
        "citation citationsContent citations guardContent image document source bytes s3Location uri "
        "format system toolConfig tools toolSpec inputSchema json messageStart contentBlockStart "
        "contentBlockDelta messageStop metadata",
        "assistant error",
    ),
    name=st.sampled_from([None, *sorted(_bedrock._EVENTS), "exception x", "other"]),
)
def test_nothing_raises(body: dict[str, Any], name: str | None) -> None:
    reads_anything(_bedrock, body, name)
    for key, value in body.items():
        keeps_all(value, _bedrock_parts.part({key: value}))
    keeps_all(body, _bedrock.message(body, ""))


@given(
    body=bodies(
        "prompt inputText generations results outputs completions generation completion outputText text "
        "finish_reason stop_reason completionReason finishReason reason data index response is_finished "
        "model meta billed_units input_tokens tokenCount amazon-bedrock-invocationMetrics error"
    )
)
def test_nothing_raises_of_prompts(body: dict[str, Any]) -> None:
    reads_anything(_prompts.INVOKE, body, "chunk")
    _prompts.is_answer(body)
    _prompts.is_complete(body)
