"""Agents, workflows and tools of LlamaIndex are recorded in the order of their turns, and replay offline."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

pytest.importorskip("llama_index.llms.openai", reason="needs llama-index-llms-openai")

from llama_index.core import PromptTemplate
from llama_index.core.agent.workflow import AgentStream, AgentWorkflow, FunctionAgent, ReActAgent
from llama_index.core.tools import (
    AsyncBaseTool,
    BaseTool,
    FunctionTool,
    QueryEngineTool,
    RetrieverTool,
    ToolMetadata,
    ToolOutput,
)
from llama_index.core.tools.calling import call_tool
from llama_index.core.workflow import Context, Event, StartEvent, StopEvent, Workflow, step

from tests.frameworks.llama_index_kit import QUIET, RAN, asks, forecast, index, model, played, result_of
from tests.frameworks.trees import tree
from trace_ops import Recorder, Replayer
from trace_ops.double import ProviderDouble, Status, ToolUse, Turn
from trace_ops.errors import UnrecordedCallError

pytestmark = QUIET
FREEZE: dict[str, Any] = {"freeze": {"llm", "tools"}}
ONE_TOOL = """\
agent weather
  llm openai chat.completions
  tool forecast
  llm openai chat.completions"""


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    RAN.clear()


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double
    gc.collect()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.yaml"


def agent(double: ProviderDouble, kind: Any = FunctionAgent, **options: Any) -> Any:
    return kind(**{"name": "weather", "tools": [forecast], **options}, llm=model(double))


async def said(running: Any) -> Any:
    output = await running
    return str(output), [(one.tool_kwargs, _output(one.tool_output)) for one in output.tool_calls]


@pytest.mark.parametrize("streaming", [True, False], ids=["streamed", "whole"])
def test_an_agent_with_a_tool(double: ProviderDouble, path: Path, streaming: bool) -> None:
    one = agent(double, streaming=streaming)

    assert played(double, path, lambda: said(_run(one)), *asks()) == ONE_TOOL
    assert RAN == ["Paris"] * 3


async def _run(workflow: Any, asked: str = "Weather in Paris?", **options: Any) -> Any:
    return await workflow.run(user_msg=asked, **options)


def test_frozen_tools_do_not_run(double: ProviderDouble, path: Path) -> None:
    one = agent(double)

    assert played(double, path, lambda: said(_run(one)), *asks(), **FREEZE) == ONE_TOOL
    assert RAN == ["Paris"] * 2


def test_a_tool_runs_where_it_is_live(double: ProviderDouble, path: Path) -> None:
    one = agent(double)
    played(double, path, lambda: said(_run(one)), *asks(), **FREEZE, live={"forecast"})

    assert RAN == ["Paris"] * 3


def test_the_steps_hold_what_was_given_and_what_came_of_it(double: ProviderDouble, path: Path) -> None:
    double.script(*asks())
    with Recorder(path) as rec:
        result_of(lambda: _run(agent(double)))
    run, first, tool, _ = rec.trace

    assert (run.input, run.output) == ("Weather in Paris?", "It is sunny in Paris.")
    assert (tool.input, tool.output) == ({"city": "Paris"}, "Sunny in Paris.")
    assert first.tools == ["forecast"]


@pytest.mark.parametrize("options", [{}, FREEZE], ids=["live", "frozen"])
def test_a_tool_that_fails_tells_the_model_so(
    double: ProviderDouble, path: Path, options: dict[str, Any]
) -> None:
    one = agent(double)
    found = played(double, path, lambda: said(_run(one)), *asks(city="Atlantis"), **options)

    assert found == ONE_TOOL.replace("forecast", "forecast !")
    assert ["Atlantis"] * (2 if options else 3) == RAN


def test_tools_that_are_asked_for_at_once(double: ProviderDouble, path: Path) -> None:
    async def in_turn(city: str) -> str:
        return forecast(city)

    one = agent(double, tools=[FunctionTool.from_defaults(in_turn, name="forecast", description="weather")])
    turns = (
        Turn(calls=tuple(ToolUse("forecast", {"city": city}) for city in ("Rome", "Oslo", "Bonn"))),
        Turn(text="All sunny."),
    )
    found = played(double, path, lambda: said(_run(one)), *turns, **FREEZE)

    assert found == ONE_TOOL.replace("  tool forecast\n", "  tool forecast\n" * 3)
    assert sorted(RAN) == sorted(["Rome", "Oslo", "Bonn"] * 2)


def test_a_react_agent(double: ProviderDouble, path: Path) -> None:
    one = agent(double, ReActAgent)
    turns = (
        Turn(text='Thought: I look.\nAction: forecast\nAction Input: {"city": "Paris"}'),
        Turn(text="Thought: I know.\nAnswer: It is sunny."),
    )

    assert played(double, path, lambda: said(_run(one)), *turns, **FREEZE) == ONE_TOOL
    assert RAN == ["Paris"] * 2


def test_agents_that_take_turns(double: ProviderDouble, path: Path) -> None:
    about = {"description": "one of two"}
    alice = agent(double, name="alice", can_handoff_to=["bob"], **about)
    bob = agent(double, name="bob", **about)
    both = AgentWorkflow(agents=[alice, bob], root_agent="alice")
    turns = (
        Turn(calls=(ToolUse("forecast", {"city": "Rome"}),)),
        Turn(calls=(ToolUse("handoff", {"to_agent": "bob", "reason": "he knows"}),)),
        *asks(),
    )
    found = played(double, path, lambda: said(_run(both)), *turns, **FREEZE)

    assert (
        found
        == """\
