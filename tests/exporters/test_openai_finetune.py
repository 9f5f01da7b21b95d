"""Examples for OpenAI's fine-tuning: what chat completions would take, from whichever provider it came."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam
from pydantic import TypeAdapter

from tests.exporters.kit import WEATHER, asks, call, chat, claude, responses, run, said, user
from trace_ops.exporters import json_text, openai_finetune
from trace_ops.trace import Span, Trace

MESSAGES = TypeAdapter(list[ChatCompletionMessageParam])
TOOLS = TypeAdapter(list[ChatCompletionFunctionToolParam])
FLAT = {"type": "function", "name": "weather", "description": "Tell", "parameters": {"type": "object"}}
RESULT = {"role": "tool", "tool_call_id": "call_a", "content": "rain"}


def examples(*spans: Span, per_call: bool = False) -> list[dict[str, Any]]:
    """The examples of a run, each checked to be a request that the SDK's types take."""
    found, _ = openai_finetune(run(*spans), per_call)
    for example in found:
        read = json.loads(json_text(example))
        assert read == example
        assert set(read) <= {"messages", "tools", "parallel_tool_calls"}
        MESSAGES.validate_python(read["messages"])
        TOOLS.validate_python(read.get("tools", []))
        assert read["messages"][-1]["role"] == "assistant"
    return found


def notes(*spans: Span) -> list[tuple[int, str, bool]]:
    return [(note.span, note.what, note.skipped) for note in openai_finetune(run(*spans))[1]]


def test_a_conversation_is_one_example_its_longest_request_with_the_answer() -> None:
    first = chat(user("Oslo?"), answer=asks("Oslo"), finish="tool_calls", tools=[WEATHER])
    second = chat(user("Oslo?"), asks("Oslo"), RESULT, answer={"content": "It rains."}, tools=[WEATHER])

    assert examples(first, second) == [
        {
            "messages": [
                user("Oslo?"),
                asks("Oslo"),
                RESULT,
                {"role": "assistant", "content": "It rains."},
            ],
            "tools": [WEATHER],
        }
    ]
    assert notes(first, second) == []


def test_with_per_call_only_the_answer_of_each_call_has_a_weight() -> None:
    first = chat(user("Hi"), answer={"content": "Hello"})
    second = chat(
        user("Hi"), {"role": "assistant", "content": "Hello"}, user("Bye"), answer={"content": "Ciao"}
    )
    one, two = examples(first, second, per_call=True)

    assert one["messages"] == [user("Hi"), {"role": "assistant", "content": "Hello"}]
    assert [message.get("weight") for message in two["messages"]] == [None, 0, None, None]


def test_a_history_that_was_rewritten_is_a_conversation_of_its_own() -> None:
    first = chat(user("Hi"), answer={"content": "Hello"})
    other = chat(
        user("Hi"), {"role": "assistant", "content": "What?"}, user("Bye"), answer={"content": "Ciao"}
    )

    assert len(examples(first, other)) == 2


def test_other_instructions_make_another_conversation() -> None:
    spans = [
        chat({"role": "system", "content": text}, user("Hi"), answer={"content": "Hello"}) for text in "ab"
    ]

    assert [example["messages"][0]["content"] for example in examples(*spans)] == ["a", "b"]


def test_what_was_said_twice_is_one_example() -> None:
    assert len(examples(*(chat(user("Hi"), answer={"content": "Hello"}) for _ in range(3)))) == 1


def test_a_conversation_with_claude_reads_as_one_of_chat() -> None:
    asked = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "rain"}]}
    span = claude(
        user("Oslo?"),
        {"role": "assistant", "content": [{"type": "text", "text": "I look."}, asked]},
        user([result, {"type": "text", "text": "Quick!"}]),
        answer=[
            {"type": "thinking", "thinking": "hm", "signature": "x"},
            {"type": "text", "text": "It rains."},
        ],
        system="Be brief.",
        tools=[{"name": "weather", "input_schema": {"type": "object"}}],
        tool_choice={"type": "auto", "disable_parallel_tool_use": True},
    )
    function = {"name": "weather", "arguments": '{"city": "Oslo"}'}

    assert examples(span) == [
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                user("Oslo?"),
                {
                    "role": "assistant",
                    "content": "I look.",
                    "tool_calls": [{"id": "toolu_1", "type": "function", "function": function}],
                },
                {"role": "tool", "tool_call_id": "toolu_1", "content": "rain"},
                user("Quick!"),
                {"role": "assistant", "content": "It rains."},
            ],
            "tools": [
                {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
            ],
            "parallel_tool_calls": False,
        }
    ]
    assert notes(span) == [(1, "reasoning", False)]


@pytest.mark.parametrize("id", [None, "", "same", "x" * 41])
def test_calls_have_ids_of_their_own(id: str | None) -> None:
    function = {"name": "weather", "arguments": "{}"}
    calls = {"role": "assistant", "tool_calls": [{"id": id, "type": "function", "function": function}] * 2}
    result = {"role": "tool", "tool_call_id": id, "content": "rain"}
    (example,) = examples(
        chat(user("Both?"), calls, result, {**result, "content": "sun"}, answer={"content": "Well."})
    )
    ids = [call["id"] for call in example["messages"][1]["tool_calls"]]

    assert len(set(ids)) == 2
    assert all(0 < len(each) <= 40 for each in ids)
    assert [message["tool_call_id"] for message in example["messages"][2:4]] == ids
    assert [message["content"] for message in example["messages"][2:4]] == ["rain", "sun"]


