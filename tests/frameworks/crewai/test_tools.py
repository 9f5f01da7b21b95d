"""Tools of CrewAI are steps, and do not run where they are frozen."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import tests.frameworks.crewai.quiet  # noqa: F401 - before CrewAI

pytest.importorskip("crewai", reason="CrewAI is not installed: it has an environment of its own")

from crewai import Crew
from crewai.mcp import MCPServerStdio
from crewai.tools import BaseTool, tool
from pydantic import BaseModel

from tests.frameworks.crewai.kit import (
    DELEGATED,
    LLMS,
    PARIS,
    QUIET,
    RAN,
    WAYS,
    Played,
    acts,
    asks,
    crew_of,
    delegates,
    forecast,
    model,
    task,
    told,
    weather_man,
)
from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer
from trace_ops.double import Prompt, ProviderDouble, ToolUse, Turn
from trace_ops.errors import TraceOpsWarning, UnrecordedCallError
from trace_ops.frameworks.crewai import CrewAI

pytestmark = QUIET


SERVER = Path(__file__).parents[1] / "mcp_server.py"


class Station(BaseTool):  # type: ignore[misc]
    name: str = "Weather Station"
    description: str = "Measures."

    def _run(self, city: str) -> Any:
        RAN.append(city)
        return {"city": city, "degrees": 18.5}


@tool("reader")
async def reader(city: str) -> str:
    """Read on."""
    RAN.append(city)
    await asyncio.sleep(0)
    return f"Rain in {city}."


class Reading(BaseModel):
    city: str
    degrees: float


@tool("measure")
def measure(city: str) -> Reading:
    """Measure."""
    RAN.append(city)
    return Reading(city=city, degrees=18.5)


class Odd(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(one, two)


@tool("odd")
def odd(city: str) -> str:
    """Fail oddly."""
    RAN.append(city)
    raise Odd(city, "is odd")


TOOLS = [forecast, Station(), reader, measure, odd]
CALLS = [
    ("forecast", "Paris", False),
    ("forecast", "Atlantis", True),
    ("weather_station", "Paris", False),
    ("reader", "Paris", False),
    ("measure", "Paris", False),
    ("odd", "Paris", True),
]


@pytest.mark.parametrize(("name", "city", "fails"), CALLS, ids=[f"{name}-{city}" for name, city, _ in CALLS])
@pytest.mark.parametrize(
    ("manner", "way"), [("native", "kickoff"), ("text", "kickoff"), ("text", "akickoff")]
)
def test_a_frozen_tool_does_not_run(
    double: ProviderDouble, kept: Path, name: str, city: str, fails: bool, manner: str, way: str
) -> None:
    def run() -> Any:
        llm = model(double) if manner == "native" else model(double, model="o1")
        return WAYS[way](crew_of(weather_man(llm, tools=TOOLS)))

    turns = asks(name, city) if manner == "native" else acts(name, city)
    played = Played(double, kept, run, turns, freeze={"llm", "tools"})

    steps = [step.strip() for step in played.is_faithful().splitlines() if " tool " in step]
    assert set(steps) == {f"tool {name}{' !' if fails else ''}"}
    assert played.ran[0]
    assert played.ran[1] == played.ran[0]
    assert played.ran[2] == []


def test_what_is_frozen_may_be_named_as_the_program_or_as_the_model_does(
    double: ProviderDouble, kept: Path
) -> None:
    def ran(**replay: Any) -> list[Any]:
        def run() -> Any:
            return crew_of(weather_man(model(double), tools=TOOLS)).kickoff(PARIS)

        turns = asks("weather_station")[0], *asks()
        played = Played(double, kept, run, turns, **replay)
        played.is_faithful()
        return played.ran[2]

    assert ran() == ["Paris", "Paris"]
    for name in ("Weather Station", "weather_station"):
        assert ran(freeze_tools=[name]) == ["Paris"]
        assert ran(freeze={"llm", "tools"}, live={name}) == ["Paris"]
    assert ran(freeze={"llm", "tools"}) == []


def test_delegation_is_frozen_with_all_that_the_coworker_did(double: ProviderDouble, kept: Path) -> None:
    def run() -> Any:
        clerk = told("clerk", model(double), allow_delegation=True)
        expert = weather_man(model(double), role="expert")
        crew = Crew(agents=[clerk, expert], tasks=[task("Weather in {city}?", clerk)])
        return crew.kickoff(PARIS).raw

    played = Played(double, kept, run, delegates(), freeze={"llm", "tools"})

    assert played.is_faithful() == DELEGATED.format(boss="clerk")
    assert played.ran == [["Paris"], ["Paris"], []]


@pytest.mark.parametrize("api", LLMS)
def test_functions_that_a_model_is_given_are_tools(double: ProviderDouble, kept: Path, api: str) -> None:
    def look_up(city: str) -> str:
        RAN.append(city)
        return f"Sunny in {city}."

    parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    offered = {"name": "look_up", "description": "Look it up.", "parameters": parameters}

    def run() -> Any:
        return model(double, api).call(
            "Weather in Paris?",
            tools=[{"type": "function", "function": offered}],
            available_functions={"look_up": look_up},
        )

    played = Played(double, kept, run, asks("look_up"), freeze={"llm", "tools"})

    steps = [line for line in played.is_faithful().splitlines() if "count_tokens" not in line]
    assert "tool look_up" in steps
    assert played.ran == [["Paris"], ["Paris"], []]


def test_a_frozen_tool_that_is_not_recorded_is_refused(double: ProviderDouble, kept: Path) -> None:
    double.script(*asks())
    with Recorder(kept, intercept_crewai=False):
        crew_of(weather_man(model(double))).kickoff(PARIS)
    RAN.clear()
    with pytest.raises(UnrecordedCallError, match="forecast"):
        with Replayer(kept, freeze={"llm", "tools"}):
            with contextlib.suppress(Exception):
                crew_of(weather_man(model(double))).kickoff(PARIS)

    assert RAN == []


@pytest.mark.parametrize("manner", ["native", "text"])
def test_a_cache_answers_as_it_did(double: ProviderDouble, kept: Path, manner: str) -> None:
    (call, end), llm = (asks(), "gpt-5") if manner == "native" else (acts(), "o1")

    def run() -> Any:
        agent = weather_man(model(double, model=llm))
        first, second = task("Weather in {city}?", agent), task("Again?", agent)
        return Crew(agents=[agent], tasks=[first, second], cache=True).kickoff(PARIS)

    played = Played(double, kept, run, [call, end, call, end], freeze={"llm", "tools"})

    played.is_faithful()
    assert played.ran == [["Paris"], ["Paris"], []]
    assert [span.output for span in played.trace.of_kind("tool")] == ["Sunny in Paris."] * 2


def test_a_tool_may_be_used_so_often(double: ProviderDouble, kept: Path) -> None:
    def run() -> Any:
        @tool("once", max_usage_count=1)
        def once(city: str) -> str:
            """Work once."""
            RAN.append(city)
            return f"Seen {city}."

        return crew_of(weather_man(model(double), tools=[once])).kickoff(PARIS), once.current_usage_count

    turns = [asks("once")[0], asks("once", "Rome")[0], asks("once")[1]]
    played = Played(double, kept, run, turns, freeze={"llm", "tools"})

    played.is_faithful()
    assert played.ran == [["Paris"], ["Paris"], []]
    first, second = played.trace.of_kind("tool")
    assert first.output == "Seen Paris."
    assert "usage limit" in second.output


def test_a_tool_that_a_program_runs_is_a_step_too(double: ProviderDouble, kept: Path) -> None:
    with Recorder(kept) as recorder:
        assert forecast.run(city="Oslo") == "Sunny in Oslo."
        assert asyncio.run(reader.arun(city="Oslo")) == "Rain in Oslo."
        with pytest.raises(KeyError):
            forecast.run(city="Atlantis")
    RAN.clear()
    with Replayer(kept, freeze_tools=True) as replayer:
        assert forecast.run(city="Oslo") == "Sunny in Oslo."
        assert asyncio.run(reader.arun(city="Oslo")) == "Rain in Oslo."
        with pytest.raises(Exception, match="Atlantis"):
            forecast.run(city="Atlantis")

    assert RAN == []
    assert tree(recorder.trace) == tree(replayer.trace) == "tool forecast\ntool reader\ntool forecast !"
    assert recorder.trace.spans[0].input == {"city": "Oslo"}


@pytest.fixture
def on_every_tool() -> Iterator[ProviderDouble]:
    """A model that calls the first tool it is offered for Paris: the name tells of the server's file."""

    def author(prompt: Prompt) -> Turn:
        if prompt.results:
            return Turn(text="Sunny.")
        return Turn(calls=(ToolUse(prompt.tools[0].name, {"city": "Paris"}),))

    with ProviderDouble(author=author) as double:
        yield double


