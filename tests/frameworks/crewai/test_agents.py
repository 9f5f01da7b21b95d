"""Agents of CrewAI, their models, guardrails, memory and knowledge."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tests.frameworks.crewai.quiet  # noqa: F401 - before CrewAI

pytest.importorskip("crewai", reason="CrewAI is not installed: it has an environment of its own")

from crewai import BaseLLM, Crew
from crewai.knowledge.source.string_knowledge_source import StringKnowledgeSource
from crewai.memory.unified_memory import Memory

from tests.frameworks.crewai.kit import (
    DELEGATED,
    LLMS,
    ONE_TOOL,
    QUIET,
    RAN,
    WAYS,
    Played,
    acts,
    asks,
    comparable,
    crew_of,
    model,
    task,
    told,
    weather_man,
)
from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer
from trace_ops.double import ProviderDouble, Turn, answer

pytestmark = QUIET


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

    RAN.clear()
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
