"""Flows of CrewAI are recorded with what set off what, and with the crews in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tests.frameworks.crewai.quiet  # noqa: F401 - before CrewAI

pytest.importorskip("crewai", reason="CrewAI is not installed: it has an environment of its own")

from crewai.flow.flow import Flow, and_, listen, router, start

from tests.frameworks.crewai.kit import (
    QUIET,
    Played,
    asks,
    crew_of,
    model,
    weather_man,
)
from trace_ops.double import ProviderDouble

pytestmark = QUIET


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