def test_tools_of_an_mcp_server_are_one_tree_and_frozen_need_no_server(
    on_every_tool: ProviderDouble, kept: Path, tmp_path: Path
) -> None:
    count = tmp_path / "count.txt"

    def run() -> Any:
        server = MCPServerStdio(command=sys.executable, args=[str(SERVER), str(count), "stdio", "weather"])
        return crew_of(weather_man(model(on_every_tool), tools=[], mcps=[server])).kickoff(PARIS)

    played = Played(on_every_tool, kept, run, freeze={"llm", "tools"})

    # The handshake, and when the client lists the tools, differ by its version.
    lines = [line for line in played.is_faithful().splitlines() if "custom mcp " not in line]
    (tool_step,) = played.trace.of_kind("tool")
    expected = f"""\
chain crew
  chain task
    agent weather man
      llm openai chat.completions
      tool {tool_step.name}
        custom forecast
      llm openai chat.completions"""
    assert "\n".join(lines) == expected
    assert tool_step.attributes["server_tool"] == "forecast"
    # Once as it is and once recorded: to list the tools, and to call one.
    assert sorted(count.read_text(encoding="utf-8").split("\n")) == [
        "",
        *["forecast Paris"] * 2,
        *["started"] * 4,
    ]


def test_a_version_that_runs_tools_in_another_way_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "crewai.tools.base_tool", ModuleType("crewai.tools.base_tool"))

    with pytest.warns(TraceOpsWarning, match="tools of CrewAI cannot be frozen"):
        CrewAI().install("crewai.tools.base_tool")
