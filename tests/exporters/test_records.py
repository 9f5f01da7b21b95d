"""Traces and steps as JSON with messages."""

from __future__ import annotations

import json

import pytest

from tests.cli.samples import refused, tool, unreachable
from tests.exporters.kit import WEATHER, asks, chat, claude, run, user
from trace_ops.exporters import json_text, span_record, trace_record


def test_messages_of_all_providers_have_one_form() -> None:
    openai = span_record(chat(user("Hi"), answer={"content": "Hello"}))["call"]
    anthropic = span_record(claude(user("Hi"), answer=[{"type": "text", "text": "Hello"}]))["call"]
    hi, hello = ([{"type": "text", "content": text}] for text in ("Hi", "Hello"))

    for call in (openai, anthropic):
        (asked,), (answered,) = call["request"]["messages"], call["response"]["messages"]
        assert (asked["role"], [{key: part[key] for key in hi[0]} for part in asked["parts"]]) == ("user", hi)
        assert [{key: part[key] for key in hello[0]} for part in answered["parts"]] == hello


def test_tools_and_their_arguments_are_data() -> None:
    call = span_record(chat(user("Oslo?"), answer=asks("Oslo"), finish="tool_calls", tools=[WEATHER]))["call"]
    (part,) = call["response"]["messages"][0]["parts"]

    assert (part["type"], part["name"], part["arguments"]) == ("tool_call", "weather", {"city": "Oslo"})
    assert call["request"]["tools"][0]["name"] == "weather"
    assert call["response"]["finish"] == ["tool_calls"]


def test_a_run_has_totals_and_all_its_steps() -> None:
    told = trace_record(run(chat(user("Hi"), answer={"content": "Hello"}), tool(2, "search", {"q": 1}, "x")))

    assert (told["name"], told["totals"]["llm_calls"], told["totals"]["tool_calls"]) == ("run", 1, 1)
    assert [span["call"] is None for span in told["spans"]] == [False, True]
    assert told["spans"][1]["input"] == {"q": 1}


def test_failures_are_told() -> None:
    timeout, limited = span_record(unreachable(1)), span_record(refused(2, 429))

    assert timeout["call"]["failure"] == {"type": "ConnectTimeout", "message": "timed out"}
    assert (timeout["failed"], timeout["call"]["status"], timeout["call"]["response"]) == (True, None, None)
    assert (limited["failed"], limited["call"]["status"], limited["call"]["failure"]) == (True, 429, None)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"a": float("nan"), "b": [float("-inf")]}, {"a": "nan", "b": ["-inf"]}),
        ("\ud800", "\ud800"),
        (["grün", "\0", 10**30, 0.1], ["grün", "\0", 10**30, 0.1]),
    ],
)
def test_any_value_is_json_that_parsers_take(value: object, read: object) -> None:
    text = json_text(value)

    text.encode()
    assert json.loads(text, parse_constant=pytest.fail) == read
