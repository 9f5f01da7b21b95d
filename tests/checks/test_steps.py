"""The arguments of steps: of tools that were seen to run, and of those a model asked for."""

from __future__ import annotations

import json
from typing import Any

from tests.checks.kit import run, step
from trace_ops.checks import Trajectory, steps, tool
from trace_ops.exchange import Body, Exchange, Request, Response
from trace_ops.trace import Span, Trace


def asks(*calls: tuple[str, str]) -> Span:
    """A chat completion that asks for tools."""
    asked = [
        {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": given}}
        for number, (name, given) in enumerate(calls)
    ]
    message: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": asked}
    answer = {"object": "chat.completion", "model": "gpt-5", "choices": [{"index": 0, "message": message}]}
    response = Response(200, [], Body(json.dumps(answer).encode()))
    exchange = Exchange("openai", Request("POST", "/chat/completions", body=Body(b"{}")), response)
    names = [name for name, _ in calls]
    return Span(1, "llm", "openai chat.completions", exchange=exchange, model="gpt-5", tools=names, ms=1.0)


def test_a_tool_that_was_seen_has_its_input() -> None:
    (found,) = steps(run(step("tool:search", input={"query": "Oslo"})))

    assert found.arguments == {"query": "Oslo"}


def test_a_tool_that_ran_unseen_has_what_the_model_asked_for() -> None:
    trace = Trace(
        spans=[asks(("search", '{"query": "Oslo"}'), ("read", "{}"), ("search", '{"query": "Rome"}'))]
    )

    assert [found.arguments for found in steps(trace, ("tool",))] == [
        {"query": "Oslo"},
        {},
        {"query": "Rome"},
    ]
    expected = [tool("search", query="Oslo"), "read", tool("search", query="Rome")]
    assert Trajectory.of(expected).check(trace) == []


def test_arguments_that_are_no_json_are_text() -> None:
    trace = Trace(spans=[asks(("search", '{"query": "Os'))])
    (violation,) = Trajectory.of([tool("search", query="Oslo")]).check(trace)

    assert steps(trace, ("tool",))[0].arguments == '{"query": "Os'
    assert violation.details[2].strip() == """arguments: {"query": "Oslo"} -> "{\\"query\\": \\"Os\""""


def test_a_tool_that_nobody_saw_asked_for_has_none() -> None:
    (found,) = steps(run(Span(0, "llm", "x", tools=["search"])), ("tool",))

    assert found.arguments is None
