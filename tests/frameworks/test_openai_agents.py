"""Runs of OpenAI Agents are recorded with agents, tools, handoffs and guardrails, and replay offline."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("agents", reason="OpenAI Agents is not installed")

import agents
from agents.mcp import MCPServerStdio
from agents.tracing.processors import BackendSpanExporter
from openai import AsyncOpenAI
from pydantic import BaseModel

from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer, tool
from trace_ops.double import ProviderDouble, ToolUse, Turn
from trace_ops.errors import UnrecordedCallError

RAN: list[str] = []


@pytest.fixture(autouse=True)
def nothing_is_exported(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The default processor posts traces to OpenAI."""
    RAN.clear()
    agents.set_trace_processors([])
    yield
    agents.set_tracing_disabled(False)


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "cassette.yaml"


@agents.function_tool
def forecast(city: str) -> str:
    """Tell the weather."""
    RAN.append(city)
    return f"Sunny in {city}."


@agents.function_tool
def broken(city: str) -> str:
    """Fail."""
    RAN.append(city)
    raise ValueError(f"no station in {city}")


@pytest.fixture
async def model(double: ProviderDouble) -> AsyncIterator[Any]:
    """Makes models of the SDK's two APIs."""
    async with AsyncOpenAI(base_url=double.openai_url, api_key="unused", max_retries=0) as client:

        def make(api: str = "responses") -> Any:
            kind = agents.OpenAIResponsesModel if api == "responses" else agents.OpenAIChatCompletionsModel
            return kind(model="gpt-5", openai_client=client)

        yield make


def asks(name: str = "forecast", city: str = "Paris") -> tuple[Turn, Turn]:
    return Turn(calls=(ToolUse(name, {"city": city}),)), Turn(text=f"It is sunny in {city}.")


ONE_TOOL = """\
chain Agent workflow
  agent weather
    llm openai {call}
    tool forecast
    llm openai {call}"""


@pytest.mark.parametrize(("api", "call"), [("responses", "responses"), ("chat", "chat.completions")])
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_a_run_with_a_tool(
    double: ProviderDouble, model: Any, kept: Path, api: str, call: str, streamed: bool
) -> None:
    async def run() -> Any:
        agent = agents.Agent(name="weather", model=model(api), tools=[forecast])
        if not streamed:
            return (await agents.Runner.run(agent, "Weather in Paris?")).final_output
        result = agents.Runner.run_streamed(agent, "Weather in Paris?")
        kinds = [event.type async for event in result.stream_events()]
        return kinds, result.final_output

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

    assert outcomes[1] == outcomes[0]
    assert outcomes[2] == outcomes[1]
    assert hits == [2, 2, 0]
    assert RAN == ["Paris"] * 3
    assert trees == [ONE_TOOL.format(call=call)] * 2


@contextlib.contextmanager
def loop_of_ours() -> Iterator[asyncio.AbstractEventLoop]:
    """The loop that the framework takes where none runs, closed in the end, which it leaves to others."""
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        asyncio.set_event_loop(loop)
        yield loop
    asyncio.set_event_loop(None)


def test_a_run_without_a_loop_is_recorded(double: ProviderDouble, kept: Path) -> None:
    outcomes = []
    for recorder in (Recorder(kept), Replayer(kept)):
        double.reset()
        double.script(*asks())
        client = AsyncOpenAI(base_url=double.openai_url, api_key="key")
        model = agents.OpenAIResponsesModel("gpt-5-mini", client)
        agent = agents.Agent(name="weather", model=model, tools=[forecast])
        with loop_of_ours() as loop:
            with recorder:
                outcomes.append(agents.Runner.run_sync(agent, "Weather in Paris?").final_output)
            loop.run_until_complete(client.close())
        assert tree(recorder.trace) == ONE_TOOL.format(call="responses")

    assert outcomes == ["It is sunny in Paris."] * 2
    assert double.hits == 0


