"""The text of a miss is part of the product: each is here to the letter."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.matching.kit import MESSAGES, RESPONSES, bodies, request, span, tool
from trace_ops.matching import Index, Rules, canonical, explain

PROMPT = (
    "You are the planner of a travel agency. Read the wishes of the customer with care, look up the weather "
    "in Paris for the days of the journey, and write a plan that has one line for every day. Name no prices, "
    "and never promise what the hotel has not confirmed. Answer in the language of the customer."
)


def chat(prompt: str = PROMPT, **fields: Any) -> dict[str, Any]:
    messages = [{"role": "system", "content": prompt}, {"role": "user", "content": "Three days, please."}]
    return {
        "model": "gpt-5",
        "messages": messages,
        "temperature": 0.2,
        "tools": [tool("weather"), tool("search")],
        **fields,
    }


def miss(body: Any, *spans: Any, path: str = "/chat/completions", played: int = 0, **options: Any) -> str:
    index = Index(spans or [span(1, chat())], Rules.of(**options))
    for one in index.spans[:played]:
        index.take(index.canonical(one))
    call = canonical(request(body, path), "openai", index.rules, index.minted)
    assert index.take(call) is None
    return explain(index, call, ["cassette: x.yaml", "record it: pytest --record"]) + "\n"


def text(lines: str) -> str:
    return dedent(lines).lstrip("\n")


def test_a_changed_word_in_a_long_prompt() -> None:
    assert miss(chat(PROMPT.replace("Paris", "London"))) == text("""
    no recorded call for openai POST /chat/completions (model gpt-5)
      nearest: span 1, not played yet, 1 difference (recorded -> now):
        messages.0.content:
             "…care, look up the weather in Paris for the days of the journey,…"
          -> "…care, look up the weather in London for the days of the journey,…"
      cassette: x.yaml
      record it: pytest --record
    """)


def test_an_inserted_message() -> None:
    body = chat()
    body["messages"].insert(1, {"role": "user", "content": "Bonjour!"})
    assert miss(body, span(4, chat()), played=1) == text("""
    no recorded call for openai POST /chat/completions (model gpt-5)
      nearest: span 4, already played, 1 difference (recorded -> now):
        messages.1 added: {"role": "user", "content": "Bonjour!"}
      cassette: x.yaml
      record it: pytest --record
    """)


def test_a_changed_temperature() -> None:
    assert miss(chat(temperature=0.9)) == text("""
    no recorded call for openai POST /chat/completions (model gpt-5)
      nearest: span 1, not played yet, 1 difference (recorded -> now):
        temperature: 0.2 -> 0.9
      cassette: x.yaml
      record it: pytest --record
    """)


def test_a_removed_tool() -> None:
    assert miss(chat(tools=[tool("weather")])) == text("""
    no recorded call for openai POST /chat/completions (model gpt-5)
      nearest: span 1, not played yet, 1 difference (recorded -> now):
        tools.1 removed: {"type": "function", "function": {"name": "search", "parameters"… (86 characters)
      cassette: x.yaml
      record it: pytest --record
    """)


def test_a_changed_model() -> None:
    assert miss(chat(model="gpt-5-mini")) == text("""
    no recorded call for openai POST /chat/completions (model gpt-5-mini)
      nearest: span 1, not played yet, 1 difference (recorded -> now):
        model: "gpt-5" -> "gpt-5-mini"
      cassette: x.yaml
      record it: pytest --record
    """)


def test_equal_calls_that_were_all_played() -> None:
    assert miss(chat(), span(1, chat()), span(4, chat()), played=2) == text("""
    no recorded call is left for openai POST /chat/completions (model gpt-5)
      this call was recorded 2 times (spans 1, 4), and all were played already
      cassette: x.yaml
      record it: pytest --record
    """)
    assert miss(chat(), played=1) == text("""
    no recorded call is left for openai POST /chat/completions (model gpt-5)
      this call was recorded once (span 1), and it was played already
      cassette: x.yaml
      record it: pytest --record
    """)


def test_no_call_to_that_endpoint() -> None:
    recorded = [span(1, chat()), span(2, chat()), span(3, {}, MESSAGES)]
    assert miss({"input": "x", "model": "embed-3"}, *recorded, path="/embeddings") == text("""
    no recorded call for openai POST /embeddings (model embed-3)
      no call to this endpoint was recorded; recorded were:
        openai POST /chat/completions (2)
        openai POST /v1/messages (1)
      cassette: x.yaml
      record it: pytest --record
    """)


def test_nothing_was_recorded() -> None:
    index = Index([])
    call = canonical(request(None, "/models", method="GET"), "openai")
    assert explain(index, call) == text("""
    no recorded call for openai GET /models
      no call to this endpoint was recorded, nor to any other""")


def test_several_differences_and_what_is_outside_the_body() -> None:
    recorded = span(
        2, {"input": "x y z", "previous_response_id": "resp_a", "a": None}, RESPONSES, query="after=1"
    )
    index = Index([span(1, {"input": "w"}, RESPONSES, answer={"id": "resp_a"}), recorded])
    index.take(index.canonical(index.spans[0]))
    body = {"input": "x y z", "previous_response_id": "resp_b", "b": "x" * 170}
    call = canonical(request(body, RESPONSES, anthropic_beta="b-1"), "openai", index.rules, index.minted)
    assert explain(index, call) == text("""
    no recorded call for openai POST /responses
      nearest: span 2, not played yet, 5 differences (recorded -> now):
        (query after) removed: "1"
        (header anthropic-beta) added: "b-1"
        previous_response_id: "<span 1>" -> "resp_b"
        a removed: null
        b added: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… (172 characters)""")


def test_many_differences_are_counted() -> None:
    recorded = {f"a{number}": 1 for number in range(12)}
    now = {f"a{number}": 2 for number in range(12)}
    lines = miss(now, span(1, recorded)).splitlines()
    assert lines[1] == "  nearest: span 1, not played yet, 12 differences (recorded -> now):"
    assert [line.strip() for line in lines[2:11]] == [*(f"a{n}: 1 -> 2" for n in range(8)), "and 4 more"]


def test_what_the_rules_leave_out_is_no_difference() -> None:
    assert "1 difference " in miss(chat(temperature=1, model="m"), ignore=["temperature"])


def test_a_text_that_grew_at_its_end_shows_the_end() -> None:
    lines = miss(chat(PROMPT + " Be brief.")).splitlines()
    assert [line.strip() for line in lines[2:5]] == [
        "messages.0.content:",
        '"…Answer in the language of the customer."',
        '-> "…Answer in the language of the customer. Be brief."',
    ]


@given(bodies, bodies)
def test_every_miss_can_be_explained(recorded: Any, now: Any) -> None:
    index = Index([span(1, recorded)])
    call = canonical(request(now), "openai", index.rules, index.minted)
    told = explain(index, call)
    assert "\n  " in told
    assert " 0 differences" not in told


@given(st.text(min_size=80), st.text(), st.text(min_size=1), st.text(min_size=80))
def test_a_changed_text_is_cut_to_lines_that_show_the_change(
    start: str, old: str, new: str, end: str
) -> None:
    told = miss({"x": start + new + old + end}, span(1, {"x": start + old + end}))
    path, recorded, now, *hints = told.splitlines()[2:]
    assert (path.strip(), len(hints)) == ("x:", 2)
    assert recorded.strip() != now.strip().removeprefix("-> ")
    assert told.replace("\n", "").isprintable()