chain AgentWorkflow
  agent alice
    llm openai chat.completions
    tool forecast
    llm openai chat.completions
    decision handoff to bob
  agent bob
    llm openai chat.completions
    tool forecast
    llm openai chat.completions"""
    )
    assert RAN == ["Rome", "Paris"] * 2
    double.script(*turns)
    with Replayer(path, **FREEZE) as rep:
        result_of(lambda: _run(both))
    (decision,) = rep.trace.of_kind("decision")
    first, second = rep.trace.of_kind("agent")
    assert (decision.input, decision.output) == ({"to_agent": "bob", "reason": "he knows"}, "bob")
    assert [(link.kind, link.to) for link in second.links] == [("caused_by", decision.id)]
    assert (first.input, second.output) == (
        {"role": "user", "content": "Weather in Paris?"},
        "It is sunny in Paris.",
    )


def test_agents_that_run_in_parallel_tasks_have_their_own_steps(double: ProviderDouble, path: Path) -> None:
    cities = ["Paris", "Rome", "Oslo"]

    async def run() -> Any:
        one = agent(double)
        return await asyncio.gather(*(said(_run(one, f"forecast {city}")) for city in cities))

    found = played(double, path, run, **FREEZE)

    assert found == "\n".join([ONE_TOOL] * 3)
    assert len(RAN) == 6
    with Replayer(path) as rep:
        result_of(run)
    by_id = {span.id: span for span in rep.trace}
    for span in rep.trace.of_kind("tool"):
        around = by_id[span.parent or 0]
        assert around.input.startswith("forecast ")
        assert around.output is not None
        assert span.output in around.output


def test_an_agent_whose_events_are_read(double: ProviderDouble, path: Path) -> None:
    one = agent(double)

    async def run() -> Any:
        handler = one.run(user_msg="Weather in Paris?")
        told = [event.delta async for event in handler.stream_events() if isinstance(event, AgentStream)]
        return told, str(await handler)

    assert played(double, path, run, *asks(), **FREEZE) == ONE_TOOL


def test_an_error_of_the_model_ends_the_run(double: ProviderDouble, path: Path) -> None:
    one = agent(double)

    assert played(double, path, lambda: said(_run(one)), Status(400)) == (
        "agent weather !\n  llm openai chat.completions !"
    )


def test_an_agent_that_a_tool_asks_is_beneath_that_tool(double: ProviderDouble, path: Path) -> None:
    async def ask_expert(question: str) -> str:
        """Ask somebody who knows."""
        return str(await _run(agent(double, name="expert", tools=[]), question))

    def clerk() -> Any:
        return agent(double, name="clerk", tools=[ask_expert])

    turns = (
        Turn(calls=(ToolUse("ask_expert", {"question": "Why?"}),)),
        Turn(text="Because."),
        Turn(text="He says so."),
    )
    expected = """\
