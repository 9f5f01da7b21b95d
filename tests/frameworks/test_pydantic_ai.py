"""Runs of Pydantic AI are recorded with their agents and tools, and replay offline."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pydantic_ai", reason="Pydantic AI is not installed")

import pydantic_ai
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, ModelRetry, ToolReturn
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer, tool
from trace_ops.double import ProviderDouble, ToolUse, Turn
from trace_ops.errors import UnrecordedCallError

RAN: list[str] = []
APIS = {"chat": "openai chat.completions", "responses": "openai responses", "anthropic": "anthropic messages"}


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


@pytest.fixture
async def model(double: ProviderDouble) -> AsyncIterator[Any]:
    """Makes models of two SDKs."""
    async with (
        AsyncOpenAI(base_url=double.openai_url, api_key="unused", max_retries=0) as openai,
        AsyncAnthropic(base_url=double.url, api_key="unused", max_retries=0) as anthropic,
    ):

        def make(api: str = "chat") -> Any:
            if api == "anthropic":
                return AnthropicModel(
                    "claude-of-a-test", provider=AnthropicProvider(anthropic_client=anthropic)
                )
            kind = OpenAIChatModel if api == "chat" else OpenAIResponsesModel
            return kind("gpt-5", provider=OpenAIProvider(openai_client=openai))

        yield make


def weather(model: Any, **options: Any) -> Any:
    agent = Agent(model, name="weather", **options)

    @agent.tool_plain
    def forecast(city: str) -> str:
        """Tell the weather."""
        RAN.append(city)
        return f"Sunny in {city}."

    return agent


def asks(name: str = "forecast", city: str = "Paris") -> tuple[Turn, Turn]:
    return Turn(calls=(ToolUse(name, {"city": city}),)), Turn(text=f"It is sunny in {city}.")


ONE_TOOL = """\
agent weather
  llm {call}
  tool forecast
  llm {call}"""


def spoken(messages: list[Any]) -> list[Any]:
    """What was said, without the times and ids of the run."""
    parts = [part for message in messages for part in message.parts]
    return [(part.part_kind, getattr(part, "content", None), getattr(part, "args", None)) for part in parts]


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_a_run_with_a_tool(
    double: ProviderDouble, model: Any, kept: Path, api: str, streamed: bool
) -> None:
    agent = weather(model(api))

    async def run() -> Any:
        if not streamed:
            result = await agent.run("Weather in Paris?")
            return result.output, spoken(result.all_messages()), result.usage
        async with agent.run_stream("Weather in Paris?") as stream:
            pieces = [piece async for piece in stream.stream_text(debounce_by=None)]
            return pieces, await stream.get_output(), spoken(stream.all_messages())

    outcomes, trees, hits = [], [], []
    for recorder in (None, Recorder(kept), Replayer(kept)):
        double.reset()
        double.script(*asks())
        if recorder is None:
            outcomes.append(await run())
        else:
            async with recorder:
                outcomes.append(await run())
            trees.append(tree(recorder.trace))
        hits.append(double.hits)

    assert str(outcomes[1]) == str(outcomes[0])
    assert str(outcomes[2]) == str(outcomes[1])
    assert hits == [2, 2, 0]
    assert RAN == ["Paris"] * 3
    assert trees == [ONE_TOOL.format(call=APIS[api])] * 2


async def test_the_steps_hold_what_was_given_and_what_came_of_it(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    double.script(*asks())
    async with Recorder(kept) as recorder:
        await weather(model()).run("Weather in Paris?")
    steps = {span.name: span for span in recorder.trace}

    assert steps["weather"].input == "Weather in Paris?"
    assert steps["weather"].output == "It is sunny in Paris."
    assert steps["forecast"].input == {"city": "Paris"}
    assert steps["forecast"].output == "Sunny in Paris."


async def test_frozen_tools_do_not_run(double: ProviderDouble, model: Any, kept: Path) -> None:
    agent = weather(model())
    double.script(*asks())
    async with Recorder(kept):
        recorded = await agent.run("Weather in Paris?")
    RAN.clear()
    async with Replayer(kept, freeze_tools=["forecast"]) as replayer:
        replayed = await agent.run("Weather in Paris?")

    assert RAN == []
    assert spoken(replayed.all_messages()) == spoken(recorded.all_messages())
    assert tree(replayer.trace) == ONE_TOOL.format(call=APIS["chat"])


class Measured(BaseModel):
    city: str
    degrees: float


async def test_a_frozen_tool_that_says_what_it_returns_gives_that(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    agent = Agent(model(), name="weather")

    @agent.tool_plain
    def forecast(city: str) -> list[Measured]:
        RAN.append(city)
        return [Measured(city=city, degrees=21)]

    @agent.tool_plain
    def pictured(city: str) -> ToolReturn:
        RAN.append(city)
        return ToolReturn(return_value={"city": city}, content=["Look."], metadata={"page": 7})

    calls = (ToolUse("forecast", {"city": "Paris"}), ToolUse("pictured", {"city": "Paris"}))
    double.script(Turn(calls=calls), Turn(text="It is sunny."))
    async with Recorder(kept):
        recorded = await agent.run("Weather in Paris?")
    RAN.clear()
    async with Replayer(kept, freeze={"llm", "tools"}) as replayer:
        replayed = await agent.run("Weather in Paris?")

    assert RAN == []
    assert spoken(replayed.all_messages()) == spoken(recorded.all_messages())
    assert ("tool-return", [Measured(city="Paris", degrees=21)], None) in spoken(replayed.all_messages())
    assert not replayer.diff()


async def test_a_tool_that_asks_to_try_again_asks_so_when_frozen(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    agent = Agent(model(), name="weather")

    @agent.tool_plain
    def forecast(city: str) -> str:
        RAN.append(city)
        if city == "Pariss":
            raise ModelRetry("no such city")
        return f"Sunny in {city}."

    double.script(Turn(calls=(ToolUse("forecast", {"city": "Pariss"}),)), *asks())
    async with Recorder(kept) as recorder:
        recorded = await agent.run("Weather in Pariss?")
    RAN.clear()
    async with Replayer(kept, freeze_tools=True) as replayer:
        replayed = await agent.run("Weather in Pariss?")

    assert RAN == []
    assert spoken(replayed.all_messages()) == spoken(recorded.all_messages())
    assert "no such city" in str(recorded.all_messages())
    for trace in (recorder.trace, replayer.trace):
        assert [span.failed for span in trace.of_kind("tool")] == [True, False]


async def test_an_error_of_a_tool_ends_the_run_and_its_steps(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    agent = Agent(model(), name="weather")

    @agent.tool_plain
    def forecast(city: str) -> str:
        raise KeyError(city)

    double.script(*asks())
    async with Recorder(kept) as recorder:
        with pytest.raises(KeyError):
            await agent.run("Weather in Paris?")

    assert tree(recorder.trace) == "agent weather !\n  llm openai chat.completions\n  tool forecast !"


async def test_agents_that_run_at_once_have_their_own_steps(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    agent = weather(model())
    cities = ["Paris", "Rome", "Oslo"]

    @tool
    async def look_up(city: str) -> str:
        return (await agent.run(f"Weather in {city}?")).output

    async with Recorder(kept) as recorder:
        recorded = await asyncio.gather(*map(look_up, cities))
    hits = double.hits
    async with Replayer(kept) as replayer:
        replayed = await asyncio.gather(*map(look_up, cities))

    assert replayed == recorded
    assert double.hits == hits
    beneath = "\n".join(f"  {line}" for line in ONE_TOOL.format(call=APIS["chat"]).splitlines())
    for trace in (recorder.trace, replayer.trace):
        assert tree(trace) == "\n".join(f"tool look_up\n{beneath}" for _ in cities)
        by_id = {span.id: span for span in trace}
        for span in trace:
            if span.name == "forecast":
                agent_step = by_id[span.parent or 0]
                assert agent_step.input == f"Weather in {span.input['city']}?"


async def test_an_agent_that_a_tool_asks_is_beneath_that_tool(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    expert = Agent(model(), name="expert")
    clerk = Agent(model(), name="clerk")

    @clerk.tool_plain
    async def ask_expert(question: str) -> str:
        return (await expert.run(question)).output

    double.script(
        Turn(calls=(ToolUse("ask_expert", {"question": "Why?"}),)),
        Turn(text="Because."),
        Turn(text="He says so."),
    )
    async with Recorder(kept) as recorder:
        result = await clerk.run("Why?")

    assert result.output == "He says so."
    assert (
        tree(recorder.trace)
        == """\