async def test_the_steps_hold_what_was_given_and_what_came_of_it(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    double.script(*asks())
    agent = agents.Agent(name="weather", model=model(), tools=[forecast])
    async with Recorder(kept) as recorder:
        await agents.Runner.run(agent, "Weather in Paris?")
    steps = {span.name: span for span in recorder.trace}

    assert steps["forecast"].input == {"city": "Paris"}
    assert steps["forecast"].output == "Sunny in Paris."
    assert steps["weather"].attributes["tools"] == ["forecast"]
    assert steps["weather"].input == [{"content": "Weather in Paris?", "role": "user"}]
    assert steps["weather"].output[0]["content"][0]["text"] == "It is sunny in Paris."
    assert all(span.ms is not None and not span.failed for span in recorder.trace)


async def test_frozen_tools_do_not_run(double: ProviderDouble, model: Any, kept: Path) -> None:
    agent = agents.Agent(name="weather", model=model(), tools=[forecast])
    double.script(*asks())
    async with Recorder(kept):
        recorded = (await agents.Runner.run(agent, "Weather in Paris?")).to_input_list()
    RAN.clear()
    async with Replayer(kept, freeze_tools=True) as replayer:
        replayed = (await agents.Runner.run(agent, "Weather in Paris?")).to_input_list()

    assert RAN == []
    assert replayed == recorded
    assert tree(replayer.trace) == ONE_TOOL.format(call="responses")


async def test_the_answer_to_an_error_of_a_tool_is_served_too(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    agent = agents.Agent(name="weather", model=model(), tools=[broken])
    double.script(*asks("broken"))
    async with Recorder(kept) as recorder:
        recorded = (await agents.Runner.run(agent, "Weather in Paris?")).to_input_list()
    RAN.clear()
    async with Replayer(kept, freeze_tools=["broken"]) as replayer:
        replayed = (await agents.Runner.run(agent, "Weather in Paris?")).to_input_list()
    step = next(span for span in recorder.trace if span.name == "broken")

    assert RAN == []
    assert replayed == recorded
    assert step.output.startswith("An error occurred while running the tool")
    assert step.error is not None
    assert [span.error for span in replayer.trace if span.name == "broken"] == [step.error]


@agents.function_tool(failure_error_function=None)
def unreachable(city: str) -> str:
    """Fail, and let nobody tell the model of it."""
    RAN.append(city)
    raise ConnectionError(f"no way to {city}")


async def test_an_error_that_ends_the_run_ends_it_when_frozen(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    agent = agents.Agent(name="weather", model=model(), tools=[unreachable])
    double.script(*asks("unreachable"))
    causes = []
    for recorder in (Recorder(kept), Replayer(kept, freeze={"llm", "tools"})):
        async with recorder:
            with pytest.raises(agents.UserError, match="no way to Paris") as raised:
                await agents.Runner.run(agent, "Weather in Paris?")
        causes.append(raised.value.__cause__)
        assert tree(recorder.trace).endswith("tool unreachable !")

    assert RAN == ["Paris"]
    assert [(type(cause), str(cause)) for cause in causes] == [(ConnectionError, "no way to Paris")] * 2


class Measured(BaseModel):
    city: str
    degrees: float


@agents.function_tool
def measure(city: str) -> Measured:
    """Measure."""
    RAN.append(city)
    return Measured(city=city, degrees=21)


@agents.function_tool
async def photograph(city: str) -> agents.ToolOutputImage:
    """Take a picture."""
    RAN.append(city)
    return agents.ToolOutputImage(image_url=f"https://example.org/{city}.png")


async def test_a_frozen_tool_that_says_what_it_returns_gives_that(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    agent = agents.Agent(name="weather", model=model(), tools=[measure, photograph])
    calls = (ToolUse("measure", {"city": "Paris"}), ToolUse("photograph", {"city": "Paris"}))
    double.script(Turn(calls=calls), Turn(text="It is sunny."))

    def outputs(result: Any) -> list[Any]:
        return [(item.output, item.raw_item) for item in result.new_items if hasattr(item, "output")]

    async with Recorder(kept):
        recorded = outputs(await agents.Runner.run(agent, "Weather in Paris?"))
    async with Replayer(kept, freeze={"llm", "tools"}) as replayer:
        replayed = outputs(await agents.Runner.run(agent, "Weather in Paris?"))

    assert RAN == ["Paris", "Paris"]
    assert replayed == recorded
    assert replayed[0][0] == Measured(city="Paris", degrees=21)
    assert not replayer.diff()


async def test_a_handoff_leads_to_the_next_agent(double: ProviderDouble, model: Any, kept: Path) -> None:
    billing = agents.Agent(name="billing", model=model())
    triage = agents.Agent(name="triage", model=model(), handoffs=[billing])
    double.script(Turn(calls=(ToolUse("transfer_to_billing", {}),)), Turn(text="Paid."))
    async with Recorder(kept) as recorder:
        recorded = await agents.Runner.run(triage, "My bill?")
    async with Replayer(kept) as replayer:
        replayed = await agents.Runner.run(triage, "My bill?")

    assert recorded.final_output == replayed.final_output == "Paid."
    for trace in (recorder.trace, replayer.trace):
        assert (
            tree(trace)
            == """\
chain Agent workflow
  agent triage
    llm openai responses
    decision handoff to billing
  agent billing
    llm openai responses"""
        )
        handoff = next(span for span in trace if span.kind == "decision")
        after = next(span for span in trace if span.name == "billing")
        assert (handoff.input, handoff.output) == ("triage", "billing")
        assert [(link.kind, link.to) for link in after.links] == [("caused_by", handoff.id)]


async def test_a_guardrail_that_trips_is_a_step(double: ProviderDouble, model: Any, kept: Path) -> None:
    @agents.input_guardrail(run_in_parallel=False)
    async def polite(context: Any, agent: Any, given: Any) -> Any:
        return agents.GuardrailFunctionOutput(output_info="rude", tripwire_triggered=True)

    agent = agents.Agent(name="weather", model=model(), input_guardrails=[polite])
    async with Recorder(kept) as recorder:
        with pytest.raises(agents.InputGuardrailTripwireTriggered):
            await agents.Runner.run(agent, "You fool!")
    guardrail = next(span for span in recorder.trace if span.name == "polite")

    assert guardrail.output == {"triggered": True}
    assert double.hits == 0


async def test_agents_that_run_at_once_have_their_own_steps(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    cities = ["Paris", "Rome", "Oslo"]
    agent = agents.Agent(name="weather", model=model(), tools=[forecast])

    @tool
    async def look_up(city: str) -> str:
        return (await agents.Runner.run(agent, f"Weather in {city}?")).final_output

    async def run() -> list[str]:
        return await asyncio.gather(*map(look_up, cities))

    async with Recorder(kept) as recorder:
        recorded = await run()
    hits = double.hits
    async with Replayer(kept) as replayer:
        replayed = await run()

    assert replayed == recorded
    assert double.hits == hits
    beneath = "\n".join(f"  {line}" for line in ONE_TOOL.format(call="responses").splitlines())
    for trace in (recorder.trace, replayer.trace):
        assert tree(trace) == "\n".join(f"tool look_up\n{beneath}" for _ in cities)
        by_id = {span.id: span for span in trace}
        for span in trace:
            if span.name == "forecast":
                above = span
                while above.parent is not None:
                    above = by_id[above.parent]
                assert above.input == span.input


async def test_an_agent_lent_as_a_tool_is_beneath_that_tool(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    expert = agents.Agent(name="expert", model=model())
    lent = expert.as_tool("ask_expert", "Ask the expert.")
    agent = agents.Agent(name="clerk", model=model(), tools=[lent])
    double.script(
        Turn(calls=(ToolUse("ask_expert", {"input": "Why?"}),)),
        Turn(text="Because."),
        Turn(text="He says so."),
    )
    async with Recorder(kept) as recorder:
        result = await agents.Runner.run(agent, "Why?")

    assert result.final_output == "He says so."
    assert (
        tree(recorder.trace)
        == """\
chain Agent workflow
  agent clerk
    llm openai responses
    tool ask_expert
      agent expert
        llm openai responses
    llm openai responses"""
    )


async def test_with_tracing_disabled_tools_and_models_are_still_recorded(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    agents.set_tracing_disabled(True)
    agent = agents.Agent(name="weather", model=model(), tools=[forecast])
    double.script(*asks())
    async with Recorder(kept) as recorder:
        recorded = (await agents.Runner.run(agent, "Weather in Paris?")).final_output
    RAN.clear()
    async with Replayer(kept, freeze_tools=True):
        replayed = (await agents.Runner.run(agent, "Weather in Paris?")).final_output

    assert replayed == recorded
    assert RAN == []
    assert tree(recorder.trace) == "llm openai responses\ntool forecast\nllm openai responses"
    assert recorder.trace.uncaptured == ["agents and handoffs of OpenAI Agents, whose tracing is disabled"]


async def test_a_frozen_tool_that_is_not_recorded_is_refused(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    agent = agents.Agent(name="weather", model=model(), tools=[forecast])
    double.script(*asks())
    async with Recorder(kept, intercept_openai_agents=False):
        await agents.Runner.run(agent, "Weather in Paris?")
    RAN.clear()
    with pytest.raises(UnrecordedCallError, match="forecast"):
        async with Replayer(kept, freeze={"llm", "tools"}):
            with contextlib.suppress(Exception):
                await agents.Runner.run(agent, "Weather in Paris?")

    assert RAN == []


async def test_a_recorder_can_be_told_not_to_look(double: ProviderDouble, model: Any, kept: Path) -> None:
    double.script(*asks())
    agent = agents.Agent(name="weather", model=model(), tools=[forecast])
    async with Recorder(kept, intercept_openai_agents=False) as recorder:
        await agents.Runner.run(agent, "Weather in Paris?")

    assert tree(recorder.trace) == "llm openai responses\nllm openai responses"


async def test_the_processors_of_the_program_are_left_alone(
    double: ProviderDouble, model: Any, kept: Path
) -> None:
    seen: list[str] = []

    class Own(agents.TracingProcessor):  # type: ignore[name-defined, misc]
        def on_trace_start(self, trace: Any) -> None:
            seen.append(trace.name)

        def on_trace_end(self, trace: Any) -> None: ...
        def on_span_start(self, span: Any) -> None: ...
        def on_span_end(self, span: Any) -> None: ...
        def shutdown(self) -> None: ...
        def force_flush(self) -> None: ...

    agent = agents.Agent(name="weather", model=model())
    async with Recorder(kept) as recorder:
        agents.set_trace_processors([Own()])
        await agents.Runner.run(agent, "Hello?")

    assert seen == ["Agent workflow"]
    assert tree(recorder.trace).startswith("chain Agent workflow\n  agent weather\n")


async def test_a_replay_without_a_key_exports_nothing(
    double: ProviderDouble, model: Any, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK is given a key that stands in, and the exporter would take it from the environment."""
    agent = agents.Agent(name="weather", model=model())
    async with Recorder(kept):
        await agents.Runner.run(agent, "Hello?")
    hits = double.hits
    exporter = BackendSpanExporter(endpoint=f"{double.url}/traces", max_retries=0)
    try:
        async with Replayer(kept):
            await agents.Runner.run(agent, "Hello?")
            with agents.trace("mine") as trace:
                exporter.export([trace])
        assert double.hits == hits

        monkeypatch.setenv("OPENAI_API_KEY", "the-key-of-the-user")
        exporter.export([trace])
        assert double.hits > hits
    finally:
        exporter.close()


async def test_tools_of_an_mcp_server_are_one_tree_and_frozen_need_no_server(
    double: ProviderDouble, model: Any, kept: Path, tmp_path: Path
) -> None:
    count = tmp_path / "count.txt"
    script = str(Path(__file__).with_name("mcp_server.py"))
    started: Any = {"command": sys.executable, "args": [script, str(count)]}

    async def run() -> Any:
        async with MCPServerStdio(started, client_session_timeout_seconds=30) as server:
            agent = agents.Agent(name="weather", model=model(), mcp_servers=[server])
            return (await agents.Runner.run(agent, "Weather in Paris?")).to_input_list()

    double.script(*asks())
    async with Recorder(kept) as recorder:
        recorded = await run()
    arrived = count.read_text(encoding="utf-8")
    async with Replayer(kept, freeze={"llm", "tools"}):
        replayed = await run()

    assert arrived == "started\nforecast Paris\n"
    assert count.read_text(encoding="utf-8") == arrived
    assert replayed == recorded
    # The handshake, and when the client lists the tools, differ by its version.
    lines = [line for line in tree(recorder.trace).splitlines() if "custom mcp " not in line]
    assert (
        "\n".join(lines)
        == """\
chain Agent workflow
  agent weather
    llm openai responses
    tool forecast
      custom forecast
    llm openai responses"""
    )
    assert recorder.trace.total_tool_calls == 1
