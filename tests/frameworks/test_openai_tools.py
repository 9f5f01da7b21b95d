"""The functions that OpenAI's tool runners call: steps, and served where they are frozen."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI

try:
    RESPONSES: Any = importlib.import_module("openai.lib.responses_tool_runner")
    DECISIONS: Any = importlib.import_module("openai.lib.decisions_tool_runner")
except ImportError:
    pytest.skip("needs an openai with tool runners", allow_module_level=True)

from trace_ops import Recorder, Replayer, diff_traces, load_cassette
from trace_ops.double import ProviderDouble, ToolUse, Turn
from trace_ops.errors import UnrecordedCallError

ran: list[str] = []
WEATHER: Any = {
    "type": "function",
    "name": "weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    "strict": False,
}
WAYS = ["run", "stream", "eager", "async run", "async stream", "async eager"]


def weather(arguments: Any, *, cancelled: Any = None) -> str:
    ran.append(arguments["city"])
    if arguments["city"] == "Nowhere":
        raise ValueError("no such city")
    return f"sunny in {arguments['city']}"


async def weather_async(arguments: Any) -> str:
    await asyncio.sleep(0)
    return weather(arguments)


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double


@pytest.fixture
def path(tmp_path: Path) -> Path:
    ran.clear()
    return tmp_path / "run.yaml"


def change(path: Path) -> None:
    """Have the tool recorded for another city."""
    path.write_text(path.read_text().replace("input: {city: Oslo}", "input: {city: Rome}"))


def script(double: ProviderDouble, *cities: str) -> None:
    double.script(Turn(calls=tuple(ToolUse("weather", {"city": city}) for city in cities)), Turn(text="done"))


async def run(double: ProviderDouble, way: str) -> str:
    asked: Any = {"model": "gpt-5", "input": "How is it?", "store": False}
    options = {"stream": way.endswith(("stream", "eager")), "eager": way.endswith("eager")}
    if way.startswith("async"):
        function = RESPONSES.AsyncRegisteredFunction(WEATHER, weather_async, independent=True)
        runner = RESPONSES.AsyncResponsesToolRunner(functions=[function])
        async with AsyncOpenAI(base_url=double.openai_url, api_key="unused", max_retries=0) as client:
            return str((await runner.run(client, asked, **options)).output_text)
    function = RESPONSES.RegisteredFunction(WEATHER, weather, independent=True)
    with OpenAI(base_url=double.openai_url, api_key="unused", max_retries=0) as client:
        runner = RESPONSES.ResponsesToolRunner(functions=[function])
        return str(runner.run(client, asked, **options).output_text)


@pytest.mark.parametrize("way", WAYS)
async def test_each_function_is_a_step_and_none_runs_where_they_are_frozen(
    way: str, double: ProviderDouble, path: Path
) -> None:
    script(double, "Oslo", "Rome")
    with Recorder(path) as rec:
        assert await run(double, way) == "done"
    with Replayer(path) as live:
        assert await run(double, way) == "done"
    assert sorted(ran) == ["Oslo", "Oslo", "Rome", "Rome"]
    with Replayer(path, freeze={"llm", "tools"}) as frozen:
        assert await run(double, way) == "done"
    assert (len(ran), double.hits) == (4, 2)
    for trace in (rec.trace, live.trace, frozen.trace, load_cassette(path)):
        steps = sorted(trace.of_kind("tool"), key=lambda step: str(step.input))
        assert [(step.name, step.input, step.output) for step in steps] == [
            ("weather", {"city": "Oslo"}, "sunny in Oslo"),
            ("weather", {"city": "Rome"}, "sunny in Rome"),
        ]
        assert trace.total_tool_calls == 2
    assert not diff_traces(rec.trace, frozen.trace)


@pytest.mark.parametrize("way", ["run", "async run"])
async def test_an_error_stops_the_run_as_ever(way: str, double: ProviderDouble, path: Path) -> None:
    async def failing() -> str:
        with pytest.raises(RESPONSES.ToolRunnerError) as stopped:
            await run(double, way)
        return str(stopped.value)

    script(double, "Nowhere")
    with Recorder(path) as rec:
        live = await failing()
    with Replayer(path, freeze={"llm", "tools"}):
        assert await failing() == live
    assert ran == ["Nowhere"]
    (step,) = rec.trace.of_kind("tool")
    assert step.error is not None
    assert (step.error.type, step.error.message) == ("builtins.ValueError", "no such city")


@pytest.mark.parametrize("way", ["run", "async run"])
async def test_a_frozen_function_that_was_not_called_so_is_refused(
    way: str, double: ProviderDouble, path: Path
) -> None:
    """The runner tells of any error in its own words; the run fails with the miss all the same."""
    script(double, "Oslo")
    with Recorder(path):
        await run(double, way)
    change(path)
    with pytest.raises(UnrecordedCallError, match="weather"), Replayer(path, freeze={"llm", "tools"}):
        with pytest.raises(RESPONSES.ToolRunnerError):
            await run(double, way)
    assert ran == ["Oslo"]


@pytest.mark.parametrize("way", ["run", "async run"])
async def test_what_a_decision_chooses_is_a_step(way: str, double: ProviderDouble, path: Path) -> None:
    def openings() -> None:
        ran.append("open")

    async def openings_async() -> None:
        ran.append("open")

    async def decide() -> Any:
        done = {"id": "done", "description": "It is done.", "done": True}
        asked: Any = {"model": "gpt-6-luna", "input": "Open the door."}
        if way == "run":
            choices = [{"id": "open", "description": "Open it.", "execute": openings}, done]
            runner = DECISIONS.DecisionsToolRunner(observe=lambda: "a door", candidates=lambda _: choices)
            with OpenAI(base_url=double.openai_url, api_key="unused") as client:
                return runner.run(client, asked)

        async def observed(*_: Any) -> str:
            return "a door"

        async def candidates(_: Any) -> Any:
            return [{"id": "open", "description": "Open it.", "execute": openings_async}, done]

        async with AsyncOpenAI(base_url=double.openai_url, api_key="unused") as asynchronous:
            several = DECISIONS.AsyncDecisionsToolRunner(observe=observed, candidates=candidates)
            return await several.run(asynchronous, asked)

    double.script(Turn(calls=(ToolUse("open"),)), Turn(calls=(ToolUse("done"),)))
    with Recorder(path) as rec:
        live = await decide()
    assert live["completed_candidate_ids"] == ["open"]
    with Replayer(path, freeze={"llm", "tools"}) as rep:
        assert (await decide())["completed_candidate_ids"] == ["open"]
    assert ran == ["open"]
    assert [span.name for span in rec.trace] == ["openai decisions", "open", "openai decisions"]
    assert not diff_traces(rec.trace, rep.trace)
