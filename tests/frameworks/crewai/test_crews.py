"""Crews of CrewAI are recorded as they ran, and replay offline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import tests.frameworks.crewai.quiet  # noqa: F401 - before CrewAI

pytest.importorskip("crewai", reason="CrewAI is not installed: it has an environment of its own")

from crewai import Crew, Process

from tests.frameworks.crewai.kit import (
    DELEGATED,
    LLMS,
    ONE_TOOL,
    PARIS,
    QUIET,
    WAYS,
    Played,
    asks,
    crew_of,
    delegates,
    model,
    task,
    told,
    weather_man,
)
from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer, load_cassette
from trace_ops.double import ProviderDouble, ToolUse, Turn

pytestmark = QUIET


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_start_a_crew_gives_its_tree(double: ProviderDouble, kept: Path, way: str) -> None:
    played = Played(double, kept, lambda: WAYS[way](crew_of(weather_man(model(double)))), asks())

    assert played.is_faithful() == ONE_TOOL.format(call=LLMS["chat"])
    assert played.ran == [["Paris"]] * 3


def chunks(streamed: Any) -> Any:
    pieces = [chunk.content for chunk in streamed]
    return pieces, streamed.result


async def achunks(streaming: Any) -> Any:
    streamed = await streaming
    pieces = [chunk.content async for chunk in streamed]
    return pieces, streamed.result


STREAMS: dict[str, Callable[[Any], Any]] = {
    "kickoff": lambda crew: chunks(crew.kickoff(PARIS)),
    "kickoff_async": lambda crew: asyncio.run(achunks(crew.kickoff_async(PARIS))),
    "akickoff": lambda crew: asyncio.run(achunks(crew.akickoff(PARIS))),
}


@pytest.mark.parametrize("way", STREAMS)
def test_a_crew_that_streams(double: ProviderDouble, kept: Path, way: str) -> None:
    def run() -> Any:
        return STREAMS[way](crew_of(weather_man(model(double)), stream=True))

    played = Played(double, kept, run, asks())

    assert played.is_faithful() == ONE_TOOL.format(call=LLMS["chat"])
    assert len(played.outcomes[2][0]) > 2


@pytest.mark.parametrize("api", ["responses", "anthropic"])
@pytest.mark.parametrize("way", ["kickoff", "akickoff"])
def test_the_calls_of_other_apis(double: ProviderDouble, kept: Path, api: str, way: str) -> None:
    played = Played(double, kept, lambda: WAYS[way](crew_of(weather_man(model(double, api)))), asks())

    steps = [line for line in played.is_faithful().splitlines() if "count_tokens" not in line]
    if not played.ran[0]:
        pytest.skip(f"this version of CrewAI runs no tools over {LLMS[api]}")
    assert "\n".join(steps) == ONE_TOOL.format(call=LLMS[api])


def test_the_steps_hold_what_was_given_and_what_came_of_it(double: ProviderDouble, kept: Path) -> None:
    double.script(*asks())
    with Recorder(kept) as recorder:
        crew_of(weather_man(model(double))).kickoff(PARIS)
    steps = {span.name: span for span in recorder.trace}

    assert steps["crew"].input == {"city": "Paris"}
    assert steps["task"].input == "Weather in Paris?"
    assert steps["weather man"].input.startswith("Weather in Paris?")
    assert steps["forecast"].input == {"city": "Paris"}
    assert steps["forecast"].output == "Sunny in Paris."
    for name in ("crew", "task", "weather man"):
        assert steps[name].output == "It is sunny in Paris."


def test_tasks_that_run_at_once_have_their_own_steps(double: ProviderDouble, kept: Path) -> None:
    def run() -> Any:
        cities = ["Paris", "Rome", "Oslo"]
        agents = [weather_man(model(double), role=city) for city in cities]
        apart = [
            task(f"forecast {city}", agent, name=city, async_execution=True)
            for city, agent in zip(cities, agents)
        ]
        editor = told("editor", model(double))
        end = task("Write it up.", editor, name="end", context=apart)
        return Crew(agents=[*agents, editor], tasks=[*apart, end]).kickoff()

    played = Played(double, kept, run)
    played.is_faithful(at_once=True)

    by_id = {span.id: span for span in load_cassette(kept)}
    assert [span.parent for span in by_id.values() if span.input and "forecast" in str(span.input)[:8]]
    for span in by_id.values():
        if span.name == "forecast":
            agent = by_id[span.parent or 0]
            assert (agent.kind, by_id[agent.parent or 0].name) == ("agent", agent.name)
    for name in ("Paris", "Rome", "Oslo"):
        (step,) = [span for span in by_id.values() if span.kind == "agent" and span.name == name]
        beneath = [span.name for span in by_id.values() if span.parent == step.id]
        assert beneath == ["openai chat.completions", "forecast", "openai chat.completions"]


@pytest.mark.parametrize("way", ["kickoff", "akickoff"])
def test_delegation_is_a_tool_with_the_coworker_beneath(double: ProviderDouble, kept: Path, way: str) -> None:
    def run() -> Any:
        clerk = told("clerk", model(double), allow_delegation=True)
        expert = weather_man(model(double), role="expert")
        crew = Crew(agents=[clerk, expert], tasks=[task("Weather in {city}?", clerk)])
        return WAYS[way](crew)

    assert Played(double, kept, run, delegates()).is_faithful() == DELEGATED.format(boss="clerk")


@pytest.mark.parametrize("way", ["kickoff", "akickoff"])
def test_a_manager_of_a_hierarchical_crew_delegates(double: ProviderDouble, kept: Path, way: str) -> None:
    def run() -> Any:
        expert = weather_man(model(double), role="expert")
        crew = Crew(
            agents=[expert],
            tasks=[task("Weather in {city}?")],
            process=Process.hierarchical,
            manager_llm=model(double),
        )
        return WAYS[way](crew)

    expected = DELEGATED.format(boss="Crew Manager")
    assert Played(double, kept, run, delegates()).is_faithful() == expected


def test_crews_that_run_at_once_keep_their_calls_apart(double: ProviderDouble, kept: Path) -> None:
    cities = ["Paris", "Rome", "Oslo", "Bonn"]

    async def run() -> Any:
        crews = [crew_of(weather_man(model(double), role=city)) for city in cities]
        return await asyncio.gather(*(crew.akickoff({"city": city}) for crew, city in zip(crews, cities)))

    played = Played(double, kept, lambda: asyncio.run(run()))

    steps = played.is_faithful(at_once=True).split("chain crew\n")
    assert sorted(step.strip() for step in steps if step) == sorted(
        ONE_TOOL.format(call=LLMS["chat"]).replace("weather man", city).removeprefix("chain crew\n").strip()
        for city in cities
    )


def test_crews_in_threads_of_the_program_have_their_own_steps(double: ProviderDouble, kept: Path) -> None:
    def run(city: str) -> Any:
        return crew_of(weather_man(model(double), role=city)).kickoff({"city": city}).raw

    cities = ["Paris", "Rome", "Oslo", "Bonn"]
    with Recorder(kept) as recorder, ThreadPoolExecutor(4) as pool:
        recorded = list(pool.map(run, cities))
    asked = double.hits
    with Replayer(kept) as replayer, ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, cities)) == recorded

    assert double.hits == asked == 8
    expected = sorted(ONE_TOOL.format(call=LLMS["chat"]).replace("weather man", city) for city in cities)
    for trace in (recorder.trace, replayer.trace):
        crews = [f"chain crew\n{each}".strip() for each in tree(trace).split("chain crew\n")[1:]]
        assert sorted(crews) == expected


def test_tools_that_run_at_once(double: ProviderDouble, kept: Path) -> None:
    turns = [
        Turn(calls=tuple(ToolUse("forecast", {"city": city}) for city in ("Paris", "Rome", "Oslo"))),
        Turn(text="All sunny."),
    ]
    played = Played(double, kept, lambda: WAYS["kickoff"](crew_of(weather_man(model(double)))), turns)

    assert played.is_faithful(at_once=True).count("      tool forecast\n") == 3
    assert {span.input["city"]: span.output for span in played.trace.of_kind("tool")} == {
        city: f"Sunny in {city}." for city in ("Paris", "Rome", "Oslo")
    }