agent clerk
  llm openai chat.completions
  tool ask_expert
    agent expert
      llm openai chat.completions
  llm openai chat.completions"""

    assert played(double, path, lambda: said(_run(clerk())), *turns) == expected
    path.unlink()
    assert played(double, path, lambda: said(_run(clerk())), *turns, **FREEZE) == expected


def test_another_frozen_call_is_refused(double: ProviderDouble, path: Path) -> None:
    tool = FunctionTool.from_defaults(forecast)
    with Recorder(path):
        tool(city="Paris")
    with pytest.raises(UnrecordedCallError, match="no recorded tool forecast is left to serve"):
        with Replayer(path, **FREEZE):
            tool(city="Rome")

    assert RAN == ["Paris"]


# --- workflows of the program


class Drafted(Event):
    text: str


class Judged(Event):
    text: str
    by: str


class Essay(Workflow):
    """Drafts, has two judges at work at once, and sums up."""

    llm: Any = None

    @step
    async def draft(self, ctx: Context, ev: StartEvent) -> Drafted | Judged:
        answer = await self.llm.acomplete(f"Write about {ev.topic}")
        for by in ("ann", "ben"):
            ctx.send_event(Drafted(text=f"{by}: {answer}"))
        return Drafted(text=f"cyd: {answer}")

    @step(num_workers=3)
    async def judge(self, ev: Drafted) -> Judged:
        by = ev.text[:3]
        return Judged(text=str(await self.llm.acomplete(f"Judge {ev.text}")), by=by)

    @step(num_workers=1)  # several at once are run again where they came in between
    async def sum_up(self, ctx: Context, ev: Judged) -> StopEvent | None:
        found = ctx.collect_events(ev, [Judged] * 3)
        if found is None:
            return None
        return StopEvent(result=sorted((one.by, one.text) for one in found))


def essay(double: ProviderDouble) -> Any:
    made = Essay(timeout=30)
    made.llm = model(double)
    return made


def test_a_workflow_and_its_steps(double: ProviderDouble, path: Path) -> None:
    one = essay(double)

    async def run() -> Any:
        return await one.run(topic="llamas")

    found = played(double, path, run, at_once=True)

    lines = found.splitlines()
    assert lines[:3] == ["chain Essay", "  chain draft", "    llm openai chat.completions"]
    assert lines.count("  chain judge") == lines.count("  chain sum_up") == 3
    assert lines.count("    llm openai chat.completions") == 4
    with Replayer(path) as rep:
        result_of(run)
    steps = {span.name: span for span in rep.trace}
    assert steps["Essay"].input == {"topic": "llamas"}
    assert steps["Essay"].output[0][0] == "ann"
    assert steps["draft"].input == {"event": "StartEvent", "topic": "llamas"}
    assert steps["judge"].output["event"] == "Judged"
    by_id = {span.id: span for span in rep.trace}
    for span in rep.trace.of_kind("llm"):
        around = by_id[span.parent or 0]
        if around.name == "judge":
            assert span.exchange is not None
            assert span.exchange.request.body is not None
            assert around.input["text"] in str(span.exchange.request.body.json)


def test_two_workflows_started_one_after_the_other_run_side_by_side(
    double: ProviderDouble, path: Path
) -> None:
    one = essay(double)

    async def run() -> Any:
        handlers = [one.run(topic=topic) for topic in ("llamas", "wool")]
        return [await handler for handler in handlers]

    found = played(double, path, run, at_once=True)

    assert [line for line in found.splitlines() if not line.startswith(" ")] == ["chain Essay"] * 2


class Failing(Workflow):
    @step
    async def fail(self, ev: StartEvent) -> StopEvent:
        raise KeyError(ev.topic)


class Slow(Workflow):
    @step
    async def wait(self, ev: StartEvent) -> StopEvent:
        await asyncio.sleep(60)
        return StopEvent(result="late")


class Plain(Workflow):
    llm: Any = None

    @step
    def answer(self, ev: StartEvent) -> StopEvent:
        return StopEvent(result=str(self.llm.complete(f"Write about {ev.topic}")))


def test_an_error_of_a_step_ends_the_workflow(double: ProviderDouble, path: Path) -> None:
    async def run() -> Any:
        return await Failing().run(topic="llamas")

    assert played(double, path, run) == "chain Failing !\n  chain fail !"


def test_a_workflow_that_is_cancelled_ends_its_steps(double: ProviderDouble, path: Path) -> None:
    async def run() -> Any:
        handler = Slow().run(topic="llamas")
        await asyncio.sleep(0.05)
        await handler.cancel_run()
        try:
            return await handler
        except BaseException as error:
            return type(error).__name__

    assert played(double, path, run).splitlines()[0].startswith("chain Slow")


def test_a_step_that_is_not_async_runs_in_a_thread(double: ProviderDouble, path: Path) -> None:
    one = Plain()
    one.llm = model(double)

    async def run() -> Any:
        return await one.run(topic="llamas")

    assert played(double, path, run) == "chain Plain\n  chain answer\n    llm openai chat.completions"


# --- tools of other kinds


class Old(BaseTool):
    """A tool that is only called."""

    @property
    def metadata(self) -> ToolMetadata:
        return ToolMetadata("old", "old")

    def __call__(self, input: Any) -> ToolOutput:
        RAN.append(input)
        return ToolOutput(
            content=f"old {input}", tool_name="old", raw_input={"input": input}, raw_output={"said": input}
        )


class Own(AsyncBaseTool):
    """A tool that a program writes, both forms of which are one."""

    @property
    def metadata(self) -> ToolMetadata:
        return ToolMetadata("own", "own")

    def call(self, input: str) -> ToolOutput:
        RAN.append(input)
        if input == "bad":
            raise ValueError("bad input")
        return ToolOutput(
            content=f"own {input}",
            tool_name="own",
            raw_input={"input": input},
            raw_output=[1, 2],
            is_error=input == "no",
        )

    async def acall(self, input: str) -> ToolOutput:
        return self.call(input)


class Derived(Own):
    """One that makes something of what another does."""

    def call(self, input: str) -> ToolOutput:
        found = super().call(input)
        return ToolOutput(content=f"{found.content}!", tool_name="own", raw_input={}, raw_output=None)


def _output(output: Any) -> Any:
    if not isinstance(output, ToolOutput):
        return output
    raw = output.raw_output
    nodes = getattr(raw, "source_nodes", raw if isinstance(raw, list) else [])
    return output.model_dump(exclude={"raw_output"}), type(raw), str(raw), [str(one) for one in nodes]


TOOLS: dict[str, Any] = {
    "old": lambda double: Old(),
    "own": lambda double: Own(),
    "derived": lambda double: Derived(),
    "function": lambda double: FunctionTool.from_defaults(forecast, name="own"),
    "engine": lambda double: QueryEngineTool.from_defaults(index(double).as_query_engine(llm=model(double))),
    "retriever": lambda double: RetrieverTool.from_defaults(index(double).as_retriever()),
}


@pytest.mark.parametrize("kind", TOOLS)
@pytest.mark.parametrize("how", ["sync", "async", "call_tool"])
def test_tools_of_any_kind_are_one_step_and_served(
    double: ProviderDouble, path: Path, kind: str, how: str
) -> None:
    tool = TOOLS[kind](double)

    def run() -> Any:
        if how == "call_tool":
            return _output(call_tool(tool, {"city" if kind == "function" else "input": "llamas"}))
        if how == "sync" or kind == "old":
            return _output(tool("llamas"))

        async def one() -> Any:
            return _output(await tool.acall("llamas"))

        return one()

    found = played(double, path, run, freeze={"llm", "tools"}).splitlines()

    assert [line for line in found if line.lstrip().startswith("tool ")] == found[:1]
    assert len(RAN) == (0 if kind in ("engine", "retriever") else 2)


@pytest.mark.parametrize("given", ["bad", "no"])
@pytest.mark.parametrize("how", ["sync", "async"])
def test_an_error_of_a_tool_is_served_too(double: ProviderDouble, path: Path, given: str, how: str) -> None:
    async def run() -> Any:
        return _output(await Own().acall(given) if how == "async" else Own().call(given))

    played(double, path, run, freeze={"llm", "tools"})

    assert [given] * 2 == RAN


def test_a_tool_that_is_given_the_context_of_the_run(double: ProviderDouble, path: Path) -> None:
    async def remember(ctx: Context, city: str) -> str:
        """Keep a city in mind."""
        RAN.append(type(ctx).__name__)
        return f"I keep {city} in mind."

    remember.__annotations__ = {"ctx": Context, "city": str, "return": str}  # it reads no strings
    one = agent(double, tools=[remember])
    found = played(double, path, lambda: said(_run(one)), *asks("remember"), **FREEZE)

    assert found == ONE_TOOL.replace("forecast", "remember")
    assert len(RAN) == 2
    with Replayer(path, **FREEZE) as rep:
        result_of(lambda: _run(one))
    (tool,) = rep.trace.of_kind("tool")
    assert tool.input == {"city": "Paris"}


def test_what_a_tool_makes_of_its_result_is_made_again(double: ProviderDouble, path: Path) -> None:
    tool = FunctionTool.from_defaults(forecast, callback=lambda found: f"<{found}>")
    found = played(double, path, lambda: _output(tool(city="Paris")), **FREEZE)

    assert found == "tool forecast"
    assert RAN == ["Paris"] * 2


def test_a_recorder_can_be_told_not_to_look(double: ProviderDouble, path: Path) -> None:
    double.script(*asks())
    with Recorder(path, intercept_llamaindex=False) as rec:
        result_of(lambda: _run(agent(double)))

    assert tree(rec.trace) == "llm openai chat.completions\nllm openai chat.completions"


def test_a_form_that_an_answer_fills_in_is_no_tool(double: ProviderDouble, path: Path) -> None:
    def filled() -> Any:
        return model(double).structured_predict(Choice, PromptTemplate("Which one purrs?")).model_dump()

    asked = Turn(calls=(ToolUse("Choice", {"animal": "cat"}),))
    shown = played(double, path, filled, asked, **FREEZE)

    assert "tool" not in shown
    assert shown.count("llm") == 1


class Choice(BaseModel):
    """Which one it is."""

    animal: str
