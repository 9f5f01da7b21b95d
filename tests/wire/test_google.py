"""Google's generateContent in the model of messages."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.kit import answered, streamed
from tests.wire.odd import bodies, keeps_all, reads_anything
from trace_ops.trace import Usage
from trace_ops.wire import _google, _google_parts, api_of, read_request, read_response
from trace_ops.wire._events import Payload
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

PATH = "/v1beta/models/gemini-2.5-flash:generateContent"
PIXEL = b"\xfb\xff\x00pixel"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def answer(*parts: Any, finish: Any = "STOP", **more: Any) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": finish, "index": 0}
    return {"candidates": [candidate], "modelVersion": "gemini-2.5-flash", **more}


def assembled(*events: Any) -> ChatResponse:
    return _google.assemble([Payload(None, event) for event in events])


@pytest.mark.parametrize("snake", [False, True])
def test_a_request(snake: bool) -> None:
    pick = (lambda camel, lower: lower) if snake else (lambda camel, lower: camel)
    body = {
        pick("systemInstruction", "system_instruction"): {"role": "user", "parts": [{"text": "Be brief."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Weather?"}]},
            {
                "role": "model",
                "parts": [
                    {
                        pick("functionCall", "function_call"): {"name": "look", "args": {"city": "Rom"}},
                        pick("thoughtSignature", "thought_signature"): "c2ln",
                    }
                ],
            },
            {
                "role": "user",
                "parts": [
                    {pick("functionResponse", "function_response"): {"name": "look", "response": {"c": 21}}}
                ],
            },
        ],
        "tools": [
            {
                pick("functionDeclarations", "function_declarations"): [
                    {"name": "look", "description": "Look.", "parameters": SCHEMA}
                ]
            },
            {"googleSearch": {}},
        ],
        "generationConfig": {"temperature": 0},
    }

    read = _google.request(body, PATH)

    assert read.model == "gemini-2.5-flash"
    assert read.system == (TextPart("Be brief."),)
    assert read.messages == (
        Message("user", (TextPart("Weather?"),)),
        Message("assistant", (ToolCallPart(None, "look", {"city": "Rom"}),)),
        Message("tool", (ToolResultPart(None, {"c": 21}, "look"),)),
    )
    assert [message.path for message in read.messages] == ["contents.0", "contents.1", "contents.2"]
    [call] = read.messages[1].tool_calls
    assert call.extra == {pick("thoughtSignature", "thought_signature"): "c2ln"}
    assert read.tools == (ToolDefinition("look", "Look.", SCHEMA), ToolDefinition("googleSearch"))
    assert read.parameters == {"generationConfig": {"temperature": 0}, "systemInstruction": {"role": "user"}}


def test_data_in_either_alphabet_of_base64_is_hashed() -> None:
    for encoded in (base64.b64encode(PIXEL), base64.urlsafe_b64encode(PIXEL)):
        given = {"inlineData": {"mimeType": "image/png", "data": encoded.decode()}, "mediaResolution": "LOW"}
        [part] = _google_parts.part(given)
        assert part == BlobPart("image", "image/png", hashlib.sha256(PIXEL).hexdigest(), len(PIXEL))
        assert isinstance(part, BlobPart)
        assert part.extra == {"mediaResolution": "LOW"}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"text": "Hm.", "thought": True}, [ReasoningPart("Hm.")]),
        ({"thought": True, "thoughtSignature": "c2ln"}, [ReasoningPart(None)]),
        ({"text": "", "thoughtSignature": "c2ln"}, [ReasoningPart(None)]),
        ({"thoughtSignature": "c2ln"}, [ReasoningPart(None)]),
        ({"thought_signature": "c2ln"}, [ReasoningPart(None)]),
        ({"text": ""}, []),
        ({"thought": True, "functionCall": {"name": "x"}}, [ToolCallPart(None, "x", {})]),
        (
            {"fileData": {"fileUri": "https://x/a.pdf", "mimeType": "application/pdf"}},
            [UriPart("document", "application/pdf", "https://x/a.pdf")],
        ),
        (
            {"executableCode": {"language": "PYTHON", "code": "1", "id": "a"}},
            [ToolCallPart("a", "code_execution", {"language": "PYTHON", "code": "1"}, server=True)],
        ),
        (
            {"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "no", "id": "a"}},
            [ToolResultPart("a", "no", "code_execution", failed=True)],
        ),
        (
            {"toolCall": {"toolType": "GOOGLE_SEARCH_WEB", "id": "a", "args": {"queries": ["x"]}}},
            [ToolCallPart("a", "GOOGLE_SEARCH_WEB", {"queries": ["x"]}, server=True)],
        ),
        (
            {"toolResponse": {"toolType": "GOOGLE_SEARCH_WEB", "id": "a", "response": {"r": 1}}},
            [ToolResultPart("a", {"r": 1}, "GOOGLE_SEARCH_WEB")],
        ),
        (
            {"functionResponse": {"name": "look", "response": {"error": "no such city"}}},
            [ToolResultPart(None, {"error": "no such city"}, "look", failed=True)],
        ),
        ({"hologram": {"x": 1}}, [UnknownPart("hologram", {"hologram": {"x": 1}})]),
        ("loose", [TextPart("loose")]),
        (7, [UnknownPart("part", 7)]),
    ],
)
def test_parts(given: Any, read: list[Any]) -> None:
    assert _google_parts.part(given) == read


def test_an_answer() -> None:
    usage = {
        "promptTokenCount": 100,
        "toolUsePromptTokenCount": 7,
        "candidatesTokenCount": 10,
        "thoughtsTokenCount": 20,
        "cachedContentTokenCount": 64,
        "totalTokenCount": 137,
    }

    read = _google.response(answer({"text": "Hi"}, usageMetadata=usage, responseId="r1"))

    assert (read.model, read.text, read.finish, read.finish_words) == (
        "gemini-2.5-flash",
        "Hi",
        ("stop",),
        ("STOP",),
    )
    assert read.usage == Usage(107, 30, cache_read=64, reasoning=20)
    assert read.usage.total == usage["totalTokenCount"]
    assert read.extra["responseId"] == "r1"
    assert read.messages[0].path == "candidates.0.content"


def test_a_stop_for_tools_of_the_caller_says_so() -> None:
    call = {"functionCall": {"name": "look", "args": {}}}
    code = {"executableCode": {"code": "1"}}

    assert _google.response(answer(call)).finish == ("tool_calls",)
    assert _google.response(answer(code, {"text": "1"})).finish == ("stop",)
    assert _google.response(answer(call, finish="MAX_TOKENS")).finish == ("length",)


@pytest.mark.parametrize(
    ("word", "finish", "kept"),
    [
        ("SAFETY", "content_filter", "SAFETY"),
        ("MALFORMED_FUNCTION_CALL", "error", "MALFORMED_FUNCTION_CALL"),
        ("NEWS", "other", "NEWS"),
        (1, "stop", "STOP"),
        (10, "content_filter", "MODEL_ARMOR"),
        (99, "other", "99"),
        (None, None, None),
        (True, None, None),
    ],
)
def test_why_it_ended(word: Any, finish: Any, kept: Any) -> None:
    read = _google.response(answer({"text": "Hi"}, finish=word))

    assert (read.finish, read.finish_words) == ((finish,), (kept,))


def test_a_blocked_prompt_gives_an_empty_message_and_the_reason() -> None:
    body = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}}

    for read in (_google.response(body), assembled(body)):
        assert read.messages == (Message("assistant", ()),)
        assert (read.finish, read.finish_words) == (("content_filter",), ("SAFETY",))
        assert read.complete
        assert read.extra["promptFeedback"] == {"blockReason": "SAFETY"}


def test_a_stream_reads_as_the_whole() -> None:
    whole = answer(
        {"text": "Let me see.", "thought": True},
        {"text": "Hello there", "thoughtSignature": "c2ln"},
        {"functionCall": {"name": "look", "args": {"a": 1}}},
        usageMetadata={"promptTokenCount": 5, "candidatesTokenCount": 9},
    )

    read = assembled(
        {
            **answer({"text": "Let me ", "thought": True}, finish=None),
            "usageMetadata": {"promptTokenCount": 5},
        },
        answer({"text": "see.", "thought": True}, finish=None),
        answer({"text": "Hello "}, finish=None),
        answer({"text": "there"}, {"text": "", "thoughtSignature": "c2ln"}, finish=None),
        answer(
            {"functionCall": {"name": "look", "args": {"a": 1}}},
            usageMetadata={"promptTokenCount": 5, "candidatesTokenCount": 9},
        ),
    )

    assert read == _google.response(whole)
    said = read.messages[0].parts[1]
    assert isinstance(said, TextPart)
    assert said.extra == {"thoughtSignature": "c2ln"}
    assert read.complete


def test_texts_that_are_signed_apart_stay_apart() -> None:
    parts = [{"text": "a", "thoughtSignature": "c2ln"}, {"text": "b", "thoughtSignature": "ZGlm"}]

    read = assembled(answer(parts[0], finish=None), answer(parts[1]))

    assert read == _google.response(answer(*parts))
    assert read.messages[0].parts == (TextPart("a"), TextPart("b"))


def test_arguments_that_are_streamed_value_by_value() -> None:
    def event(finish: Any = None, **call: Any) -> dict[str, Any]:
        return answer({"functionCall": call}, finish=finish)

    def piece(path: str, more: bool = False, **value: Any) -> dict[str, Any]:
        return {"jsonPath": path, **value, **({"willContinue": True} if more else {})}

    events = [
        event(name="book", id="a", willContinue=True),
        event(partialArgs=[piece("$.stops[0].city", True, stringValue="New ")], willContinue=True),
        event(partialArgs=[piece("$.stops[0].city", stringValue="York")], willContinue=True),
        event(partialArgs=[piece("$.stops[1]['a b']", boolValue=True)], willContinue=True),
        event(partialArgs=[piece("$.days", numberValue=2.5)], willContinue=True),
        event(
            partialArgs=[piece("$.to", nullValue="NULL_VALUE"), piece("$..x", stringValue="odd")],
            willContinue=True,
        ),
        event(partialArgs=[piece("$.days.hours", numberValue=1), 7], willContinue=True),
        event("STOP"),
    ]

    read = assembled(*events)

    assert read.tool_calls == [
        ToolCallPart(
            "a",
            "book",
            {
                "stops": [{"city": "New York"}, {"a b": True}],
                "days": 2.5,
                "to": None,
                "$..x": "odd",
                "$.days.hours": 1,
                "partialArgs": [7],
            },
        )
    ]
    assert (read.finish, read.complete) == (("tool_calls",), True)


def test_two_candidates_of_a_stream_do_not_mix() -> None:
    def event(index: int, text: str, finish: Any = None) -> dict[str, Any]:
        return {
            "candidates": [{"index": index, "content": {"parts": [{"text": text}]}, "finishReason": finish}]
        }

    read = assembled(event(1, "x"), event(0, "a"), event(1, "y", "STOP"), event(0, "b", "MAX_TOKENS"))

    assert [message.text for message in read.messages] == ["ab", "xy"]
    assert read.finish == ("length", "stop")


def test_what_a_stream_was_grounded_on_is_gathered() -> None:
    def event(*chunks: str) -> dict[str, Any]:
        found = answer({"text": "a"}, finish=None)
        found["candidates"][0]["groundingMetadata"] = {"groundingChunks": [{"web": uri} for uri in chunks]}
        return found

    read = assembled(event("one"), event("one", "two"))

    assert read.messages[0].extra == {
        "groundingMetadata": {"groundingChunks": [{"web": "one"}, {"web": "two"}]}
    }


def test_a_stream_that_broke_off_is_not_complete() -> None:
    assert not assembled(answer({"text": "a"}, finish=None)).complete
    read = assembled(answer({"text": "a"}, finish=None), {"error": {"code": 503, "message": "overloaded"}})
    assert (read.text, read.complete, read.error) == ("a", False, {"code": 503, "message": "overloaded"})


@pytest.mark.parametrize("method", ["generateContent", "streamGenerateContent"])
def test_calls_are_told_by_their_path(method: str) -> None:
    path = f"/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-pro:{method}"
    exchange = streamed(
        [answer({"text": "Hi"})], path=path, request={"contents": [{"parts": [{"text": "?"}]}]}
    )

    assert api_of(exchange) == "google.generateContent"
    request, response = read_request(exchange), read_response(exchange)
    assert request is not None
    assert response is not None
    assert (request.model, request.messages[0].text, response.text) == ("gemini-2.5-pro", "?", "Hi")


def test_a_stream_of_a_json_array_is_one() -> None:
    body = [answer({"text": "Hel"}, finish=None), answer({"text": "lo"})]
    exchange = answered(body, path="/v1beta/models/gemini:streamGenerateContent", request={"contents": []})

    read = read_response(exchange)

    assert read is not None
    assert (read.text, read.finish, read.complete) == ("Hello", ("stop",), True)


@pytest.mark.parametrize("method", ["countTokens", "embedContent", "batchGenerateContent"])
def test_what_generates_nothing_is_no_such_call(method: str) -> None:
    exchange = answered({"totalTokens": 3}, path=f"/v1beta/models/gemini:{method}", request={"contents": []})

    assert api_of(exchange) is None


@given(
    body=bodies(
        "partialArgs jsonPath stringValue willContinue candidates content parts text thought "
        "thoughtSignature role index finishReason functionCall name args functionResponse response "
        "inlineData data mimeType fileData fileUri executableCode id contents codeExecutionResult "
        "toolCall toolType toolResponse systemInstruction tools functionDeclarations usageMetadata "
        "promptTokenCount promptFeedback blockReason modelVersion model groundingMetadata",
        "model STOP $.a[0].b $[1] $.a",
    ),
    name=st.none(),
)
def test_nothing_raises(body: dict[str, Any], name: None) -> None:
    reads_anything(_google, body, name)
    keeps_all(body, _google_parts.part(body))
    keeps_all(body, _google.message(body, ""))
