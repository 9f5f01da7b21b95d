"""Crews to play, and how a run is played: as it is, recorded, and replayed."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool

from tests.frameworks.trees import tree, unordered
from trace_ops import Recorder, Replayer
from trace_ops.double import ProviderDouble, ToolUse, Turn

# CrewAI leaves the clients it makes open, and warns of itself.
QUIET = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:.* on TypedDict class:UserWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings"),
]


RAN: list[Any] = []
LLMS = {"chat": "openai chat.completions", "responses": "openai responses", "anthropic": "anthropic messages"}
ONE_TOOL = """\
chain crew
  chain task
    agent weather man
      llm {call}
      tool forecast
      llm {call}"""


@tool("forecast")
def forecast(city: str) -> str:
    """Tell the weather."""
    RAN.append(city)
    if city == "Atlantis":
        raise KeyError(city)
    return f"Sunny in {city}."


def model(double: ProviderDouble, api: str = "chat", **options: Any) -> Any:
    if api == "anthropic":
        return LLM(model="claude-sonnet-5-5", base_url=double.url, api_key="unused", **options)
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

    def is_faithful(self, *, at_once: bool = False) -> str:
        """The tree that both traces show; checks that nothing but the recording told them apart.

        Of what ran ``at_once`` either may have begun first.
        """
        plain, recorded, replayed = map(comparable, self.outcomes)
        assert recorded == plain
        assert replayed == recorded
        assert self.hits[0] == self.hits[1] > 0
        assert self.hits[2] == 0
        recorded_tree, replayed_tree = map(unordered if at_once else str, self.trees)
        assert replayed_tree == recorded_tree
        return self.trees[0]


PARIS = {"city": "Paris"}
WAYS: dict[str, Callable[[Any], Any]] = {
    "kickoff": lambda crew: crew.kickoff(PARIS),
    "kickoff_async": lambda crew: asyncio.run(crew.kickoff_async(PARIS)),
    "akickoff": lambda crew: asyncio.run(crew.akickoff(PARIS)),
    "kickoff_for_each": lambda crew: crew.kickoff_for_each([PARIS]),
    "kickoff_for_each_async": lambda crew: asyncio.run(crew.kickoff_for_each_async([PARIS])),
    "akickoff_for_each": lambda crew: asyncio.run(crew.akickoff_for_each([PARIS])),
}


def told(role: str, llm: Any, **options: Any) -> Any:
    return Agent(role=role, goal=f"do what a {role} does", backstory="old", llm=llm, **options)


def task(description: str, agent: Any = None, **options: Any) -> Any:
    return Task(description=description, expected_output="a sentence", agent=agent, **options)


def acts(name: str = "forecast", city: str = "Paris") -> tuple[Turn, Turn]:
    said = f'Thought: I need it.\nAction: {name}\nAction Input: {{"city": "{city}"}}'
    return Turn(text=said), Turn(text=f"Thought: I know.\nFinal Answer: It is sunny in {city}.")


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
