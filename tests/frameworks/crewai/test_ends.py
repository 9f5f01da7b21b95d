"""Runs of CrewAI that do not end well have their steps all the same."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from pathlib import Path
from typing import Any

import pytest

import tests.frameworks.crewai.quiet  # noqa: F401 - before CrewAI

pytest.importorskip("crewai", reason="CrewAI is not installed: it has an environment of its own")

from crewai.tools import tool

from tests.frameworks.crewai.kit import (
    LLMS,
    ONE_TOOL,
    PARIS,
    QUIET,
    WAYS,
    Played,
    acts,
    asks,
    crew_of,
    model,
    weather_man,
)
from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer, load_cassette
from trace_ops.double import ProviderDouble, Status
from trace_ops.errors import UnrecordedCallError

pytestmark = QUIET


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
    # CrewAI may have imported lancedb for itself by now, in another test.
    assert [what for what in recorder.trace.uncaptured if "lancedb" not in what] == []


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
