"""All that was said: calls, pools of what repeats, raw bodies, events."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.diff.kit import calls, chat, json_body, step, trace
from tests.viewer.kit import CONTRACT, check_run, whole
from trace_ops.exchange import Body, Exchange, Failure, Request, Response, Stream
from trace_ops.exporters import json_text
from trace_ops.trace import Span
from trace_ops.viewer.runs import Named, TraceView

USER = {"role": "user", "content": "Where is it warm? " * 10}
TOOL = {"type": "function", "function": {"name": "look", "description": "Looks. " * 20, "parameters": {}}}


def told(*spans: Span) -> Any:
    """The details as a page has them."""
    view = TraceView(trace(*spans), Named("key", "name"))
    run, details = (json.loads(json_text(value)) for value in (view.run, view.details))
    assert CONTRACT.problems("Details", details) == []
    check_run(run, details)
    return details


def call(details: Any, number: int = 1) -> Any:
    return details["spans"][str(number)]["call"]


def texts(details: Any, numbers: list[int]) -> list[Any]:
    return [[part.get("content") for part in details["messages"][n]["parts"]] for n in numbers]


def test_a_conversation_that_goes_on_stands_once() -> None:
    asked = {"role": "assistant", **calls(("look", {"at": "Oslo"}))}
    result = {"role": "tool", "tool_call_id": "call_0", "content": "rainy"}
    first = chat(calls(("look", {"at": "Oslo"})), messages=[USER], tools=[TOOL])
    second = chat("Stay home.", messages=[USER, asked, result], tools=[TOOL])

    details = told(first, second, second)

    one, two, three = (call(details, number) for number in (1, 2, 3))
    assert one["request"]["messages"] == two["request"]["messages"][:1]
    assert one["response"]["messages"] == two["request"]["messages"][1:2]
    assert three["request"]["messages"] == two["request"]["messages"]
    assert [details["messages"][n]["role"] for n in two["request"]["messages"]] == [
        "user",
        "assistant",
        "tool",
    ]
    assert len(details["messages"]) == 4
    assert one["request"]["tools"] == two["request"]["tools"] == [0]
    assert details["tools"] == [{"name": "look", "description": "Looks. " * 20, "parameters": {}}]
    assert (one["before"], two["before"]) == (None, 1)


def test_instructions_stand_once() -> None:
    request = {"model": "claude", "system": "Be brief.", "messages": [{"role": "user", "content": "Hi"}]}
    answer = json_body(
        {"type": "message", "content": [{"type": "text", "text": "Hello"}], "role": "assistant"}
    )
    exchange = Exchange(
        "anthropic", Request("POST", "/v1/messages", body=json_body(request)), Response(200, [], answer)
    )
    details = told(*[Span(0, "llm", "x", exchange=exchange, ms=1.0)] * 2)

    system = call(details)["request"]["system"]
    assert details["messages"][system] == {
        "role": "system",
        "name": None,
        "parts": [{"type": "text", "content": "Be brief."}],
    }
    assert call(details, 2)["request"]["system"] == system
    assert call(told(chat()))["request"]["system"] is None


def test_parts_of_bodies_that_repeat_stand_once_in_the_pool() -> None:
    more = {"role": "user", "content": "x"}
    first = chat("One.", messages=[USER], tools=[TOOL])
    second = chat("Two.", messages=[USER, more], tools=[TOOL])

    details = told(first, second)

    raw = call(details, 2)["body"]
    assert raw["json"]["messages"] == [None, more]
    assert raw["json"]["tools"] is None
    assert sorted(raw["places"]) == ["/messages/0", "/tools"]
    assert details["values"] == [USER, [TOOL]]
    for number, span in enumerate((first, second), 1):
        assert span.exchange is not None
        assert span.exchange.request.body is not None
        assert whole(call(details, number)["body"], details) == span.exchange.request.body.json


def test_short_parts_and_single_ones_stay_where_they_are() -> None:
    short = {"role": "user", "content": "Hi"}
    details = told(chat("One.", messages=[short, USER]), chat("Two.", messages=[short]))

    assert details["values"] == []
    assert call(details)["body"] == {"json": {"model": "gpt-5", "messages": [short, USER]}}


def test_keys_that_mean_something_in_a_pointer_are_escaped() -> None:
    bodies: list[Any] = [
        {"model": "gpt-5", "messages": [], "a/b~c": "long " * 20, "n": number} for number in (1, 2)
    ]
    details = told(*(chat(str(number), **body) for number, body in enumerate(bodies)))

    assert call(details)["body"]["places"] == {"/a~1b~0c": 0}
    assert whole(call(details)["body"], details) == bodies[0]


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b'{"n": 12345678901234567890}', {"text": '{"n": 12345678901234567890}'}),
        (b'{"n": 9007199254740992}', {"json": {"n": 2**53}}),
        (b'{"n": NaN}', {"text": '{"n": NaN}'}),
        (b'{"n": [1e999]}', {"text": '{"n": [1e999]}'}),
        (b"[" * 300 + b"]" * 300, {"text": "[" * 300 + "]" * 300}),
        (b"no json", {"text": "no json"}),
        (b"\xff\x00", {"base64": "/wA="}),
        (b"null", {"text": "null"}),
        (b"", None),
        (b'"\\ud800"', {"json": "\ud800"}),
        (b"[1, 2]", {"json": [1, 2]}),
    ],
)
def test_a_body_that_a_browser_would_read_otherwise_is_text(raw: bytes, body: Any) -> None:
    """JavaScript has no integers of more than 53 bits, and no NaN."""
    exchange = Exchange("openai", Request("POST", "/files", body=Body(raw)), Response(200, [], Body(raw)))
    details = told(Span(0, "custom", "x", exchange=exchange, ms=1.0))

    assert call(details)["body"] == body
    assert call(details)["attempts"][0]["body"] == body


def test_arguments_that_a_browser_would_read_otherwise_are_text() -> None:
    details = told(chat(calls(("look", {"id": 2**60, "n": 1}))))
    (number,) = call(details)["response"]["messages"]
    assert details["messages"][number]["parts"][0]["arguments"] == {"id": str(2**60), "n": 1}


def test_each_attempt_is_there() -> None:
    span = chat()
    assert span.exchange is not None
    refused = Response(429, [("retry-after", "1")], json_body({"error": "x"}), reason="Slow Down")
    span.exchange.retried = [Failure("ReadTimeout", "too slow"), refused]

    first, second, third = call(told(span))["attempts"]
    assert (first["status"], first["end"], first["failure"]) == (
        None,
        "failed",
        {"type": "ReadTimeout", "message": "too slow"},
    )
    assert (second["status"], second["reason"], second["headers"]) == (
        429,
        "Slow Down",
        [["retry-after", "1"]],
    )
    assert second["body"] == {"json": {"error": "x"}}
    assert (third["status"], third["end"], third["failure"], third["events"]) == (200, "complete", None, None)


def test_a_call_that_was_refused_was_not_tried() -> None:
    span = replace(chat(Failure("none", "")), error=Failure("trace_ops.errors.UnrecordedCallError", "no"))
    assert call(told(span))["attempts"] == []
    assert call(told(span))["request"] is not None
    assert call(told(span))["response"] is None


def test_events_tell_what_they_add() -> None:
    def event(**delta: Any) -> str:
        return f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta}]})}\n\n"

    tool = {"index": 0, "id": "call_1", "function": {"name": "look", "arguments": "{}"}}
    events = [
        event(content="Hel"),
        event(content="lo"),
        event(reasoning="hm", content="!"),
        event(tool_calls=[tool]),
    ]
    stream = Stream([*events, "data: [DONE]\n\n"], [10, 20, 30, 40, 50])
    details = told(chat(Response(200, [], stream, "closed")))

    (attempt,) = call(details)["attempts"]
    assert (attempt["body"], attempt["end"]) == (None, "closed")
    assert [(each["at"], each["text"]) for each in attempt["events"]] == list(
        zip(stream.at_ms, stream.events)
    )
    assert [each["said"] for each in attempt["events"]] == [
        {"type": "text", "text": "Hel"},
        {"type": "text", "text": "lo"},
        {"type": "text", "text": "!"},
        {"type": "tool_call", "text": "look {}"},
        None,
    ]


def test_a_stream_without_times_has_its_events() -> None:
    details = told(chat(Response(200, [], Stream(["data: {}\n\n"] * 2, []))))
    assert [each["at"] for each in call(details)["attempts"][0]["events"]] == [0, 0]


def image(size: int, kind: str = "image/png") -> Any:
    data = base64.b64encode(b"x" * size).decode()
    part = {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}}
    details = told(chat(messages=[{"role": "user", "content": [part]}]))
    (number,) = call(details)["request"]["messages"]
    return details["messages"][number]["parts"][0]


def test_small_images_are_there_to_be_shown() -> None:
    small = image(100)
    assert small["base64"] == base64.b64encode(b"x" * 100).decode()
    assert (small["sha256"], small["size"]) == (hashlib.sha256(b"x" * 100).hexdigest(), 100)
    assert "base64" in image(256 * 1024)
    assert "base64" not in image(256 * 1024 + 1)
    assert "base64" not in image(100, "audio/wav")


def test_what_only_claims_to_be_an_image_is_none() -> None:
    part = {"type": "image_url", "image_url": {"url": 'data:image/png;base64,"><script>alert(1)</script>'}}
    details = told(chat(messages=[{"role": "user", "content": [part]}]))
    (number,) = call(details)["request"]["messages"]
    assert "base64" not in details["messages"][number]["parts"][0]


def test_results_of_tools_are_values_or_parts() -> None:
    results = [
        {"role": "tool", "tool_call_id": "a", "content": "rainy"},
        {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "sunny"}]},
    ]
    details = told(chat(messages=results))
    parts = [details["messages"][n]["parts"][0] for n in call(details)["request"]["messages"]]
    assert [part["response"] for part in parts] == ["rainy", [{"type": "text", "content": "sunny"}]]


def test_results_in_results_end_somewhere() -> None:
    nested: Any = {"text": "deep"}
    for _ in range(60):
        nested = {"functionResponse": {"name": "look", "parts": [nested]}}
    body = json_body({"contents": [{"role": "user", "parts": [nested]}]})
    path = "/v1beta/models/gemini:generateContent"
    exchange = Exchange("google", Request("POST", path, body=body), Failure("ReadTimeout", ""))
    details = told(Span(0, "llm", "x", exchange=exchange, ms=1.0))

    part, depth = details["messages"][0]["parts"][0], 0
    while isinstance(part["response"], list):
        part, depth = part["response"][0], depth + 1
    assert (part["response"], depth) == ("…", 20)


def test_a_call_in_no_format_that_is_known_has_its_bodies() -> None:
    details = told(chat(path="/embeddings", input="warm"))
    assert (call(details)["api"], call(details)["request"], call(details)["response"]) == (None, None, None)
    assert call(details)["body"]["json"]["input"] == "warm"


def test_a_step_without_a_call_has_what_went_in_and_out() -> None:
    details = told(step("tool", input={"at": "Oslo"}, output="rainy", attributes={"phase": "teardown"}))
    assert details["spans"]["1"] == {
        "input": {"at": "Oslo"},
        "output": "rainy",
        "attributes": {"phase": "teardown"},
        "call": None,
    }