def test_marks_for_a_cache_say_nothing() -> None:
    body = {
        "output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}},
        "stopReason": "end_turn",
    }
    asked = {"messages": [{"role": "user", "content": [{"text": "Hi"}, {"cachePoint": {"type": "default"}}]}]}
    (example,) = examples(call("bedrock", "/model/nova/converse", asked, body))

    assert example["messages"] == [user("Hi"), {"role": "assistant", "content": "Hello"}]


def test_items_of_responses_become_turns() -> None:
    calls = [
        {
            "type": "function_call",
            "call_id": f"call_{city}",
            "name": "weather",
            "arguments": json.dumps({"city": city}),
        }
        for city in ("Oslo", "Rome")
    ]
    results = [
        {"type": "function_call_output", "call_id": each["call_id"], "output": "rain"} for each in calls
    ]
    (example,) = examples(
        responses([user("Both?"), *calls, *results], said("Rain."), instructions="Be brief.")
    )

    assert [message["role"] for message in example["messages"]] == [
        "system", "user", "assistant", "tool", "tool", "assistant",
    ]  # fmt: skip
    assert [each["id"] for each in example["messages"][2]["tool_calls"]] == ["call_Oslo", "call_Rome"]


def test_an_answer_that_is_gone_on_from_is_found_in_the_cassette() -> None:
    first = responses("Hi", said("Hello"), id="resp_a", instructions="Be brief.")
    second = responses("Bye", said("Ciao"), id="resp_b", previous_response_id="resp_a")

    assert [message["content"] for message in examples(first, second)[-1]["messages"]] == [
        "Hi", "Hello", "Bye", "Ciao",
    ]  # fmt: skip
    assert notes(second) == [(1, "it goes on from an answer that is not in the cassette", True)]


def test_images_by_address_stay_and_others_are_no_example() -> None:
    linked = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}
    inline = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    text = {"type": "text", "text": "What is it?"}

    (example,) = examples(chat(user([text, linked]), answer={"content": "A cat."}))
    assert example["messages"][0]["content"] == [text, linked]
    assert examples(chat(user([text, inline]), answer={"content": "A cat."})) == []
    assert notes(chat(user([text, inline]), answer={"content": "A cat."})) == [(1, "image content", True)]


BROKEN = {"id": "c", "type": "function", "function": {"name": "w", "arguments": "{"}}
DOTTED = {"type": "tool_use", "id": "t", "name": "a.b", "input": {}}
SEARCH = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
NO_PLACE = [
    ("it failed", call("openai", "/chat/completions", {"messages": []}, {"error": {}}, 500)),
    ("its answer was cut off by a limit", chat(user("Hi"), answer={"content": "Hel"}, finish="length")),
    (
        "its answer was stopped by a filter",
        chat(user("Hi"), answer={"content": "x"}, finish="content_filter"),
    ),
    ("its answer is empty", chat(user("Hi"), answer={"content": ""})),
    ("a tool that it calls has no result", chat(user("Oslo?"), asks("Oslo"), answer={"content": "?"})),
    (
        "a tool that it calls has no result",
        chat(user("Oslo?"), asks("Oslo"), user("Well?"), answer={"content": "?"}),
    ),
    ("a result of a tool belongs to no call", chat(user("Oslo?"), RESULT, answer={"content": "?"})),
    (
        "a result of a tool belongs to no call",
        chat(user("Oslo?"), asks("Oslo"), {**RESULT, "tool_call_id": "x"}, answer={"content": "?"}),
    ),
    ("the provider runs its tool web_search", responses("Hi", SEARCH, said("News"))),
    ("it goes on from a conversation kept at the provider", responses("Hi", said("Hey"), conversation="c")),
    (
        "it calls w, which is no function with named arguments",
        chat(user("Hi"), answer={"tool_calls": [BROKEN]}),
    ),
    ("OpenAI takes no tool called 'a.b'", claude(user("Hi"), answer=[DOTTED], stop="tool_use")),
    ("it was not recorded as it went over the wire", Span(0, "llm", "by hand")),
    (
        "it is no conversation (openai.completions)",
        call("openai", "/completions", {"prompt": "x"}, {"choices": [{"text": "y"}]}),
    ),
    ("its format is not understood", call("openai", "/nowhere", {"x": 1}, {"y": 2})),
]


@pytest.mark.parametrize(("why", "span"), NO_PLACE)
def test_what_has_no_place_is_skipped_with_the_reason(why: str, span: Span) -> None:
    assert examples(span) == []
    assert notes(span) == [(1, why, True)]


def test_tools_of_the_providers_that_were_not_called_are_left_out_and_told() -> None:
    span = responses("Hi", said("Hello"), tools=[{"type": "web_search"}, FLAT])  # type: ignore[dict-item]
    (example,) = examples(span)

    assert [tool["function"]["name"] for tool in example["tools"]] == ["weather"]
    assert notes(span) == [(1, "tools that are no functions: web_search", False)]


def test_more_choices_are_told() -> None:
    span = chat(user("Hi"), answer={"content": "Hello"})
    assert span.exchange is not None
    body = span.exchange.outcome.body.json  # type: ignore[union-attr]
    body["choices"].append(
        {"index": 1, "message": {"role": "assistant", "content": "Hey"}, "finish_reason": "stop"}
    )

    assert len(examples(span)) == 1
    assert notes(span) == [(1, "1 more choices of its answer", False)]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "role", "content", "text", "tool_calls", "function", "name", "arguments", "id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(ANYTHING, max_size=4), ANYTHING)
def test_odd_data_is_skipped_or_exported_and_never_an_error(messages: list[Any], answer: Any) -> None:
    span = chat(*messages, answer=answer if isinstance(answer, dict) else {"content": answer})
    found, told = openai_finetune(Trace(spans=[span]))

    assert found or told
    for example in found:
        MESSAGES.validate_python(json.loads(json_text(example))["messages"])
