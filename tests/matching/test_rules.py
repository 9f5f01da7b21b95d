from __future__ import annotations

import re
from json import dumps
from typing import Any

import pytest
from hypothesis import given

from tests.matching.kit import RESPONSES, bodies, chat, key
from trace_ops.errors import UsageError
from trace_ops.exchange import Body, Request
from trace_ops.matching import Rules, canonical


def matches(one: Any, other: Any, **options: Any) -> bool:
    rules = Rules.of(**options)
    return key(one, rules=rules) == key(other, rules=rules)


def test_match_on_compares_only_the_paths_it_names() -> None:
    assert matches(chat("a", temperature=0), chat("a", temperature=1), match_on=["model", "messages"])
    assert not matches(chat("a"), chat("b"), match_on=["model", "messages"])
    assert not matches(chat("a"), chat("a", model="other"), match_on=["model", "messages"])
    assert matches(chat("a"), chat("b"), match_on=["messages.*.role"])


def test_provider_and_path_always_count() -> None:
    rules = Rules.of(match_on=["model"])
    assert key(chat(), rules=rules) != key(chat(), RESPONSES, rules=rules)
    assert key(chat(), rules=rules) != key(chat(), rules=rules, provider="groq")


def test_match_on_takes_parts_out() -> None:
    rules = Rules.of(match_on=["body"])
    assert key(chat(), rules=rules, query="a=1") == key(chat(), rules=rules)
    assert key(chat(), rules=rules, anthropic_beta="a") == key(chat(), rules=rules)
    assert key(chat(), rules=rules, method="PUT") == key(chat(), rules=rules)
    rules = Rules.of(match_on=["body", "query", "headers", "method"])
    assert key(chat(), rules=rules) == key(chat()), "the default"


def test_match_on_brings_back_what_is_out_of_the_key() -> None:
    assert matches(chat(user="a"), chat(user="b"))
    assert not matches(chat(user="a"), chat(user="b"), match_on=["messages", "user"])


def test_ignore_leaves_paths_out() -> None:
    assert matches(chat("a", temperature=0), chat("a", temperature=1), ignore=["temperature"])
    assert matches(chat("a"), chat("b"), ignore=["messages.*.content"])
    assert matches(chat("a", x=[{"at": 1}]), chat("a", x=[{"at": 2}]), ignore=["**.at"])
    assert not matches(chat("a", temperature=0), chat("b", temperature=1), ignore=["temperature"])


@pytest.mark.parametrize(
    "date",
    [
        "2026-11-21",
        "2026-11-21T00:41:22Z",
        "2026-11-21 00:41:22.123456",
        "2026-11-21T00:41:22+01:00",
        "2026-11-21T00:41",
        "November 21, 2026",
        "Sat Nov 21, 2026",
        "Saturday, November 21st, 2026",
    ],
)
def test_dates(date: str) -> None:
    assert matches(chat(f"Today is {date}. Plan."), chat("Today is 2024-01-02. Plan."), normalize="dates")
    assert not matches(chat(f"Today is {date}. Plan."), chat("Today is 2024-01-02. Plan."))


@pytest.mark.parametrize("text", ["2026-11", "May I", "12026-11-211", "March on", "1.2.3", "Room 2026-11-2"])
def test_no_dates(text: str) -> None:
    assert not matches(chat(f"{text}"), chat("<date>"), normalize="dates")


def test_uuids() -> None:
    one, other = "8545D516-2a7b-4b9d-b637-6b00312f8617", "00000000-0000-0000-0000-000000000000"
    assert matches(chat(f"run {one}"), chat(f"run {other}"), normalize=["uuids"])
    assert not matches(chat(f"run {one} a"), chat(f"run {other} b"), normalize=["uuids"])
    assert not matches(chat(f"run {one}"), chat("run 8545d516"), normalize=["uuids"])


