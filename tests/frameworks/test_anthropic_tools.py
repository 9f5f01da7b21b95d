"""The tools that Anthropic's runners run: steps, and served where they are frozen, with the runner around."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic

if not hasattr(anthropic, "beta_tool"):
    pytest.skip("needs an anthropic with tool runners", allow_module_level=True)

from anthropic import beta_async_tool, beta_tool

from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer, diff_traces, load_cassette, tracing
from trace_ops.double import ProviderDouble, ToolUse, Turn
from trace_ops.errors import UnrecordedCallError
from trace_ops.trace import Trace

FUNCTIONS: Any = importlib.import_module("anthropic.lib.tools._beta_functions")
ToolError: Any = getattr(FUNCTIONS, "ToolError", None)

ran: list[str] = []


class Storm(Exception):
    """An error of the program's own."""


def weather(city: str) -> Any:
    """Tell the weather."""
    ran.append(city)
    if city == "Nowhere":
        raise ValueError("no such city")
    if city == "Sea":
        raise Storm("at sea")
    if city == "Blocks":
        return [{"type": "text", "text": "sunny"}]
    if city == "Refused" and ToolError is not None:
        raise ToolError([{"type": "text", "text": "ask another"}])
    return f"sunny in {city}"


async def weather_async(city: str) -> Any:
    """Tell the weather."""
    await asyncio.sleep(0)
    return weather(city)


SYNC = beta_tool(weather, name="weather")
ASYNC = beta_async_tool(weather_async, name="weather")
WAYS = ["run", "stream", "async run", "async stream"]
CITIES = ["Oslo", "Nowhere", "Sea", "Blocks", "Refused"]


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double


@pytest.fixture
def path(tmp_path: Path) -> Path:
    ran.clear()
    return tmp_path / "run.yaml"


def script(double: ProviderDouble, *cities: Any) -> None:
    double.script(Turn(calls=tuple(ToolUse("weather", {"city": city}) for city in cities)), Turn(text="done"))


def asked(way: str) -> dict[str, Any]:
    tools = [ASYNC if way.startswith("async") else SYNC]
    messages = [{"role": "user", "content": "How is it?"}]
    options = {"stream": True} if way.endswith("stream") else {}
    return {"model": "claude-sonnet-4-6", "max_tokens": 99, "tools": tools, "messages": messages, **options}


async def run(double: ProviderDouble, way: str) -> str:
    """Run the loop of a runner to its end, and tell the text it ends with."""
    if way.startswith("async"):
        async with AsyncAnthropic(base_url=double.url, api_key="unused", max_retries=0) as asynchronous:
            async_runner: Any = asynchronous.beta.messages.tool_runner(**asked(way))
            async for item in async_runner:
                if way == "async stream":
                    async for _ in item:
                        pass
            return str((await async_runner.until_done()).content[0].text)
    with Anthropic(base_url=double.url, api_key="unused", max_retries=0) as client:
        runner: Any = client.beta.messages.tool_runner(**asked(way))
        for item in runner:
            if way == "stream":
                for _ in item:
                    pass
        return str(runner.until_done().content[0].text)


def results(trace: Trace) -> Any:
    """What the model was told of its tools."""
    exchange = trace.llm_calls[-1].exchange
    assert exchange is not None
    assert exchange.request.body is not None
    content = exchange.request.body.json["messages"][-1]["content"]
    return [{key: value for key, value in block.items() if key != "tool_use_id"} for block in content]


@pytest.mark.filterwarnings("ignore::DeprecationWarning:anthropic")
@pytest.mark.parametrize("way", WAYS)
async def test_each_tool_is_a_step_and_none_runs_where_they_are_frozen(
    way: str, double: ProviderDouble, path: Path
) -> None:
    script(double, *CITIES)
    with Recorder(path) as rec:
        assert await run(double, way) == "done"
    assert ran == CITIES
    hits = double.hits
    with Replayer(path) as live:
        assert await run(double, way) == "done"
    assert ran == CITIES * 2
    with Replayer(path, freeze={"llm", "tools"}) as frozen:
        assert await run(double, way) == "done"
    assert (ran, double.hits) == (CITIES * 2, hits)
    for trace in (rec.trace, live.trace, frozen.trace, load_cassette(path)):
        tools = trace.of_kind("tool")
        assert [step.name for step in tools] == ["weather"] * 5
        assert [step.input for step in tools] == [{"city": city} for city in CITIES]
        assert [step.failed for step in tools] == [False, True, True, False, ToolError is not None]
        assert tools[1].error is not None
        assert (tools[1].error.type, tools[1].error.message) == ("builtins.ValueError", "no such city")
        assert [span.kind for span in trace] == ["llm", *["tool"] * 5, "llm"]
        assert trace.total_tool_calls == 5
        assert results(trace) == results(rec.trace)
    assert not diff_traces(rec.trace, frozen.trace)
    assert not diff_traces(rec.trace, live.trace)


