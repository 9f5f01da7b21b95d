"""Agents on the real SDKs, against a local provider: what a person reads when one thing in a run changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from trace_ops import Recorder, Trace, span, tool
from trace_ops.diff import diff_traces
from trace_ops.double import ProviderDouble, ToolUse, Turn

anthropic = pytest.importorskip("anthropic")
openai = pytest.importorskip("openai")

TURNS = 6
CITIES = ["Paris", "Oslo", "Rome", "Lima", "Cairo"]

Agent = Callable[[ProviderDouble, dict[str, str]], None]


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as running:
        yield running


@tool
def weather(city: str, known: dict[str, str]) -> str:
    return known.get(city, f"mild in {city}")


def _chat(double: ProviderDouble, known: dict[str, str]) -> None:
    client = openai.OpenAI(base_url=double.openai_url, api_key="unused")
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
    messages: list[Any] = [
        {"role": "system", "content": "You compare the weather of cities."},
        {"role": "user", "content": "Where is it warmest?"},
    ]
    for _ in range(TURNS):
        answer = client.chat.completions.create(model="gpt-5", messages=messages, tools=tools)
        message = answer.choices[0].message
        messages.append(message.model_dump(exclude_none=True))
        for call in message.tool_calls or ():
            found = weather(**json.loads(call.function.arguments), known=known)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": found})


def _responses(double: ProviderDouble, known: dict[str, str]) -> None:
    client = openai.OpenAI(base_url=double.openai_url, api_key="unused")
    tools = [{"type": "function", "name": "weather", "parameters": {"type": "object"}, "strict": False}]
    given: Any = "Where is it warmest?"
    previous = None
    for _ in range(TURNS):
        answer = client.responses.create(
            model="gpt-5",
            instructions="You compare the weather of cities.",
            input=given,
            tools=tools,
            **({"previous_response_id": previous} if previous else {}),
        )
        previous, given = answer.id, []
        for item in answer.output:
            if item.type == "function_call":
                found = weather(**json.loads(item.arguments), known=known)
                given.append({"type": "function_call_output", "call_id": item.call_id, "output": found})


def _messages(double: ProviderDouble, known: dict[str, str]) -> None:
    client = anthropic.Anthropic(base_url=double.url, api_key="unused")
    messages: list[Any] = [{"role": "user", "content": "Where is it warmest?"}]
    for _ in range(TURNS):
        answer = client.messages.create(
            model="claude-sonnet-5",
            max_tokens=200,
            system="You compare the weather of cities.",
            messages=messages,
            tools=[{"name": "weather", "input_schema": {"type": "object"}}],
        )
        messages.append({"role": "assistant", "content": [block.model_dump() for block in answer.content]})
        results = [
            {
                "type": "tool_result",
                "tool_use_id": block.id,
                "content": weather(**block.input, known=known),
            }
            for block in answer.content
            if block.type == "tool_use"
        ]
        messages.append({"role": "user", "content": results or "And then?"})


def _record(
    double: ProviderDouble, agent: Agent, cities: list[str], last: str, known: dict[str, str]
) -> Trace:
    for city in cities:
        double.script(Turn(calls=(ToolUse("weather", {"city": city}),)))
    double.script(Turn(text=last))
    with Recorder() as recorder, span("agent", "comparer", input="Where is it warmest?") as step:
        agent(double, known)
        if step is not None:
            step.output = last
    for recorded in recorder.trace:
        if recorded.kind == "tool":
            del recorded.input["known"]  # the world, not an argument
    return recorder.trace


AGENTS = [pytest.param(agent, id=agent.__name__.strip("_")) for agent in (_chat, _responses, _messages)]


@pytest.mark.parametrize("agent", AGENTS)
def test_a_run_made_again_has_no_changes_but_in_time(double: ProviderDouble, agent: Agent) -> None:
    old, new = (_record(double, agent, CITIES, "Lima.", {}) for _ in range(2))

    assert len(old) == 1 + TURNS + len(CITIES)
    assert not diff_traces(old, new, ignore=["latency"]).changes


@pytest.mark.parametrize("agent", AGENTS)
def test_all_that_follows_from_another_tool_result_is_told_as_such(
    double: ProviderDouble, agent: Agent
) -> None:
    old = _record(double, agent, CITIES, "Lima is the warmest.", {})
    new = _record(double, agent, CITIES, "Oslo, to my surprise.", {"Oslo": "a heat wave, 38 degrees"})

    diff = diff_traces(old, new, ignore=["latency", "usage", "cost"])

    assert [(root.cause, root.kind, root.before, root.after) for root in diff.roots] == [
        ("tool result", "result", "mild in Oslo", "a heat wave, 38 degrees")
    ]
    assert diff.first_divergence is diff.roots[0]
    assert diff.pairs[0].new is not None
    followed = {(change.cause, change.follows) for change in diff.downstream}
    assert ("provider's answer", "answers") in followed
    assert ("output", "carries") in followed


@pytest.mark.parametrize("agent", AGENTS)
def test_another_question_of_the_model_is_the_cause_of_what_the_tool_then_finds(
    double: ProviderDouble, agent: Agent
) -> None:
    old = _record(double, agent, CITIES, "Lima.", {})
    new = _record(double, agent, ["Paris", "Oslo", "Quito", "Lima", "Cairo"], "Lima.", {})

    diff = diff_traces(old, new, ignore=["latency", "usage", "cost"])

    assert [(root.cause, root.path, root.before, root.after) for root in diff.roots] == [
        ("tool arguments", "tool_calls.0.arguments.city", "Rome", "Quito")
    ]
    tool_step = next(change for change in diff.downstream if change.path == "input.city")
    assert (tool_step.cause, tool_step.follows) == ("tool arguments", "carries")


@pytest.mark.parametrize("agent", AGENTS)
def test_a_turn_less_is_one_answer_that_no_longer_asks(double: ProviderDouble, agent: Agent) -> None:
    old = _record(double, agent, CITIES, "Lima.", {})
    for city in CITIES[:-1]:
        double.script(Turn(calls=(ToolUse("weather", {"city": city}),)))
    double.script(Turn(text="Lima, I think."), Turn(text="Lima."))
    with Recorder() as recorder, span("agent", "comparer", input="Where is it warmest?") as step:
        agent(double, {})
        if step is not None:
            step.output = "Lima."
    for recorded in recorder.trace.of_kind("tool"):
        del recorded.input["known"]

    diff = diff_traces(old, recorder.trace, ignore=["latency", "usage", "cost"])

    assert diff.first_divergence is not None
    assert diff.first_divergence.cause == "provider's answer"
    assert len(diff.roots) == 1
    assert [change.cause for change in diff.of_kind("trajectory")] == ["step removed"]
