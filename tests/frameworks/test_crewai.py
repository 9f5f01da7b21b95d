"""Crews and flows of CrewAI are recorded as they ran, and replay offline."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import tests.frameworks.quiet_crewai  # noqa: F401 - before CrewAI

pytest.importorskip("crewai", reason="CrewAI is not installed: it has an environment of its own")

from crewai import LLM, Agent, BaseLLM, Crew, Process, Task
from crewai.events import crewai_event_bus
from crewai.events.types.tool_usage_events import ToolUsageFinishedEvent
from crewai.flow.flow import Flow, and_, listen, router, start
from crewai.hooks import (
    register_after_tool_call_hook,
    register_before_tool_call_hook,
    unregister_after_tool_call_hook,
    unregister_before_tool_call_hook,
)
from crewai.knowledge.source.string_knowledge_source import StringKnowledgeSource
from crewai.mcp import MCPServerStdio
from crewai.memory.unified_memory import Memory
from crewai.tools import BaseTool, tool

from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer, load_cassette, tracing
from trace_ops.double import Prompt, ProviderDouble, Status, ToolUse, Turn, answer
from trace_ops.errors import TraceOpsWarning, UnrecordedCallError
from trace_ops.frameworks.crewai import CrewAI

# CrewAI leaves the clients it makes open, and warns of itself.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:.* on TypedDict class:UserWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings"),
]

SERVER = Path(__file__).with_name("mcp_server.py")
RAN: list[Any] = []
LLMS = {"chat": "openai chat.completions", "responses": "openai responses", "anthropic": "anthropic messages"}
ONE_TOOL = """\
chain crew
  chain task
    agent weather man
      llm {call}
      tool forecast
      llm {call}"""


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    RAN.clear()


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "cassette.yaml"


@tool("forecast")
def forecast(city: str) -> str:
    """Tell the weather."""
    RAN.append(city)
    if city == "Atlantis":
        raise KeyError(city)
    return f"Sunny in {city}."


def model(double: ProviderDouble, api: str = "chat", **options: Any) -> Any:
    if api == "anthropic":
        return LLM(model="claude-sonnet-4-5", base_url=double.url, api_key="unused", **options)
    kind = {"api": "responses"} if api == "responses" else {}
    return LLM(**{"model": "gpt-5"} | kind | options, base_url=double.openai_url, api_key="unused")


def weather_man(llm: Any, **options: Any) -> Any:
    about = {"role": "weather man", "goal": "tell the weather", "backstory": "old"}
    return Agent(**{**about, "tools": [forecast], **options}, llm=llm)


def crew_of(agent: Any, **options: Any) -> Any:
    task = Task(description="Weather in {city}?", expected_output="a sentence", agent=agent)
    return Crew(agents=[agent], tasks=[task], **options)


def asks(name: str = "forecast", city: str = "Paris") -> tuple[Turn, Turn]:
    return Turn(calls=(ToolUse(name, {"city": city}),)), Turn(text=f"It is sunny in {city}.")


def comparable(outcome: Any) -> str:
    """An outcome less the ids that CrewAI makes up for its tasks."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "an id", repr(outcome))


class Played:
    """A run as it is, recorded and replayed: what came of each, its tree, and how often a model was asked."""

    def __init__(
        self, double: ProviderDouble, kept: Path, run: Callable[[], Any], turns: Any = (), **replay: Any
    ) -> None:
        self.outcomes: list[Any] = []
        self.trees: list[str] = []
        self.hits: list[int] = []
        self.ran: list[list[Any]] = []
        for recorder in (None, Recorder(kept), Replayer(kept, **replay)):
            double.reset()
            double.script(*turns)
            RAN.clear()
            with recorder or contextlib.nullcontext():
                self.outcomes.append(run())
            self.ran.append(list(RAN))
            self.hits.append(double.hits)
            if recorder is not None:
                self.trees.append(tree(recorder.trace))
                self.trace = recorder.trace

    def is_faithful(self) -> str:
        """The tree that both traces show; checks that nothing but the recording told them apart."""
        plain, recorded, replayed = map(comparable, self.outcomes)
        assert recorded == plain
        assert replayed == recorded
        assert self.hits[0] == self.hits[1] > 0
        assert self.hits[2] == 0
        assert self.trees[0] == self.trees[1]
        return self.trees[0]


