"""How steps hang together: retries, fallbacks, branches, handoffs, conversations that go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.diff.kit import calls, chat, json_body, step
from trace_ops.exchange import Exchange, Failure, Request, Response
from trace_ops.trace import Link, Span, Trace
from trace_ops.viewer.runs import Named, TraceView

OVERLOADED = Response(529, [], json_body({"error": {"message": "Overloaded"}}))


def view(*spans: Span) -> TraceView:
    """A run whose steps come one after the other, unless they say when they start."""
    at, placed = 0.0, []
    for number, span in enumerate(spans, 1):
        span = replace(span, id=number, start_ms=span.start_ms or at)
        at = span.start_ms + (span.ms or 0.0) + 1.0
        placed.append(span)
    return TraceView(Trace("test", spans=placed), Named("key", "name"))


def links(*spans: Span, kind: str | None = None) -> list[tuple[str, int, int]]:
    found = [(link["kind"], link["from"], link["to"]) for link in view(*spans).run["links"]]
    return [link for link in found if kind in (None, link[0])]


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def answer(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


# --- again after a failure


def test_the_same_asked_again_after_a_failure_is_a_retry() -> None:
    failed, again = chat(OVERLOADED), chat("Hello.")
    assert links(failed, failed, again, again) == [("retry", 1, 2), ("retry", 2, 3)]


def test_another_model_asked_the_same_after_a_failure_is_a_fallback() -> None:
    other = chat("Hello.", model="gpt-5-mini")
    assert links(chat(OVERLOADED), other) == [("fallback", 1, 2)]
    assert links(chat(OVERLOADED), chat(OVERLOADED), other) == [("retry", 1, 2), ("fallback", 2, 3)]


def test_a_fallback_may_be_in_another_format() -> None:
    request = {"model": "claude", "system": "Be brief.", "messages": [user("Hi!")], "max_tokens": 1}
    told = json_body({"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Hello"}]})
    exchange = Exchange(
        "anthropic", Request("POST", "/v1/messages", body=json_body(request)), Response(200, [], told)
    )
    claude = Span(0, "llm", "anthropic messages", exchange=exchange, ms=1.0)
    system = {"role": "system", "content": "Be brief."}

    assert links(chat(OVERLOADED, messages=[system, user("Hi!")]), claude) == [("fallback", 1, 2)]
    assert links(chat(OVERLOADED, messages=[user("Hi!")]), claude) == []


def test_a_tool_is_retried_too_and_so_is_a_call_in_no_format() -> None:
    failed = step("tool", "look", {"at": "Oslo"}, error=Failure("builtins.OSError", ""))
    again, other = step("tool", "look", {"at": "Oslo"}, "rainy"), step("tool", "look", {"at": "Rome"}, "warm")
    assert links(failed, other, again) == [("retry", 1, 3)]
    embedding = chat(OVERLOADED, path="/embeddings", messages=None, input="x")
    assert links(
        embedding,
        replace(embedding, exchange=chat("x", path="/embeddings", messages=None, input="x").exchange),
    ) == [("retry", 1, 2)]


def test_what_is_asked_beside_a_failure_is_no_retry() -> None:
    failed = replace(chat(OVERLOADED), ms=100.0, start_ms=1.0)
    assert links(failed, replace(chat("Hello."), start_ms=50.0), kind="retry") == []


def test_after_a_success_nothing_is_a_retry() -> None:
    assert links(chat("One."), chat("Two.")) == []


# --- side by side


def at(start: float, ms: float, lane: int) -> Span:
    return Span(0, "tool", "look", lane=lane, start_ms=start, ms=ms, input=start)


def test_steps_that_begin_beside_each_other_branch_from_the_first() -> None:
    assert links(at(1, 10, 1), at(2, 10, 2), at(3, 10, 3)) == [("branch", 1, 2), ("branch", 1, 3)]


def test_a_lane_begins_once_in_a_group_and_anew_in_the_next() -> None:
    spans = [at(1, 10, 1), at(2, 3, 2), at(6, 3, 2), at(20, 5, 1), at(21, 5, 2)]
    assert links(*spans) == [("branch", 1, 2), ("branch", 4, 5)]


def test_steps_one_after_the_other_do_not_branch_in_whatever_lane() -> None:
    assert links(at(1, 2, 1), at(4, 2, 2), at(8, 2, 3)) == []


def test_only_siblings_branch() -> None:
    agent = Span(0, "agent", "a", lane=0, start_ms=0.5, ms=30.0)
    inside = replace(at(1, 10, 1), parent=1)
    assert links(agent, inside, replace(at(2, 10, 2), parent=1)) == [("branch", 2, 3)]


def test_a_step_that_runs_on_is_beside_all_that_follow() -> None:
    running = replace(at(1, 0, 1), ms=None)
    assert links(running, at(5, 1, 2), at(9, 1, 2)) == [("branch", 1, 2)]


# --- from one agent to the next


def test_an_agent_that_is_asked_for_by_a_tool_is_handed_to() -> None:
    triage, billing = step("agent", "triage"), step("agent", "Billing Agent")
    asks = replace(
        chat(calls(("transfer_to_billing_agent", {}))), parent=1, tools=["transfer_to_billing_agent"]
    )
    assert links(triage, asks, billing, kind="handoff") == [("handoff", 1, 3)]
    assert links(triage, asks, step("agent", "other"), kind="handoff") == []


def test_a_handoff_that_was_recorded_comes_from_the_agent_around_it() -> None:
    triage = step("agent", "triage")
    handoff = replace(step("decision", "handoff to billing"), parent=1)
    billing = step("agent", "billing", links=[Link("caused_by", 2)])
    assert links(triage, handoff, billing, kind="handoff") == [("handoff", 1, 3)]
    assert links(step("decision", "x"), step("tool", "y", links=[Link("caused_by", 1)])) == [("data", 1, 2)]


def test_links_that_were_recorded_stay() -> None:
    spans = [
        step("tool", "a"),
        step(
            "tool",
            "b",
            links=[Link("retry_of", 1), Link("continues", 1), Link("result_of", 1), Link("result_of", 9)],
        ),
    ]
    assert links(*spans) == [("continues", 1, 2), ("data", 1, 2), ("retry", 1, 2)]


# --- conversations


def before(*spans: Span) -> dict[int, int]:
    return view(*spans).conversations.before


def test_a_conversation_goes_on_in_the_call_that_begins_with_it_and_its_answer() -> None:
    first = chat("Hello.", messages=[user("Hi")])
    second = chat("Fine.", messages=[user("Hi"), answer("Hello."), user("How are you?")])
    third = chat(
        "Bye.", messages=[user("Hi"), answer("Hello."), user("How are you?"), answer("Fine."), user("Bye")]
    )

    assert links(first, second, third) == [("continues", 1, 2), ("continues", 2, 3)]
    assert before(first, second, third) == {2: 1, 3: 2}


def test_of_calls_that_asked_the_same_the_answer_tells_which_goes_on() -> None:
    one, two = chat("One.", messages=[user("Hi")]), chat("Two.", messages=[user("Hi")])
    goes_on = chat("x", messages=[user("Hi"), answer("One."), user("And?")])
    assert before(one, two, goes_on)[3] == 1
    assert links(one, two, goes_on, kind="continues") == [("continues", 1, 3)]


def test_an_answer_that_the_other_did_not_give_is_no_conversation_that_goes_on() -> None:
    """Examples in a prompt look like one."""
    first = chat("Hello.", messages=[user("Hi")])
    examples = chat("x", messages=[user("Hi"), answer("Good day."), user("Ho")])
    assert links(first, examples) == []


def test_instructions_may_change_on_the_way() -> None:
    def asked(system: str, *messages: Any) -> list[Any]:
        return [{"role": "system", "content": system}, *messages]

    first = chat("Hello.", messages=asked("It is 10 o'clock.", user("Hi")))
    second = chat("x", messages=asked("It is 11 o'clock.", user("Hi"), answer("Hello."), user("Ho")))
    assert links(first, second) == [("continues", 1, 2)]


def test_a_conversation_kept_at_the_provider_goes_on_by_the_name_of_its_answer() -> None:
    def responses(text: str, **more: Any) -> Span:
        output = [
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Yes"}]}
        ]
        told = json_body(
            {"id": f"resp_{text}", "object": "response", "status": "completed", "output": output}
        )
        body = json_body({"model": "gpt-5", "input": text, **more})
        exchange = Exchange("openai", Request("POST", "/responses", body=body), Response(200, [], told))
        return Span(0, "llm", "openai responses", exchange=exchange, ms=1.0)

    found = links(responses("a"), responses("b"), responses("c", previous_response_id="resp_a"))
    assert found == [("continues", 1, 3)]


def test_a_history_that_was_cut_follows_the_last_call_of_its_agent() -> None:
    long = [user("one"), answer("1"), user("two")]
    cut = chat("3", messages=[answer("1"), user("two"), answer("2"), user("three")])
    assert before(chat("2", messages=long), cut) == {2: 1}
    assert links(chat("2", messages=long), cut, kind="continues") == []


def test_calls_that_share_nothing_follow_none() -> None:
    assert before(chat("1", messages=[user("one")]), chat("2", messages=[user("two")])) == {}


def test_agents_side_by_side_keep_their_own_conversations() -> None:
    agents = [step("agent", "a"), step("agent", "b")]
    turns = [
        replace(chat(f"{name}1", messages=[user("Hi"), user(name)]), parent=parent)
        for parent, name in ((1, "a"), (2, "b"))
    ]
    more = [
        replace(chat("x", messages=[user("Hi"), user(name), answer(f"{name}1"), user("And?")]), parent=parent)
        for parent, name in ((1, "a"), (2, "b"))
    ]
    assert before(*agents, *turns, *more) == {5: 3, 6: 4}


def test_thoughts_before_an_answer_do_not_stand_for_it() -> None:
    def asked(*items: Any, said: str) -> Span:
        output = [
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": said}]}
        ]
        told = json_body({"id": said, "object": "response", "status": "completed", "output": output})
        body = json_body({"model": "gpt-5", "input": [user("Hi"), *items]})
        exchange = Exchange("openai", Request("POST", "/responses", body=body), Response(200, [], told))
        return Span(0, "llm", "openai responses", exchange=exchange, ms=1.0)

    thought = {"type": "reasoning", "id": "rs_1", "summary": []}
    one, two = asked(said="One."), asked(said="Two.")
    assert before(one, two, asked(thought, answer("One."), user("And?"), said="x"))[3] == 1
    assert before(one, two, asked(thought, answer("Two."), user("And?"), said="x"))[3] == 2


def test_steps_that_run_in_each_other_do_no_harm() -> None:
    spans = [
        replace(step("tool", "a"), parent=2, links=[Link("caused_by", 2)]),
        replace(chat(calls(("transfer_to_x", {}))), parent=1, tools=["transfer_to_x"]),
        replace(step("agent", "x"), parent=3, links=[Link("caused_by", 1)]),
        replace(step("tool", "transfer_to_x"), parent=4),
    ]
    assert [link for link in links(*spans) if link[0] == "handoff"] == [("handoff", 2, 3)]


@pytest.mark.parametrize("number", [1, 50])
def test_a_link_never_leads_to_its_own_step_or_to_one_that_is_not_there(number: int) -> None:
    assert links(step("tool", "a", links=[Link("retry_of", number)])) == []
