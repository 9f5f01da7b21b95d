"""A crew of two on CrewAI: a researcher looks facts up, a writer makes a line of them.

It talks to a provider double on this machine, or to the model that is its argument::

    replay run --record crew.yaml -- examples/crewai_crew.py
    replay run --replay crew.yaml -- examples/crewai_crew.py
    replay inspect crew.yaml
"""
# ruff: noqa: T201

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool

from trace_ops.double import ProviderDouble, ToolUse, Turn

FACTS = {"llama": "Llamas live in the Andes, up to 4,000 m."}
DOUBLE_SAYS = (
    Turn(calls=(ToolUse("find_facts", {"animal": "llama"}),)),
    Turn(text="Llamas live in the Andes, at heights of up to 4,000 m."),
    Turn(text="Llamas: at home where the air is thin."),
)


@tool("find_facts")  # type: ignore[untyped-decorator, unused-ignore]
def find_facts(animal: str) -> str:
    """Find facts about an animal."""
    return FACTS.get(animal, "Nothing is known.")


def crew(llm: Any) -> Any:
    """A crew that takes an ``animal``."""
    researcher = Agent(
        role="researcher",
        goal="find out what is known of animals",
        backstory="You look things up.",
        tools=[find_facts],
        llm=llm,
    )
    writer = Agent(role="writer", goal="write one line", backstory="You are brief.", llm=llm)
    research = Task(
        name="research", description="Where does a {animal} live?", expected_output="a fact", agent=researcher
    )
    line = Task(name="line", description="Write a line on it.", expected_output="a line", agent=writer)
    return Crew(name="zoo", agents=[researcher, writer], tasks=[research, line])


@contextmanager
def connected(model: str | None = None) -> Iterator[Any]:
    """A model of a real provider by its name, else of a double."""
    if model is not None:
        yield LLM(model=model)
    else:
        with ProviderDouble() as double:
            double.script(*DOUBLE_SAYS)
            yield LLM(model="gpt-5-mini", base_url=double.openai_url, api_key="unused")


if __name__ == "__main__":
    with connected(*sys.argv[1:]) as llm:
        print(crew(llm).kickoff({"animal": "llama"}))