agent clerk
  llm openai chat.completions
  tool ask_expert
    agent expert
      llm openai chat.completions
  llm openai chat.completions"""
    )


async def test_a_run_node_by_node_and_a_run_left_early_are_recorded(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    agent = weather(model())
    double.script(*asks(), *asks())
    async with Recorder(kept) as recorder:
        async with agent.iter("Weather in Paris?") as run:
            nodes = [type(node).__name__ async for node in run]
        async with agent.iter("Weather in Paris?") as run:
            async for _ in run:
                break

    assert nodes[-1] == "End"
    assert tree(recorder.trace) == ONE_TOOL.format(call=APIS["chat"]) + "\nagent weather"
    assert isinstance(run, pydantic_ai.agent.AgentRun)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The loop that ``run_sync`` finds, closed after the test."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    loop.close()
    asyncio.set_event_loop(None)


def test_a_run_without_a_loop_is_recorded(
    loop: asyncio.AbstractEventLoop, double: ProviderDouble, kept: Path
) -> None:
    client = AsyncOpenAI(base_url=double.openai_url, api_key="unused", max_retries=0)
    agent = weather(OpenAIChatModel("gpt-5", provider=OpenAIProvider(openai_client=client)))
    double.script(*asks())
    with Recorder(kept) as recorder:
        recorded = agent.run_sync("Weather in Paris?").output
    with Replayer(kept):
        replayed = agent.run_sync("Weather in Paris?").output
    loop.run_until_complete(client.close())

    assert replayed == recorded
    assert double.hits == 2
    assert tree(recorder.trace) == ONE_TOOL.format(call=APIS["chat"])


async def test_a_frozen_tool_that_is_not_recorded_is_refused(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    agent = weather(model())
    double.script(*asks())
    async with Recorder(kept, intercept_pydantic_ai=False):
        await agent.run("Weather in Paris?")
    RAN.clear()
    with pytest.raises(UnrecordedCallError, match="forecast"):
        async with Replayer(kept, freeze={"llm", "tools"}):
            with contextlib.suppress(Exception):
                await agent.run("Weather in Paris?")

    assert RAN == []


async def test_a_recorder_can_be_told_not_to_look(double: ProviderDouble, model: Any, kept: Path) -> None:
    double.script(*asks())
    async with Recorder(kept, intercept_pydantic_ai=False) as recorder:
        await weather(model()).run("Weather in Paris?")

    assert tree(recorder.trace) == "llm openai chat.completions\nllm openai chat.completions"
