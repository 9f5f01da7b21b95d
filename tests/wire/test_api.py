"""Which format a call is in, and the payloads of a stream however it was kept."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

import pytest

from tests.wire.kit import answered, failed, streamed
from trace_ops.exchange import Body, Exchange, Request, Response, Stream
from trace_ops.wire import api_of, read_body, read_request, read_response
from trace_ops.wire._events import DONE, Payload, payloads

CHAT = {"object": "chat.completion", "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}
MESSAGE = {"type": "message", "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn"}
RESPONSE = {"object": "response", "output": [{"type": "message", "content": "Hi"}]}


@pytest.mark.parametrize(
    ("path", "api"),
    [
        ("/v1/chat/completions", "openai.chat"),
        ("/openai/deployments/my-gpt/chat/completions", "openai.chat"),
        ("/v1/completions", "openai.completions"),
        ("/responses", "openai.responses"),
        ("/v1/messages", "anthropic.messages"),
        ("/router/anthropic/v1/messages/", "anthropic.messages"),
        ("/v1/messages/count_tokens", None),
        ("/v1/messages/batches", None),
        ("/v1/threads/thread_1/messages", None),
        ("/v1/responses/resp_1/cancel", None),
        ("/v1/responses/compact", None),
        ("/v1/embeddings", None),
        ("/v1/files", None),
    ],
)
def test_the_path_tells_the_format(path: str, api: str | None) -> None:
    """Also of what has the shape of an answer, and is none."""
    assert api_of(answered(RESPONSE, path=path)) == api


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_what_is_fetched_was_not_generated(method: str) -> None:
    exchange = answered(CHAT, path="/v1/chat/completions")
    exchange.request.method = method

    assert (api_of(exchange), read_request(exchange), read_response(exchange)) == (None, None, None)


@pytest.mark.parametrize(
    ("body", "api"),
    [
        (CHAT, "openai.chat"),
        (MESSAGE, "anthropic.messages"),
        (RESPONSE, "openai.responses"),
        ({"object": "text_completion", "choices": [{"text": "Hi"}]}, "openai.completions"),
        ({"object": "list", "data": []}, None),
        ([1], None),
        ("Hi", None),
    ],
)
def test_the_shape_of_the_answer_tells_where_the_path_does_not(body: Any, api: str | None) -> None:
    exchange = answered(body, path="/gateway/run", request={"messages": []})

    assert api_of(exchange) == api
    assert (read_response(exchange) is None) == (api is None)


def test_the_shape_of_the_request_tells_where_there_is_no_answer() -> None:
    """As Bedrock and Vertex carry the messages of Anthropic."""
    body = {"anthropic_version": "bedrock-2023-05-31", "messages": [{"role": "user", "content": "Hi"}]}
    exchange = failed(body, path="/model/us.anthropic.claude-v1%3A0/invoke")

    request = read_request(exchange)

    assert request is not None
    assert (request.api, request.model) == ("anthropic.messages", "us.anthropic.claude-v1:0")
    assert request.parameters == {"anthropic_version": "bedrock-2023-05-31"}
    assert read_response(exchange) is None


def test_a_stream_tells_by_its_first_events() -> None:
    events = [
        ": keep-alive\n\n",
        {"object": "chat.completion.chunk", "choices": [{"delta": {"content": "Hi"}}]},
    ]

    answer = read_response(streamed(events, path="/gateway/run"))

    assert answer is not None
    assert (answer.api, answer.text) == ("openai.chat", "Hi")


def test_the_query_is_among_the_parameters() -> None:
    body = Body(b'{"messages":[],"api-version":"in the body"}')
    request = Request("POST", "/chat/completions", query="api-version=2024-06-01&x=", body=body)

    read = read_request(Exchange("openai", request, failed().outcome))

    assert read is not None
    assert read.parameters == {"api-version": "in the body", "?api-version": "2024-06-01", "?x": ""}


@pytest.mark.parametrize("status", [400, 429, 500])
def test_a_call_that_failed_was_not_answered(status: int) -> None:
    assert read_response(answered(CHAT, path="/v1/chat/completions", status=status)) is None


def test_a_body_that_is_no_object_is_no_request() -> None:
    exchange = answered(CHAT, path="/v1/chat/completions", request=["messages"])

    assert read_request(exchange) is None
    assert read_request(answered(CHAT, path="/v1/chat/completions")) is None


def test_a_body_by_itself() -> None:
    chat, message = read_body(CHAT), read_body(MESSAGE, "bedrock")

    assert chat is not None
    assert chat.api == "openai.chat"
    assert message is not None
    assert message.api == "anthropic.messages"
    assert read_body({"usage": {}}) is None


EVENTS = [{"a": 1}, {"b": [2]}]
SSE = 'data: {"a": 1}\n\n: comment\n\nevent: named\r\ndata: {"b":\r\ndata: [2]}\r\n\r\ndata: [DONE]\n\n'


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (SSE, [Payload(None, EVENTS[0]), Payload("named", EVENTS[1]), Payload(None, DONE)]),
        (SSE.replace("\n", "\r\n").replace("\r\r", "\r"),
         [Payload(None, EVENTS[0]), Payload("named", EVENTS[1]), Payload(None, DONE)]),
        ('{"a": 1}\n{"b": [2]}\n', [Payload(None, event) for event in EVENTS]),
        (json.dumps(EVENTS, indent=1), [Payload(None, event) for event in EVENTS]),
        ("data: {broken\n\ndata: {}\n\n", [Payload(None, {})]),
    ],
)  # fmt: skip
def test_the_payloads_of_a_stream(raw: str, expected: list[Payload]) -> None:
    """Server-sent events, JSON a line, and an array: kept as events, and as one body."""
    as_events = Response(200, [], Stream([raw[:20], raw[20:]] if raw[0] in "{[" else _blocks(raw), [0, 0]))

    assert payloads(Response(200, [], Body(raw.encode()))) == expected
    assert payloads(as_events) == expected


def test_an_answer_in_one_piece_is_no_stream() -> None:
    for raw in (b'{"a": 1}', b'{\n "a": 1\n}', b"", b"plain text", b"\xff\xfe"):
        assert payloads(Response(200, [], Body(raw))) is None


def test_the_payloads_of_amazon_frames() -> None:
    """Those of an invoked model are in base64 within them, those of Converse are not."""
    wrapped = {"bytes": base64.b64encode(b'{"a":1}').decode(), "p": "abc"}
    raw = _frame("chunk", wrapped) + _frame("messageStop", {"b": [2]})

    found = payloads(Response(200, [], Body(raw)))
    cut = payloads(Response(200, [], Body(raw[:-3])))

    assert found == [Payload("chunk", {"a": 1}), Payload("messageStop", {"b": [2]})]
    assert cut == found[:1]


def _blocks(text: str) -> list[str]:
    return [block + "\n\n" for block in text.replace("\r\n", "\n").split("\n\n") if block]


def _frame(kind: str, payload: Any) -> bytes:
    head = b"".join(
        bytes([len(name)]) + name + struct.pack(">BH", 7, len(value)) + value
        for name, value in [
            (b":event-type", kind.encode()),
            (b":content-type", b"application/json"),
            (b":message-type", b"event"),
        ]
    )
    body = json.dumps(payload, separators=(",", ":")).encode()
    prelude = struct.pack(">II", 16 + len(head) + len(body), len(head))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + head + body
    return message + struct.pack(">I", zlib.crc32(message))


@pytest.mark.parametrize("rare", ["\u2028", "\u2029", "\x85"])
def test_only_line_ends_end_a_line(rare: str) -> None:
    """Some providers escape nothing but what JSON must."""
    chunk = {"choices": [{"index": 0, "delta": {"content": f"one{rare}two"}}]}
    events = [f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n", "data: [DONE]\n\n"]
    body = Stream(events, [0, 1])
    exchange = Exchange("openai", Request("POST", "/chat/completions"), Response(200, [], body))

    answer = read_response(exchange)

    assert answer is not None
    assert answer.text == f"one{rare}two"