def chunks(streamed: Any) -> Any:
    pieces = [chunk.content for chunk in streamed]
    return pieces, streamed.result


async def achunks(streaming: Any) -> Any:
    streamed = await streaming
    pieces = [chunk.content async for chunk in streamed]
    return pieces, streamed.result


PARIS = {"city": "Paris"}
WAYS: dict[str, Callable[[Any], Any]] = {
    "kickoff": lambda crew: crew.kickoff(PARIS),
    "kickoff_async": lambda crew: asyncio.run(crew.kickoff_async(PARIS)),
    "akickoff": lambda crew: asyncio.run(crew.akickoff(PARIS)),
    "kickoff_for_each": lambda crew: crew.kickoff_for_each([PARIS]),
    "kickoff_for_each_async": lambda crew: asyncio.run(crew.kickoff_for_each_async([PARIS])),
    "akickoff_for_each": lambda crew: asyncio.run(crew.akickoff_for_each([PARIS])),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_start_a_crew_gives_its_tree(double: ProviderDouble, kept: Path, way: str) -> None:
    played = Played(double, kept, lambda: WAYS[way](crew_of(weather_man(model(double)))), asks())

    assert played.is_faithful() == ONE_TOOL.format(call=LLMS["chat"])
    assert played.ran == [["Paris"]] * 3


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


# --- crews of several


def told(role: str, llm: Any, **options: Any) -> Any:
    return Agent(role=role, goal=f"do what a {role} does", backstory="old", llm=llm, **options)


def task(description: str, agent: Any = None, **options: Any) -> Any:
    return Task(description=description, expected_output="a sentence", agent=agent, **options)


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
    played.is_faithful()

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


DELEGATED = """\
chain crew
  chain task
    agent {boss}
      llm openai chat.completions
      tool delegate_work_to_coworker
        agent expert
          llm openai chat.completions
          tool forecast
          llm openai chat.completions
      llm openai chat.completions"""


def delegates() -> tuple[Turn, ...]:
    given = {"task": "Weather in Paris?", "context": "none", "coworker": "expert"}
    delegation = Turn(calls=(ToolUse("delegate_work_to_coworker", given),))
    return (delegation, *asks(), Turn(text="The expert says it is sunny."))


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

    steps = played.is_faithful().split("chain crew\n")
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

    assert played.is_faithful().count("      tool forecast\n") == 3
    assert {span.input["city"]: span.output for span in played.trace.of_kind("tool")} == {
        city: f"Sunny in {city}." for city in ("Paris", "Rome", "Oslo")
    }


# --- flows


class Report(Flow[dict[str, Any]]):  # type: ignore[misc]
    """Two methods at once, what routes between them, and a crew within."""

    llm: Any = None
    city: str = "Paris"

    @start()
    def where(self) -> str:
        return self.city

    @listen(where)
    def weather(self, city: str) -> Any:
        return crew_of(weather_man(self.llm)).kickoff({"city": city})

    @listen(where)
    async def news(self, city: str) -> str:
        return f"No news of {city}."

    @router(and_(weather, news))
    def judge(self) -> str:
        return "good" if self.city == "Paris" else "bad"

    @listen("good")
    def publish(self) -> str:
        return "Published."

    @listen("bad")
    def bury(self) -> str:
        raise ValueError("nothing to tell")


FLOW = """\
chain Report
  chain where
  chain weather
    chain crew
      chain task
        agent weather man
          llm openai chat.completions
          tool forecast
          llm openai chat.completions
  chain news
  decision judge
  chain publish"""


def report(double: ProviderDouble, city: str = "Paris") -> Any:
    flow = Report()
    flow.llm, flow.city = model(double), city
    return flow


def test_a_flow_with_a_crew_within(double: ProviderDouble, kept: Path) -> None:
    played = Played(double, kept, lambda: report(double).kickoff(), asks())

    assert played.is_faithful() == FLOW
    steps = {span.name: span for span in played.trace}
    assert (steps["weather"].input, steps["weather"].output) == ("Paris", "It is sunny in Paris.")
    assert steps["judge"].output == "good"
    assert steps["Report"].output == "Published."
    assert [link.to for link in steps["publish"].links] == [steps["judge"].id]


def test_a_flow_that_fails(double: ProviderDouble, kept: Path) -> None:
    def run() -> Any:
        try:
            return report(double, "Atlantis").kickoff()
        except ValueError as error:
            return str(error)

    played = Played(double, kept, run, asks(city="Rome"))

    lines = played.is_faithful().splitlines()
    assert lines[0] == "chain Report !"
    assert lines[-1] == "  chain bury !"
    bury = next(span for span in played.trace if span.name == "bury")
    assert bury.error is not None
    assert (bury.error.type, bury.error.message) == ("builtins.ValueError", "nothing to tell")


# --- agents alone, and agents that write their calls as text


def test_an_agent_on_its_own(double: ProviderDouble, kept: Path) -> None:
    def run() -> Any:
        return weather_man(model(double)).kickoff("Weather in Paris?")

    played = Played(double, kept, run, asks())

    expected = """\
agent weather man
  llm openai chat.completions
  tool forecast
  llm openai chat.completions"""
    assert played.is_faithful() == expected
    assert played.trace.spans[0].input == "Weather in Paris?"
    assert played.trace.spans[0].output == "It is sunny in Paris."


def acts(name: str = "forecast", city: str = "Paris") -> tuple[Turn, Turn]:
    said = f'Thought: I need it.\nAction: {name}\nAction Input: {{"city": "{city}"}}'
    return Turn(text=said), Turn(text=f"Thought: I know.\nFinal Answer: It is sunny in {city}.")


@pytest.mark.parametrize("way", ["kickoff", "akickoff"])
def test_an_agent_that_writes_its_calls_as_text(double: ProviderDouble, kept: Path, way: str) -> None:
    played = Played(double, kept, lambda: WAYS[way](crew_of(weather_man(model(double, model="o1")))), acts())

    assert played.is_faithful() == ONE_TOOL.format(call=LLMS["chat"])
    (step,) = played.trace.of_kind("tool")
    assert (step.input, step.output) == ({"city": "Paris"}, "Sunny in Paris.")


@pytest.mark.parametrize("way", ["kickoff", "akickoff"])
def test_delegation_that_is_written_as_text(double: ProviderDouble, kept: Path, way: str) -> None:
    def run() -> Any:
        clerk = told("clerk", model(double, model="o1"), allow_delegation=True)
        expert = weather_man(model(double), role="expert")
        return WAYS[way](Crew(agents=[clerk, expert], tasks=[task("Weather in {city}?", clerk)]))

    given = '{"task": "Weather in Paris?", "context": "none", "coworker": "expert"}'
    delegation = Turn(text=f"Thought: Ask.\nAction: Delegate work to coworker\nAction Input: {given}")
    played = Played(double, kept, run, (delegation, *asks(), acts()[1]))

    assert played.is_faithful() == DELEGATED.format(boss="clerk")


# --- tools that are frozen


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


class Odd(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(one, two)


@tool("odd")
def odd(city: str) -> str:
    """Fail oddly."""
    RAN.append(city)
    raise Odd(city, "is odd")


TOOLS = [forecast, Station(), reader, odd]
CALLS = [
    ("forecast", "Paris", False),
    ("forecast", "Atlantis", True),
    ("weather_station", "Paris", False),
    ("reader", "Paris", False),
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


# --- models that are no SDK's


class Parrot(BaseLLM):  # type: ignore[misc]
    """A model in the house."""

    def call(self, messages: Any, *args: Any, **kwargs: Any) -> str:
        RAN.append("asked")
        return "Thought: I know.\nFinal Answer: Polly."

    async def acall(self, messages: Any, *args: Any, **kwargs: Any) -> str:
        return self.call(messages)


@pytest.mark.parametrize("way", ["kickoff", "akickoff"])
def test_a_model_without_an_sdk_is_a_step_and_runs(kept: Path, way: str) -> None:
    def run() -> Any:
        return WAYS[way](crew_of(weather_man(Parrot(model="parrot"), tools=[])))

    with Recorder(kept) as recorder:
        recorded = run()
    with Replayer(kept) as replayer:
        replayed = run()

    assert comparable(replayed) == comparable(recorded)
    assert recorded.raw == "Polly."
    assert RAN == ["asked"] * 2
    expected = "chain crew\n  chain task\n    agent weather man\n      llm Parrot"
    assert tree(recorder.trace) == tree(replayer.trace) == expected
    (call,) = recorder.trace.llm_calls
    assert call.model == "parrot"
    assert "Weather in Paris?" in str(call.input)
    assert call.output.endswith("Polly.")


# --- guardrails, memory and knowledge


def test_a_guardrail_is_a_step(double: ProviderDouble, kept: Path) -> None:
    def check(output):  # type: ignore[no-untyped-def] # CrewAI reads what annotations there are
        return (True, output.raw) if "sunny" in output.raw else (False, "say whether it is sunny")

    def run() -> Any:
        agent = weather_man(model(double), tools=[])
        return Crew(agents=[agent], tasks=[task("Weather?", agent, guardrail=check)]).kickoff()

    played = Played(double, kept, run, (Turn(text="It rains."), Turn(text="It is sunny.")))

    expected = """\
chain crew
  chain task
    agent weather man
      llm openai chat.completions
    custom guardrail
    agent weather man
      llm openai chat.completions
    custom guardrail"""
    assert played.is_faithful() == expected
    outputs = [span.output for span in played.trace if span.name == "guardrail"]
    assert outputs == [{"success": False, "error": "say whether it is sunny"}, {"success": True}]


def test_knowledge_is_searched_in_its_store(double: ProviderDouble, kept: Path) -> None:
    embedder = {
        "provider": "openai",
        "config": {
            "model_name": "text-embedding-3-small",
            "api_base": double.openai_url,
            "api_key": "unused",
        },
    }

    def run() -> Any:
        agent = weather_man(model(double), tools=[])
        known = [StringKnowledgeSource(content="Llamas live in the Andes.")]
        tasks = [task("Where do llamas live?", agent)]
        return Crew(agents=[agent], tasks=tasks, knowledge_sources=known, embedder=embedder).kickoff()

    played = Played(double, kept, run, freeze={"llm", "retrieval"})

    expected = """\
embedding openai embeddings
chain crew
  embedding openai embeddings
  embedding openai embeddings
  chain task
    llm openai chat.completions
    retrieval knowledge_crew
      embedding openai embeddings
    agent weather man
      llm openai chat.completions"""
    assert played.is_faithful() == expected
    (found,) = played.trace.of_kind("retrieval")
    assert [document["text"] for document in found.output] == ["Llamas live in the Andes."]


@pytest.fixture
def without_tools() -> Iterator[ProviderDouble]:
    """A model that calls no tool, though memory offers its own."""
    with ProviderDouble(author=lambda prompt: answer(replace(prompt, tools=()))) as double:
        yield double


def test_memory_is_a_retrieval_and_saved_beneath_its_agent(
    without_tools: ProviderDouble, kept: Path, tmp_path: Path
) -> None:
    double = without_tools

    def embed(texts: list[str]) -> list[list[float]]:
        return [[float(len(text)), 1.0] for text in texts]

    def run() -> Any:
        store = tempfile.mkdtemp(dir=tmp_path)
        memory = Memory(llm=model(double), embedder=embed, storage=store)
        memory.remember("Llamas live in the Andes.", scope="/", categories=["animals"], importance=0.5)
        agent = weather_man(model(double), tools=[])
        return Crew(agents=[agent], tasks=[task("Where do llamas live?", agent)], memory=memory).kickoff()

    played = Played(double, kept, run, normalize=["dates", "uuids"])

    expected = """\
custom save to memory
chain crew
  chain task
    retrieval memory
      llm openai chat.completions
    agent weather man
      llm openai chat.completions
      llm openai chat.completions
      custom save to memory
        llm openai chat.completions"""
    assert played.is_faithful() == expected
    (found,) = played.trace.of_kind("retrieval")
    assert found.input == {"query": "Where do llamas live?", "limit": 5}
    assert [document["text"] for document in found.output] == ["Llamas live in the Andes."]
    assert found.output[0]["metadata"]["categories"] == ["animals"]
    assert 0 < found.output[0]["score"] <= 1


# --- runs that do not end well


@pytest.mark.parametrize("way", ["kickoff", "akickoff"])
def test_a_call_that_fails_fails_its_steps(double: ProviderDouble, kept: Path, way: str) -> None:
    def run() -> Any:
        double.fail(*[Status(400, "no such model")] * 9)
        with pytest.raises(Exception, match="no such model"):
            WAYS[way](crew_of(weather_man(model(double), max_retry_limit=1)))

    played = Played(double, kept, run)

    expected = """\
chain crew !
  chain task !
    agent weather man !
      llm openai chat.completions !
    agent weather man !
      llm openai chat.completions !"""
    assert played.is_faithful() == expected
    crew = load_cassette(kept).spans[0]
    assert crew.error is not None
    assert crew.error.type == "openai.BadRequestError"


@tool("stop")
def stop(city: str) -> str:
    """Stop the program."""
    raise KeyboardInterrupt


def test_a_crew_that_is_interrupted_has_its_steps(double: ProviderDouble, kept: Path) -> None:
    double.script(acts("stop")[0], *asks())
    with Recorder(kept) as recorder:
        with pytest.raises(KeyboardInterrupt):
            crew_of(weather_man(model(double, model="o1"), tools=[stop])).kickoff(PARIS)
        crew_of(weather_man(model(double))).kickoff(PARIS)

    lines = tree(recorder.trace).splitlines()
    assert lines[:3] == ["chain crew !", "  chain task !", "    agent weather man !"]
    assert "      tool stop !" in lines
    assert "\n".join(lines[lines.index("chain crew") :]) == ONE_TOOL.format(call=LLMS["chat"])
    assert recorder.trace.uncaptured == []


def test_a_crew_that_is_cancelled_has_its_steps(double: ProviderDouble, kept: Path) -> None:
    began, over = threading.Event(), threading.Event()

    @tool("wait")
    def wait(city: str) -> str:
        """Wait for good."""
        began.set()
        return str(over.wait(30))

    async def run() -> None:
        running = asyncio.create_task(crew_of(weather_man(model(double), tools=[wait])).akickoff(PARIS))
        await asyncio.to_thread(began.wait)
        running.cancel()
        try:
            with pytest.raises(asyncio.CancelledError):
                await running
        finally:
            over.set()

    double.script(*asks("wait"))
    with Recorder(kept) as recorder:
        asyncio.run(run())

    expected = """\
chain crew !
  chain task !
    agent weather man !
      llm openai chat.completions
      tool wait !"""
    assert tree(recorder.trace) == expected
    assert {span.error.type for span in recorder.trace if span.error} == {"asyncio.exceptions.CancelledError"}


def test_a_call_that_is_not_recorded_fails_the_run(double: ProviderDouble, kept: Path) -> None:
    double.script(*asks())
    with Recorder(kept):
        crew_of(weather_man(model(double))).kickoff(PARIS)
    asked = double.hits
    with pytest.raises(UnrecordedCallError, match="Weather in Rome"):
        with Replayer(kept):
            with contextlib.suppress(Exception):
                crew_of(weather_man(model(double))).kickoff({"city": "Rome"})

    assert double.hits == asked


# --- beside the program


def test_handlers_and_hooks_of_the_program_are_called_as_ever(double: ProviderDouble, kept: Path) -> None:
    def run() -> Any:
        heard: list[Any] = []

        def before(context: Any) -> None:
            heard.append(("before", context.tool_name, dict(context.tool_input)))

        def after(context: Any) -> str:
            heard.append(("after", context.tool_result))
            return f"{context.tool_result} Or so."

        with crewai_event_bus.scoped_handlers():

            @crewai_event_bus.on(ToolUsageFinishedEvent)
            def finished(source: Any, event: Any) -> None:
                heard.append(("finished", event.output))

            register_before_tool_call_hook(before)
            register_after_tool_call_hook(after)
            try:
                out = crew_of(weather_man(model(double))).kickoff(PARIS)
            finally:
                unregister_before_tool_call_hook(before)
                unregister_after_tool_call_hook(after)
            crewai_event_bus.flush()
        return out, heard

    played = Played(double, kept, run, asks(), freeze={"llm", "tools"})

    assert played.is_faithful() == ONE_TOOL.format(call=LLMS["chat"])
    assert played.outcomes[2][1] == [
        ("before", "forecast", {"city": "Paris"}),
        ("after", "Sunny in Paris."),
        ("finished", "Sunny in Paris. Or so."),
    ]
    assert played.ran[2] == []


def test_a_replay_does_not_wait_for_limits_and_attempts(
    double: ProviderDouble, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    retry: Any = import_module("crewai.llms.retry") if find_spec("crewai.llms.retry") else None
    if retry is not None:  # since 1.15
        monkeypatch.setitem(retry.run_with_rate_limit_retry.__kwdefaults__, "sleep", waited.append)

    def run() -> Any:
        double.fail(Status(429))
        done = crew_of(weather_man(model(double, max_retries=0)), max_rpm=1).kickoff(PARIS)
        long = {round(seconds) for seconds in waited if seconds > 0.5}
        waited.clear()
        return done, long

    (plain, live), (_, recording), (replayed, replaying) = Played(double, kept, run, asks()).outcomes

    assert live == recording == ({1, 60} if retry is not None else {60})
    assert replaying == set()
    assert comparable(replayed) == comparable(plain)


def test_only_calls_to_models_are_kept_and_no_telemetry(double: ProviderDouble, kept: Path) -> None:
    double.script(*asks())
    with Recorder(kept):
        crew_of(weather_man(model(double))).kickoff(PARIS)

    kinds = [span.kind for span in load_cassette(kept) if span.exchange is not None]
    assert kinds == ["llm", "llm"]


def test_a_recorder_can_be_told_not_to_look(double: ProviderDouble, kept: Path) -> None:
    double.script(*asks())
    with Recorder(kept, intercept_crewai=False) as recorder:
        crew_of(weather_man(model(double))).kickoff(PARIS)

    assert tree(recorder.trace) == "llm openai chat.completions\nllm openai chat.completions"


def test_a_step_of_the_program_keeps_its_place(double: ProviderDouble, kept: Path) -> None:
    double.script(*asks())
    with Recorder(kept) as recorder, tracing.span("agent", "outer"):
        crew_of(weather_man(model(double))).kickoff(PARIS)

    beneath = "\n".join(f"  {line}" for line in ONE_TOOL.format(call=LLMS["chat"]).splitlines())
    assert tree(recorder.trace) == f"agent outer\n{beneath}"


def test_litellm_behind_a_crew(double: ProviderDouble, kept: Path) -> None:
    pytest.importorskip("litellm", reason="LiteLLM is not installed, CrewAI's way to other providers")

    def run() -> Any:
        llm = LLM(
            model="mistral/mistral-small", base_url=double.openai_url, api_key="unused", is_litellm=True
        )
        return crew_of(weather_man(llm)).kickoff(PARIS)

    played = Played(double, kept, run, asks())

    assert played.is_faithful() == ONE_TOOL.format(call="mistral chat.completions")


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
