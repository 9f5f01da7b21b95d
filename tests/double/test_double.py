"""The double answers as providers do, fails as told, and is the same again after a reset."""

from __future__ import annotations

import gzip
import http.client
import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from trace_ops.double import (
    CutStream,
    Garbled,
    HangUp,
    Prompt,
    ProviderDouble,
    Slow,
    Stall,
    Status,
    StreamError,
    ToolUse,
    Turn,
    answer,
)

CHAT = {"model": "gpt-5", "messages": [{"role": "user", "content": "How is Paris?"}]}
MESSAGE = CHAT | {"model": "claude-sonnet-5-5", "max_tokens": 100}
TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"properties": {"city": {"type": "string"}}}},
}


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble(clock=lambda: 1_764_000_000.0) as running:
        yield running


def ask(
    double: ProviderDouble,
    path: str,
    body: Any = None,
    method: str = "POST",
    timeout: float = 5,
    **headers: str,
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(double.url.removeprefix("http://"), timeout=timeout)
    try:
        connection.request(
            method,
            path,
            None if body is None else json.dumps(body),
            {name.replace("_", "-"): value for name, value in headers.items()},
        )
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def events(body: bytes) -> list[Any]:
    lines = [line[6:] for line in body.decode().split("\n") if line.startswith("data: ")]
    return [json.loads(line) if line != "[DONE]" else line for line in lines]


def test_answers_are_the_same_after_a_reset_and_fresh_within_a_run(double: ProviderDouble) -> None:
    first, second = (ask(double, "/v1/chat/completions", CHAT) for _ in range(2))
    double.reset()
    again = ask(double, "/v1/chat/completions", CHAT)
    assert again[1] == first[1]
    assert again[0].getheaders() == first[0].getheaders()
    assert json.loads(second[1])["id"] != json.loads(first[1])["id"]
    assert double.hits == 1


def test_another_seed_gives_other_ids(double: ProviderDouble) -> None:
    with ProviderDouble(clock=double.clock, seed="other") as other:
        ids = [json.loads(ask(each, "/v1/chat/completions", CHAT)[1])["id"] for each in (double, other)]
    assert ids[0] != ids[1]


def test_requests_are_kept(double: ProviderDouble) -> None:
    ask(double, "/v1/chat/completions?a=b", CHAT, authorization="Bearer x")
    (request,) = double.requests
    assert (request.method, request.path, request.query) == ("POST", "/v1/chat/completions", "a=b")
    assert request.json == CHAT
    assert request.headers["authorization"] == "Bearer x"


def test_an_offered_tool_is_called_then_its_result_is_used(double: ProviderDouble) -> None:
    first = json.loads(ask(double, "/v1/chat/completions", CHAT | {"tools": [TOOL]})[1])["choices"][0]
    (call,) = first["message"]["tool_calls"]
    assert first["finish_reason"] == "tool_calls"
    assert json.loads(call["function"]["arguments"]) == {"city": "Paris"}
    result = {"role": "tool", "tool_call_id": call["id"], "content": "sunny"}
    messages = [*CHAT["messages"], first["message"], result]  # type: ignore[misc]
    second = json.loads(ask(double, "/v1/chat/completions", {"messages": messages, "tools": [TOOL]})[1])
    assert second["choices"][0]["message"]["content"] == "Here is what I found: get_weather answered sunny."


def test_scripted_turns_come_first_and_in_order(double: ProviderDouble) -> None:
    double.script(Turn(text="One."), Turn(calls=(ToolUse("look", {"at": 1}),)))
    answers = [json.loads(ask(double, "/v1/messages", MESSAGE)[1])["content"] for _ in range(3)]
    assert answers[0] == [{"type": "text", "text": "One."}]
    assert (answers[1][0]["name"], answers[1][0]["input"]) == ("look", {"at": 1})
    assert answers[2][0]["text"].startswith("You asked:")


def test_an_author_of_ones_own_writes_the_turns() -> None:
    def author(prompt: Prompt) -> Turn:
        return Turn(text="No.") if prompt.system == "Refuse" else answer(prompt)

    with ProviderDouble(author=author) as double:
        body = json.loads(ask(double, "/v1/messages", MESSAGE | {"system": "Refuse"})[1])
    assert body["content"][0]["text"] == "No."


def test_a_schema_is_filled_in(double: ProviderDouble) -> None:
    schema = {
        "$defs": {"Kind": {"enum": ["a", "b"]}},
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "kind": {"$ref": "#/$defs/Kind"},
            "n": {"type": "integer", "minimum": 200},
            "maybe": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "tags": {"type": "array", "items": {"type": "boolean"}, "minItems": 2},
        },
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    body = json.loads(ask(double, "/v1/chat/completions", CHAT | {"response_format": wanted})[1])
    got = json.loads(body["choices"][0]["message"]["content"])
    assert got == {"city": "Paris", "kind": "a", "n": 200, "maybe": 20.5, "tags": [True, True]}


def test_a_streamed_chat_says_what_the_whole_answer_says(double: ProviderDouble) -> None:
    whole = json.loads(ask(double, "/v1/chat/completions", CHAT)[1])
    *chunks, done = events(ask(double, "/v1/chat/completions", CHAT | {"stream": True})[1])
    deltas = [chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks]
    assert "".join(deltas) == whole["choices"][0]["message"]["content"]
    assert done == "[DONE]"


def test_a_streamed_message_says_what_the_whole_one_says(double: ProviderDouble) -> None:
    whole = json.loads(ask(double, "/v1/messages", MESSAGE)[1])
    streamed = events(ask(double, "/v1/messages", MESSAGE | {"stream": True})[1])
    deltas = [each["delta"]["text"] for each in streamed if each["type"] == "content_block_delta"]
    assert "".join(deltas) == whole["content"][0]["text"]
    assert [each["type"] for each in streamed][-2:] == ["message_delta", "message_stop"]


def test_a_streamed_response_ends_with_the_whole_one(double: ProviderDouble) -> None:
    asked = {"model": "gpt-5", "input": "How is Paris?", "reasoning": {"summary": "auto"}}
    streamed = events(ask(double, "/v1/responses", asked | {"stream": True})[1])
    text = "".join(each["delta"] for each in streamed if each["type"] == "response.output_text.delta")
    assert [each["sequence_number"] for each in streamed] == list(range(len(streamed)))
    assert [item["type"] for item in streamed[-1]["response"]["output"]] == ["reasoning", "message"]
    assert text == streamed[-1]["response"]["output"][1]["content"][0]["text"]


def test_unknown_paths_and_ids_are_refused_in_the_dialect_of_the_caller(double: ProviderDouble) -> None:
    response, body = ask(double, "/v1/files/none", method="GET")
    assert (response.status, json.loads(body)["error"]["type"]) == (404, "invalid_request_error")
    response, body = ask(double, "/v1/models/none", method="GET", anthropic_version="2023-06-01")
    assert (response.status, json.loads(body)["type"]) == (404, "error")
    response, body = ask(double, "/v1/nothing", {})
    assert (response.status, json.loads(body)["error"]["message"]) == (404, "Invalid URL (POST /v1/nothing)")


def test_bedrock_frames_hold_their_checksums(double: ProviderDouble) -> None:
    _, body = ask(double, "/model/anthropic.claude/invoke-with-response-stream", MESSAGE)
    kinds = []
    while body:
        length, head = struct.unpack(">II", body[:8])
        frame, body = body[:length], body[length:]
        assert struct.unpack(">I", frame[8:12])[0] == zlib.crc32(frame[:8])
        assert struct.unpack(">I", frame[-4:])[0] == zlib.crc32(frame[:-4])
        kinds.append(frame[12 : 12 + head])
    assert len(kinds) > 5
    assert all(b":event-type\x07\x00\x05chunk" in kind for kind in kinds)


def test_each_request_takes_one_queued_fault(double: ProviderDouble) -> None:
    double.fail(Status(429, headers={"retry-after": "7"}), None, Status(529))
    answers = [ask(double, "/v1/messages", MESSAGE)[0] for _ in range(4)]
    assert [each.status for each in answers] == [429, 200, 529, 200]
    assert answers[0].getheader("retry-after") == "7"


def test_a_hang_up_gives_no_byte(double: ProviderDouble) -> None:
    double.fail(HangUp())
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        ask(double, "/v1/messages", MESSAGE)


def test_a_stall_outlasts_the_caller(double: ProviderDouble) -> None:
    double.fail(Stall(5))
    with pytest.raises(TimeoutError):
        ask(double, "/v1/messages", MESSAGE, timeout=0.1)


def test_garbled_json_stops_in_the_middle(double: ProviderDouble) -> None:
    double.fail(Garbled())
    response, body = ask(double, "/v1/messages", MESSAGE)
    assert response.status == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(body)


def test_a_cut_stream_breaks_off_after_its_events(double: ProviderDouble) -> None:
    double.fail(CutStream(after=2))
    with pytest.raises(http.client.IncompleteRead) as error:
        ask(double, "/v1/chat/completions", CHAT | {"stream": True})
    assert error.value.partial.count(b"data: ") == 2


@pytest.mark.parametrize(
    ("path", "last"),
    [
        ("/v1/chat/completions", b'data: {"error":{"message":"Oops"'),
        ("/v1/messages", b"event: error\ndata: "),
    ],
)
def test_a_stream_error_is_its_last_event(double: ProviderDouble, path: str, last: bytes) -> None:
    double.fail(StreamError(after=2, message="Oops"))
    _, body = ask(double, path, MESSAGE | {"stream": True})
    *_, final, empty = body.split(b"\n\n")
    assert empty == b""
    assert final.startswith(last)
    assert b"Oops" in final


def test_a_slow_stream_waits_before_each_event_but_the_first(
    double: ProviderDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(double._stopped, "wait", waits.append)  # which gives None: nothing has stopped it
    double.fail(Slow(20))
    _, body = ask(double, "/v1/chat/completions", CHAT | {"stream": True})
    assert waits == [20] * (len(events(body)) - 1)
    assert len(waits) > 2


def test_compresses_for_those_who_accept_it() -> None:
    with ProviderDouble(gzip=True) as double:
        response, body = ask(double, "/v1/messages", MESSAGE, accept_encoding="gzip")
        plain, _ = ask(double, "/v1/messages", MESSAGE)
        _, streamed = ask(double, "/v1/messages", MESSAGE | {"stream": True}, accept_encoding="gzip")
    assert response.getheader("content-encoding") == "gzip"
    assert json.loads(gzip.decompress(body))["type"] == "message"
    assert plain.getheader("content-encoding") is None
    assert gzip.decompress(streamed).startswith(b"event: message_start")


def test_a_stopped_double_refuses_and_starts_again_on_its_port() -> None:
    double = ProviderDouble().start()
    url = double.url
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=2)
    connection.request("GET", "/v1/models")
    connection.getresponse().read()
    double.stop()
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        connection.request("GET", "/v1/models")
        connection.getresponse()
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        ask(double, "/v1/models", method="GET")
    with double:
        assert double.url == url
        assert ask(double, "/v1/models", method="GET")[0].status == 200


def test_uploads_are_served_again(double: ProviderDouble) -> None:
    form = (
        b'--x\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
        b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
        b"\x00\xff\r\n\r\n--x--\r\n"
    )
    connection = http.client.HTTPConnection(double.url.removeprefix("http://"), timeout=5)
    connection.request("POST", "/v1/files", form, {"content-type": "multipart/form-data; boundary=x"})
    made = json.loads(connection.getresponse().read())
    connection.close()
    assert (made["filename"], made["bytes"], made["purpose"]) == ("a.bin", 4, "batch")
    assert ask(double, f"/v1/files/{made['id']}/content", method="GET")[1] == b"\x00\xff\r\n"