@pytest.mark.parametrize("way", ["run", "async run"])
async def test_tools_are_beneath_the_step_that_runs_the_loop(
    way: str, double: ProviderDouble, path: Path
) -> None:
    script(double, "Oslo")
    with Recorder(path) as rec, tracing.span("agent", "forecaster"):
        await run(double, way)
    lines = ["agent forecaster", "  llm anthropic messages", "  tool weather", "  llm anthropic messages"]
    assert tree(rec.trace).splitlines() == lines


def test_arguments_that_do_not_fit_are_the_tool_s_error(double: ProviderDouble, path: Path) -> None:
    """The SDK finds it, and tells the model, live and frozen."""

    def ask() -> str:
        with Anthropic(base_url=double.url, api_key="unused") as client:
            runner: Any = client.beta.messages.tool_runner(**asked("run"))
            return str(runner.until_done().content[0].text)

    double.script(Turn(calls=(ToolUse("weather", {"place": "Oslo"}),)), Turn(text="done"))
    with Recorder(path) as rec:
        ask()
    with Replayer(path, freeze={"llm", "tools"}) as rep:
        ask()
    (step,) = rec.trace.of_kind("tool")
    assert step.error is not None
    assert step.error.message == "Invalid arguments for function weather"
    assert results(rep.trace) == results(rec.trace)


def test_a_frozen_tool_that_was_not_called_so_is_refused(double: ProviderDouble, path: Path) -> None:
    with Recorder(path):
        assert SYNC.call({"city": "Oslo"}) == "sunny in Oslo"
    with pytest.raises(UnrecordedCallError, match="weather"), Replayer(path, freeze={"llm", "tools"}):
        SYNC.call({"city": "Rome"})
    assert ran == ["Oslo"]


def test_a_loop_of_the_program_s_own_shows_its_tools(double: ProviderDouble, path: Path) -> None:
    """Tools that are called as such are seen, whoever calls them; other functions if they are decorated."""

    def loop() -> None:
        with Anthropic(base_url=double.url, api_key="unused") as client:
            options: Any = {**asked("run"), "tools": [SYNC.to_dict()]}
            message = client.messages.create(**options)
            for block in message.content:
                if block.type == "tool_use":
                    SYNC.call(block.input)

    script(double, "Oslo")
    with Recorder(path) as rec:
        loop()
    with Replayer(path, freeze_tools=True):
        loop()
    assert tree(rec.trace).splitlines() == ["llm anthropic messages", "tool weather"]
    assert ran == ["Oslo"]


def test_a_tool_that_is_decorated_as_well_counts_once(double: ProviderDouble, path: Path) -> None:
    own = beta_tool(tracing.tool(weather), name="weather")
    with Recorder(path) as rec:
        own.call({"city": "Oslo"})
    assert rec.trace.total_tool_calls == 1


def test_tools_that_the_program_implements_for_anthropic_are_steps(path: Path) -> None:
    """They have a class each: of the program's, made before or after the recorder was opened."""

    def made() -> Any:
        class Notes(FUNCTIONS.BetaBuiltinFunctionTool):  # type: ignore[misc]
            def to_dict(self) -> Any:
                return {"type": "memory_20250818", "name": "memory"}

            def call(self, input: Any) -> Any:
                ran.append(input["command"])
                return "noted"

        class Better(Notes):
            def call(self, input: Any) -> Any:
                return super().call(input) + "!"

        return Better()

    before = made()
    with Recorder(path) as rec:
        answers = [notes.call({"command": "view"}) for notes in (before, made())]
    with Replayer(path, freeze_tools=True):
        assert [notes.call({"command": "view"}) for notes in (before, made())] == answers
    assert answers == ["noted!", "noted!"]
    assert ran == ["view", "view"]
    assert [(span.kind, span.name) for span in rec.trace] == [("tool", "memory")] * 2


def test_members_of_toolsets_are_steps(path: Path) -> None:
    try:
        runnable: Any = importlib.import_module("anthropic.lib.tools._toolsets._runnable")
    except ImportError:
        pytest.skip("needs an anthropic with toolsets")
    block = importlib.import_module("anthropic.types.beta").BetaToolUseBlock

    class Screen(runnable.BetaRunnableToolset):  # type: ignore[misc]
        toolset_name = "browser"

        def to_dict(self) -> Any:
            return {"type": "browser_toolset_20260801"}

        def call(self, context: Any, name: str, input: Any) -> Any:
            ran.append(name)
            return "clicked"

    use = block(
        type="tool_use", id="toolu_1", name="click", input={"ref": "a1"}, toolset_name="browser", caller=None
    )
    with Recorder(path) as rec:
        live = Screen().tool_result(use)
    with Replayer(path, freeze_tools=True):
        assert Screen().tool_result(use) == live
    (step,) = rec.trace
    assert (step.kind, step.name, step.input, step.output) == ("tool", "click", {"ref": "a1"}, "clicked")
    assert ran == ["click"]


def test_nothing_is_recorded_where_anthropic_is_left_alone(path: Path) -> None:
    with Recorder(path, intercept_anthropic=False) as rec:
        SYNC.call({"city": "Oslo"})
    assert len(rec.trace) == 0
