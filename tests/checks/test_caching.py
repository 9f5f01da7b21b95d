"""Prompts that go on as they began, and what breaks them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trace_ops.checks import caching
from trace_ops.exchange import Body, Exchange, Request, Response
from trace_ops.trace import Span, Trace, Usage

TOOLS = [{"type": "function", "function": {"name": name}} for name in ("search", "read")]
SYSTEM = {"role": "system", "content": "You are brief."}
ASKED, SAID = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}
AGAIN = {"role": "user", "content": "And now?"}
MARK = {"cache_control": {"type": "ephemeral"}}


def calls(path: str, *bodies: dict[str, Any], **fields: Any) -> Trace:
    spans = []
    for number, body in enumerate(bodies, 1):
        sent = Request("POST", path, body=Body(json.dumps({"model": "m", **body}).encode()))
        exchange = Exchange("openai", sent, Response(200, [], Body(b"{}")))
        usage = Usage(2000 + number, 10, cache_read=0 if number > 1 else None)
        spans.append(Span(number, "llm", "x", exchange=exchange, model="m", usage=usage, ms=1.0, **fields))
    return Trace(spans=spans)


def chat(*messages: list[dict[str, Any]], tools: Any = TOOLS) -> Trace:
    return calls("/chat/completions", *({"tools": tools, "messages": each} for each in messages))


def claude(*bodies: dict[str, Any]) -> Trace:
    return calls("/v1/messages", *bodies)


def texts(trace: Trace) -> list[str]:
    return [violation.text for violation in caching.check(trace)]


def block(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **more}


def test_a_conversation_that_goes_on_is_stable() -> None:
    assert texts(chat([SYSTEM, ASKED], [SYSTEM, ASKED, SAID, AGAIN])) == []


def test_what_changed_first_is_named_and_what_it_cost() -> None:
    later = {"role": "system", "content": "You are brief. It is 10:01."}
    (violation,) = caching.check(chat([SYSTEM, ASKED], [later, ASKED, SAID, AGAIN]))

    assert violation.text == (
        "cache prefix: span 2 (llm:m) does not begin as span 1 does: messages.0.content changed"
    )
    assert violation.details == (
        'messages.0.content: "You are brief." -> "You are brief. It is 10:01."',
        "of the 2,001 input tokens of span 1, 0 were read from the cache",
    )
    assert violation.where == (2,)


def test_tools_in_another_order_break_it() -> None:
    trace = calls(
        "/chat/completions",
        {"tools": TOOLS, "messages": [ASKED]},
        {"tools": TOOLS[::-1], "messages": [ASKED, SAID, AGAIN]},
    )

    assert texts(trace) == ["cache prefix: span 2 (llm:m) does not begin as span 1 does: tools.0 changed"]


def test_keys_in_another_order_break_it() -> None:
    turned = {"content": "You are brief.", "role": "system"}
    trace = calls("/responses", {"input": [{"a": 1, "b": 2}]}, {"input": [{"b": 2, "a": 1}]})
    trace.spans[0].usage = None

    assert texts(chat([SYSTEM, ASKED], [turned, ASKED])) == []  # a role is always read first
    assert [violation.details for violation in caching.check(trace)] == [
        ("how many tokens that lost is not known",)
    ]
    assert texts(trace)[0].endswith("input.0 has its keys in another order")


def test_a_message_that_is_gone() -> None:
    cut = [SYSTEM, AGAIN, SAID, {"role": "user", "content": "Bye"}, SAID]

    assert texts(chat([SYSTEM, ASKED, SAID, AGAIN], cut)) == [
        "cache prefix: span 2 (llm:m) does not begin as span 1 does: messages.1.content changed"
    ]


def test_the_beginning_again_loses_nothing() -> None:
    assert texts(chat([SYSTEM, ASKED, SAID, AGAIN], [SYSTEM, ASKED])) == []


def test_another_last_question_loses_nothing() -> None:
    """Examples that come before each question are read from the cache each time."""
    other = {"role": "user", "content": "Or then?"}

    assert texts(chat([SYSTEM, ASKED, SAID, AGAIN], [SYSTEM, ASKED, SAID, other])) == []
    assert len(texts(chat([SYSTEM, ASKED, SAID, AGAIN], [SYSTEM, ASKED, SAID, other, SAID, AGAIN]))) == 1


def test_a_conversation_is_compared_with_the_request_that_it_goes_on_from() -> None:
    """Two agents that take turns on one question each keep their own prefix."""
    other = {"role": "system", "content": "You are thorough."}
    trace = chat([SYSTEM, ASKED], [other, ASKED], [SYSTEM, ASKED, SAID, AGAIN], [other, ASKED, SAID, AGAIN])

    assert [violation.where for violation in caching.check(trace)] == [(2,)]


def test_an_agent_with_other_instructions_and_other_tools_is_another_one() -> None:
    first = {"tools": TOOLS[:1], "messages": [SYSTEM, ASKED]}
    other = {"tools": TOOLS[1:], "messages": [{"role": "system", "content": "Refund orders"}, ASKED]}

    assert texts(calls("/chat/completions", first, other)) == []


def test_a_text_is_a_list_of_one_message() -> None:
    first = {"input": "Hi"}
    later = {"input": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]}

    assert texts(calls("/responses", first, later)) == []


def test_another_conversation_is_none_of_this_one() -> None:
    other = {"role": "user", "content": "Something else entirely"}

    assert texts(chat([SYSTEM, ASKED], [{"role": "system", "content": "x"}, other])) == []


def test_a_first_message_that_changes_is_told_by_the_others() -> None:
    dated = {"role": "user", "content": "Hi (10:01)"}

    assert len(texts(chat([SYSTEM, ASKED, SAID, AGAIN], [SYSTEM, dated, SAID, AGAIN]))) == 1


def test_other_lanes_are_other_conversations() -> None:
    trace = chat([SYSTEM, ASKED], [{"role": "system", "content": "x"}, ASKED])
    trace.spans[1].lane = 1

    assert texts(trace) == []


# --- Anthropic


def test_only_what_is_marked_counts() -> None:
    first = {"system": [block("Rules", **MARK), block("It is 10:00")], "messages": [ASKED]}
    later = {"system": [block("Rules", **MARK), block("It is 10:01")], "messages": [ASKED, SAID, AGAIN]}
    wrong = {"system": [block("Rules!", **MARK), block("It is 10:01")], "messages": [ASKED, SAID, AGAIN]}

    assert texts(claude(first, later)) == []
    assert texts(claude(first, wrong)) == [
        "cache prefix: span 2 (llm:m) does not begin as span 1 does: system.0 changed"
    ]


def test_a_request_that_is_not_cached_is_not_checked() -> None:
    assert texts(claude({"system": "a", "messages": [ASKED]}, {"system": "b", "messages": [ASKED]})) == []


def test_the_mark_may_move() -> None:
    first = {"messages": [{"role": "user", "content": [block("Hi", **MARK)]}]}
    later = {"messages": [ASKED, SAID, {"role": "user", "content": [block("And now?", **MARK)]}]}

    assert texts(claude(first, later)) == []


def test_a_field_of_the_request_marks_all_of_it() -> None:
    first = {"system": "a", "messages": [ASKED], **MARK}

    assert len(texts(claude(first, {"system": "b", "messages": [ASKED], **MARK}))) == 1


def test_a_choice_of_tools_keeps_no_messages() -> None:
    marked = [{"role": "user", "content": [block("Hi", **MARK)]}]
    trace = claude({"messages": marked}, {"messages": marked, "tool_choice": {"type": "any"}})

    assert texts(trace) == ["cache prefix: span 2 (llm:m) does not begin as span 1 does: tool_choice changed"]


def test_responses_kept_at_the_provider_are_left_out() -> None:
    trace = calls(
        "/responses",
        {"instructions": "a", "input": "Hi"},
        {"instructions": "b", "input": "Hi", "previous_response_id": "resp_1"},
    )

    assert texts(trace) == []


@pytest.mark.parametrize(
    "body",
    [
        {"messages": "x"},
        {"messages": [None, 5, ["a"], {"content": {}}, {"role": 5, "content": [None]}]},
        {"messages": {"a": 1}, "tools": "none", "system": 5},
        {"contents": [{"parts": [{"text": "\ud800"}]}]},
    ],
)
def test_odd_requests_compare(body: dict[str, Any]) -> None:
    assert texts(claude({**body, **MARK}, {**body, **MARK})) == []
    assert len(texts(claude({**body, **MARK}, {**body, "tools": [1], **MARK}))) == 1