def test_normalize_takes_pairs_functions_and_mixtures() -> None:
    def lower(body: Any) -> Any:
        body["messages"][0]["content"] = body["messages"][0]["content"].lower()
        return body

    number = (r"run \d+", "run N")
    compiled = (re.compile(r"at (\w+)"), r"by \1")
    assert matches(chat("run 1"), chat("run 22"), normalize=number)
    assert matches(chat("at x"), chat("by x"), normalize=compiled)
    assert matches(chat("RUN"), chat("run"), normalize=lower)
    mixture = [lower, number, "dates", "uuids"]
    assert matches(chat("RUN 1 on 2024-01-01"), chat("run 2 on 2025-02-02"), normalize=mixture)
    assert matches(chat("2024-01-01"), chat("2025-02-02"), normalize=("dates", "uuids"))


def test_normalize_reaches_into_tool_arguments_and_lists_but_not_into_names() -> None:
    def body(at: str) -> Any:
        return chat(tools=[{"args": [f'{{"at":"{at}"}}']}])

    assert matches(body("2024-01-01"), body("2025-01-01"), normalize="dates")
    assert not matches({"2024-01-01": 1}, {"2025-01-01": 1}, normalize="dates")


def test_normalize_never_changes_the_request_itself() -> None:
    def spoil(body: Any) -> Any:
        body["messages"].clear()
        return body

    sent = Request("POST", "/chat/completions", body=Body(b'{"messages":[{"content":"x"}]}'))
    canonical(sent, "openai", Rules.of(normalize=spoil))
    assert sent.body is not None
    assert sent.body.json == {"messages": [{"content": "x"}]}


@given(bodies, bodies)
def test_a_request_of_which_nothing_is_left_is_compared_whole(one: Any, other: Any) -> None:
    same = dumps(one, sort_keys=True) == dumps(other, sort_keys=True)
    assert matches(one, other, match_on=["nothing.here"]) == same
    assert matches(one, other, normalize=lambda _: {}) == same
    assert matches({"a": one}, {"a": other}, ignore=["a"]) == same


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"match_on": []}, "would let every call match any other"),
        ({"match_on": ["method", "path", "query", "headers"]}, "would let every call match any other"),
        ({"match_on": "body"}, "match_on is a list of strings, not 'body'"),
        ({"match_on": ["*"]}, r"body path '\*' stands for everything"),
        ({"match_on": [""]}, "body path '' has an empty step"),
        ({"match_on": [3]}, "not 3"),
        ({"ignore": "temperature"}, "ignore is a list of strings, not 'temperature'"),
        ({"ignore": 3}, "ignore is a list of strings, not 3"),
        ({"ignore": ["**"]}, r"body path '\*\*' stands for everything"),
        ({"ignore": ["messages[0]"]}, "must be dotted, as in 'messages.0.content'"),
        ({"normalize": "times"}, "normalize knows 'dates' and 'uuids', not 'times'"),
        ({"normalize": ["times"]}, "not 'times'"),
        ({"normalize": 3}, "normalize cannot be 3"),
        ({"normalize": [3]}, "functions, .* pairs and names, not 3"),
        ({"normalize": [("a", 3)]}, "functions, .* pairs and names"),
        ({"normalize": [("(", "x")]}, "cannot use the pattern '\\('"),
        ({"normalize": [("a", r"\1")]}, "cannot use the pattern 'a'"),
        ({"normalize": [("(?s).*", "")]}, "makes every text equal"),
        ({"normalize": (r"(?s)^.+$", "x")}, "makes every text equal"),
        ({"normalize": [(r"[\s\S]", "")]}, "makes every text equal"),
    ],
)
def test_rules_that_make_no_sense_are_refused(options: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Rules.of(**options)


def test_a_function_that_forgets_to_return_is_named() -> None:
    def forgetful(body: Any) -> None:
        body.pop("user", None)

    with pytest.raises(UsageError, match="normalize: forgetful returned None instead of the body"):
        matches(chat("a"), chat("b"), normalize=forgetful)
