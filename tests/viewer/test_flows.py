"""What one step gave back and another was given."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tests.diff.kit import calls, chat, json_body, step
from tests.viewer.test_links import answer, links, user
from trace_ops.exchange import Exchange, Failure, Request, Response
from trace_ops.trace import Span

LOREM = "The harbour master keeps a log of every vessel that enters at night."


def flows(*spans: Span) -> list[tuple[int, int]]:
    return [(start, end) for kind, start, end in links(*spans) if kind == "data"]


def asked(*messages: Any, said: Any = "Done.") -> Span:
    return chat(said, messages=list(messages))


def result(text: Any, call: str = "call_0") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call, "content": text}


LOOK = calls(("look", {"at": "Oslo"}))


def test_a_tool_runs_for_the_model_that_asked_and_gives_to_the_one_that_is_told() -> None:
    first = asked(user("Where?"), said=LOOK)
    tool = step("tool", "look", {"at": "Oslo"}, "ok")
    second = asked(user("Where?"), {"role": "assistant", **LOOK}, result("ok"))

    assert flows(first, tool, second) == [(1, 2), (2, 3)]


def test_of_parallel_calls_each_has_its_own_step() -> None:
    both = calls(("look", {"at": "Oslo"}), ("look", {"at": "Rome"}))
    first = asked(user("Where?"), said=both)
    rome, oslo = step("tool", "look", {"at": "Rome"}, "warm"), step("tool", "look", {"at": "Oslo"}, "cold")
    later = asked(user("Where?"), {"role": "assistant", **both}, result("cold", "call_0"))

    assert flows(first, rome, oslo, later) == [(1, 2), (1, 3), (3, 4)]


def test_arguments_may_be_told_otherwise_where_the_name_is_the_same() -> None:
    assert flows(
        asked(user("Where?"), said=LOOK), step("tool", "look", {"at": "Oslo", "unit": "C"}, "cold")
    ) == [(1, 2)]
    assert flows(asked(user("Where?"), said=LOOK), step("tool", "other", {"at": "Oslo"}, "cold")) == []


def test_a_tool_within_one_of_its_name_takes_no_other_call() -> None:
    both = calls(("look", {"at": "Oslo"}), ("look", {"at": "Rome"}))
    outer = step("tool", "look", {"at": "Oslo"}, "cold")
    inner = replace(step("tool", "look", {"server": "x"}, "cold"), parent=2)
    assert flows(
        asked(user("Where?"), said=both), outer, inner, step("tool", "look", {"at": "Rome"}, "warm")
    ) == [
        (1, 2),
        (1, 4),
    ]


def test_a_result_without_an_id_is_told_by_its_value_and_then_by_its_name() -> None:
    def gemini(*parts: Any) -> Span:
        body = json_body({"contents": [{"role": "user", "parts": list(parts)}]})
        told = json_body({"candidates": [{"content": {"role": "model", "parts": [{"text": "Done."}]}}]})
        path = "/v1beta/models/gemini-3:generateContent"
        exchange = Exchange("google", Request("POST", path, body=body), Response(200, [], told))
        return Span(0, "llm", "google generateContent", exchange=exchange, ms=1.0)

    def given(value: Any) -> Any:
        return {"functionResponse": {"name": "look", "response": {"result": value}}}

    one, two = step("tool", "look", "a", "the first result"), step("tool", "look", "b", "the second result")
    assert flows(one, two, gemini(given("the second result"))) == [(2, 3)]
    assert flows(one, two, gemini(given("shortened"))) == [(1, 3)]


def test_json_is_the_same_however_it_is_written() -> None:
    tool = step("tool", "look", {"at": "x"}, {"degrees": 18, "sky": "clear"})
    told = asked(user("Where?"), result(json.dumps({"sky": "clear", "degrees": 18}, indent=1), "other"))
    assert flows(tool, told) == [(1, 2)]


def test_an_answer_that_another_call_is_given_is_data() -> None:
    first = asked(user("Write."), said=LOREM)
    assert flows(first, asked(user(LOREM))) == [(1, 2)]
    assert flows(first, asked(user(f"Judge this text:\n\n{LOREM}\n\nBe strict."))) == [(1, 2)]
    assert flows(first, asked({"role": "system", "content": f"Context: {LOREM}"}, user("Go on"))) == [(1, 2)]
    assert flows(first, asked(user("The harbour master sleeps."))) == []


def test_what_a_model_says_in_a_word_or_two_is_nobodys_data() -> None:
    assert flows(asked(user("Is it?"), said="Yes."), asked(user("Yes."))) == []


def test_a_conversation_that_goes_on_is_no_data() -> None:
    first = asked(user("Write."), said=LOREM)
    assert flows(first, asked(user("Write."), answer(LOREM), user("Again."))) == []


def test_what_was_told_before_is_not_told_again() -> None:
    tool = step("tool", "look", {"at": "x"}, LOREM)
    first = asked(user(LOREM), said="So?")
    second = asked(user(LOREM), answer("So?"), user("Go on"))
    assert flows(tool, first, second) == [(1, 2)]


def test_documents_flow_into_the_prompt() -> None:
    documents = [
        {"id": "1", "text": LOREM},
        {"id": "2", "text": "An unrelated document about llamas and alpacas."},
    ]
    found = step("retrieval", "docs", {"query": "log"}, documents)
    assert flows(found, asked(user(f"Answer from:\n- {LOREM}\nWho keeps the log?"))) == [(1, 2)]


def test_a_tool_is_given_what_another_step_gave_back() -> None:
    query = asked(user("Rewrite the query."), said="log of vessels at night")
    search = step("retrieval", "docs", {"query": "log of vessels at night"}, [])
    assert flows(query, search) == [(1, 2)]


def test_nothing_flows_back_in_time() -> None:
    late = step("tool", "look", {"at": "x"}, LOREM)
    assert flows(replace(asked(user(LOREM)), start_ms=1.0), replace(late, start_ms=500.0)) == []


def test_what_failed_gave_nothing_back() -> None:
    failed = step("tool", "look", {"at": "x"}, LOREM, error=Failure("builtins.KeyError", ""))
    assert flows(failed, asked(user(LOREM))) == []
