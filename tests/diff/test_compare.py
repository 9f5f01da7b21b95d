"""What each difference between two steps is called."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.diff.kit import calls, chat, json_body, step, trace
from trace_ops.diff import diff_traces
from trace_ops.exchange import Exchange, Failure, Request, Response, Stream
from trace_ops.trace import Span, Usage

Told = list[tuple[Any, ...]]


def told(old: Span, new: Span, **options: Any) -> Told:
    """Kind, cause, severity, path, before, after of each change."""
    return [
        (change.kind, change.cause, change.severity, change.path, change.before, change.after)
        for change in diff_traces(trace(old), trace(new), **options).changes
    ]


def _said(*texts: str, role: str = "user") -> list[dict[str, str]]:
    return [{"role": role, "content": text} for text in texts]


_TOOL = {"type": "function", "function": {"name": "search", "description": "Search.", "parameters": {}}}
_OTHER = {"type": "function", "function": {"name": "search", "description": "Find.", "parameters": {}}}
_SYSTEM = _said("Be kind.", role="system") + _said("Hi!")

REQUESTS: list[Any] = [
    ({"model": "gpt-5"}, {"model": "o4"}, ("model", "model", "major", "model", "gpt-5", "o4")),
    (
        {"messages": _SYSTEM},
        {"messages": _said("Be brief.", role="system") + _said("Hi!")},
        ("prompt", "system prompt", "minor", "messages.0", "Be kind.", "Be brief."),
    ),
    (
        {"messages": _SYSTEM},
        {"messages": _said("Hi!")},
        ("prompt", "system prompt", "minor", "messages.0", "Be kind.", None),
    ),
    (
        {"messages": _said("a b", "c d", "e f")},
        {"messages": _said("a b", "c x", "e f")},
        ("prompt", "message 2 (user)", "minor", "messages.1", "c d", "c x"),
    ),
    (
        {"messages": _said("a b", "e f")},
        {"messages": _said("a b", "c d", "e f")},
        ("prompt", "message 2 (user)", "minor", "messages.1", None, "c d"),
    ),
    (
        {"messages": _said("a b", "c d", "e f")},
        {"messages": _said("a b", "e f")},
        ("prompt", "message 2 (user)", "minor", "messages.1", "c d", None),
    ),
    (
        {"temperature": 0.2},
        {"temperature": 0.7},
        ("parameters", "parameter temperature", "minor", "temperature", 0.2, 0.7),
    ),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"strict": True}}},
        {"response_format": {"type": "json_schema", "json_schema": {"strict": False}}},
        (
            *("parameters", "parameter response_format.json_schema.strict", "minor"),
            *("response_format.json_schema.strict", True, False),
        ),
    ),
    (
        {"tools": [_TOOL]},
        {"tools": [_OTHER]},
        ("tools", "tool list", "minor", "tools.search.description", "Search.", "Find."),
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), REQUESTS)
def test_a_request_that_differs(old: dict[str, Any], new: dict[str, Any], expected: Any) -> None:
    assert told(chat(**old), chat(**new)) == [expected]


def test_a_tool_added_and_one_removed_are_told_by_name() -> None:
    other = {"type": "function", "function": {"name": "read"}}

    assert [change[:4] for change in told(chat(tools=[_TOOL]), chat(tools=[other]))] == [
        ("tools", "tool list", "minor", "tools.search"),
        ("tools", "tool list", "minor", "tools.read"),
    ]


def test_the_order_of_tools_and_who_calls_is_no_change() -> None:
    other = {"type": "function", "function": {"name": "read"}}

    assert not told(chat(tools=[_TOOL, other], user="me"), chat(tools=[other, _TOOL], user="you"))


def _chunks(*texts: str) -> Response:
    chunks: list[dict[str, Any]] = [{"delta": {"role": "assistant", "content": text}} for text in texts]
    chunks.append({"delta": {}, "finish_reason": "stop"})
    whole = {"object": "chat.completion.chunk", "model": "gpt-5"}
    events = [f"data: {json.dumps({**whole, 'choices': [{'index': 0, **chunk}]})}\n\n" for chunk in chunks]
    return Response(200, [], Stream([*events, "data: [DONE]\n\n"], list(range(len(events) + 1))))


def test_the_same_answer_as_a_stream_differs_in_the_parameter_alone() -> None:
    new = chat(_chunks("Hel", "lo."), stream=True, stream_options={"include_usage": True})

    assert told(chat("Hello."), new) == [
        ("parameters", "parameter stream", "minor", "stream", None, True),
    ]


def test_the_same_text_in_other_pieces_is_no_change() -> None:
    assert not told(chat(_chunks("Hel", "lo."), stream=True), chat(_chunks("H", "ello."), stream=True))


ANSWERS: list[Any] = [
    (
        calls(("search", {"q": "a", "n": 1})),
        calls(("search", {"q": "b", "n": 1})),
        [("arguments", "tool arguments", "major", "tool_calls.0.arguments.q", "a", "b")],
    ),
    (
        calls(("search", {"q": "a"})),
        calls(("search", {"q": "a"}), ("read", {"url": "x"})),
        [
            (
                *("response", "provider's answer", "major", "tool_calls.1", None),
                {"tool": "read", "arguments": {"url": "x"}},
            )
        ],
    ),
    (
        {"content": None, "refusal": "I will not."},
        {"content": None, "refusal": "I cannot."},
        [("response", "provider's answer", "major", "refusal", "I will not.", "I cannot.")],
    ),
    (
        Response(429, [], json_body({"error": {"message": "slow down"}})),
        Response(500, [], json_body({"error": {"message": "broken"}})),
        [("error", "error", "major", "error", "HTTP 429: slow down", "HTTP 500: broken")],
    ),
    (
        Failure("ReadTimeout", "late"),
        Failure("ReadTimeout", "later"),
        [("error", "error", "minor", "error", "ReadTimeout: late", "ReadTimeout: later")],
    ),
    (
        "Hello.",
        Failure("ReadTimeout", "late"),
        [("error", "error", "major", "error", None, "ReadTimeout: late")],
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), ANSWERS)
def test_an_answer_that_differs(old: Any, new: Any, expected: Told) -> None:
    assert told(chat(old), chat(new)) == expected


def test_a_text_is_compared_by_its_words() -> None:
    [change] = diff_traces(trace(chat("It rains in Oslo.")), trace(chat("It snows in Oslo."))).changes

    assert (change.kind, change.cause, change.severity, change.path) == (
        "response",
        "provider's answer",
        "minor",
        "text",
    )
    assert change.similarity is not None
    assert 0.5 < change.similarity < 1


def test_why_an_answer_ended_follows_from_what_it_says() -> None:
    changes = diff_traces(trace(chat("Hello.")), trace(chat(calls(("search", {}))))).changes

    assert [(change.kind, change.root) for change in changes] == [
        ("response", None),
        ("response", 0),
        ("finish", 0),
    ]


def test_tokens_are_told_only_where_the_words_are_the_same() -> None:
    old, new = chat("a"), chat("a")
    old.usage, new.usage = Usage(10, 5), Usage(12, 5)
    new.exchange = replace(new.exchange, outcome=chat(_chunks("a")).exchange.outcome)  # type: ignore[type-var, union-attr]

    diff = diff_traces(trace(old), trace(new))

    assert [(change.kind, change.severity) for change in diff.changes] == [("usage", "info")]
    assert not diff.has_changes
    assert not diff_traces(trace(chat("a")), trace(chat("b"))).of_kind("usage")


def _embedding(vector: list[float], text: str = "a") -> Span:
    exchange = Exchange(
        "openai",
        Request("POST", "/embeddings", body=json_body({"model": "e", "input": [text]})),
        Response(200, [], json_body({"data": [{"index": 0, "embedding": vector}]})),
    )
    return Span(0, "embedding", "openai embeddings", exchange=exchange, ms=5.0)


def test_embeddings_differ_in_their_input_and_in_their_vectors() -> None:
    assert told(_embedding([0.1]), _embedding([0.1])) == []
    assert told(_embedding([0.1]), _embedding([0.2])) == [
        ("response", "provider's answer", "minor", "output", None, None)
    ]
    assert told(_embedding([0.1]), _embedding([0.1], "b")) == [
        ("prompt", "input", "minor", "input.0", "a", "b")
    ]


STEPS: list[Any] = [
    (
        step("tool", "search", {"q": "a"}),
        step("tool", "search", {"q": "b"}),
        [("arguments", "tool arguments", "major", "input.q", "a", "b")],
    ),
    (
        step("tool", "search", {}, {"hits": [1, 2]}),
        step("tool", "search", {}, {"hits": [1, 3]}),
        [("result", "tool result", "minor", "output.hits.1", 2, 3)],
    ),
    (
        step("tool", "search", {}, "found"),
        step("tool", "search", {}, None, error=Failure("builtins.ValueError", "no")),
        [("error", "error", "major", "error", None, "builtins.ValueError: no")],
    ),
    (
        step("retrieval", "docs", "tides"),
        step("retrieval", "docs", "tides today"),
        [("arguments", "retrieval query", "major", "input", "tides", "tides today")],
    ),
    (
        step("retrieval", "docs", "q", ["a", "b", "c"]),
        step("retrieval", "docs", "q", ["a", "c"]),
        [("result", "documents", "minor", "output", ["a", "b", "c"], ["a", "c"])],
    ),
    (
        step("retrieval", "docs", "q", ["a", "b"]),
        step("retrieval", "docs", "q", ["b", "a"]),
        [("result", "documents", "minor", "output", ["a", "b"], ["b", "a"])],
    ),
    (
        step("agent", "writer", "a"),
        step("agent", "writer", "b"),
        [("prompt", "input", "minor", "input", "a", "b")],
    ),
    (
        step("decision", "route", "a", {"to": "x"}),
        step("decision", "route", "a", {"to": "y"}),
        [("response", "output", "minor", "output.to", "x", "y")],
    ),
    (
        step("chain", "pipe", attributes={"retries": 1}),
        step("chain", "pipe", attributes={"retries": 2}),
        [("parameters", "attribute retries", "minor", "attributes.retries", 1, 2)],
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), STEPS)
def test_any_other_step_that_differs(old: Span, new: Span, expected: Told) -> None:
    assert told(old, new) == expected


def test_the_conversation_of_a_server_counts_but_not_the_letters_of_its_id() -> None:
    old, new, none = (
        chat(path="/responses", messages=None, input="Hi!", **given)
        for given in ({"previous_response_id": "resp_1"}, {"previous_response_id": "resp_2"}, {})
    )

    assert not told(old, new)
    assert [change[1] for change in told(old, none)] == ["parameter previous_response_id"]


def test_bodies_that_hold_no_number_are_equal_to_themselves() -> None:
    old, new = (step("tool", "t", output=json.loads('{"x": [NaN, "\\ud83d"]}')) for _ in range(2))

    assert not told(old, new)


def test_another_provider_is_told_once_and_not_as_another_endpoint_too() -> None:
    old, new = chat("a"), chat("a", path="/v1/messages", max_tokens=9)
    assert new.exchange is not None
    new.exchange.provider = "anthropic"
    causes = [change.cause for change in diff_traces(trace(old), trace(new)).changes]

    assert "provider" in causes
    assert "endpoint" not in causes
