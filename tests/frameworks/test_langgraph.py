"""Graphs and agents: nodes, routing, subgraphs, parallel branches, interrupts."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest

pytest.importorskip("langgraph", reason="needs langgraph")
pytest.importorskip("langchain", reason="needs langchain")
pytest.importorskip("langchain_openai", reason="needs langchain-openai")

from langchain.agents import create_agent
from langchain_core.prompts import ChatPromptTemplate
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import Command, Send, interrupt
from typing_extensions import TypedDict

from tests.frameworks.test_langchain import openai, tree
from trace_ops import Recorder, Replayer, diff_traces, load_cassette
from trace_ops.double import ProviderDouble


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.yaml"


ran: list[str] = []


def get_weather(city: str) -> str:
    """Tell the weather."""
    ran.append(city)
    return f"sunny in {city}"


def agent(double: ProviderDouble) -> Any:
    return create_agent(openai(double), [get_weather], name="forecaster")


ASKED = {"messages": [("user", "weather in Paris?")]}
AGENT = [
    "agent:forecaster",
    "  chain:model",
    "    llm:gpt-5",
    "  chain:tools",
    "    tool:get_weather",
    "  chain:model",
    "    llm:gpt-5",
]


def said(result: Any) -> list[tuple[str, Any]]:
    return [(message.type, message.content) for message in result["messages"]]


@pytest.mark.parametrize("way", ["invoke", "ainvoke", "stream", "astream"])
async def test_an_agent_reads_as_its_turns(double: ProviderDouble, path: Path, way: str) -> None:
    async def run() -> Any:
        if way == "stream":
            return said([*agent(double).stream(ASKED, stream_mode="values")][-1])
        if way == "astream":
            return said([step async for step in agent(double).astream(ASKED, stream_mode="values")][-1])
        return said(await agent(double).ainvoke(ASKED) if way == "ainvoke" else agent(double).invoke(ASKED))

    ran.clear()
    with Recorder(path) as rec:
        live = await run()
    assert tree(rec.trace) == AGENT
    hits = double.hits
    with Replayer(path, freeze_tools=True) as rep:
        assert await run() == live
    assert (double.hits, ran) == (hits, ["Paris"])
    assert tree(rep.trace) == AGENT
    assert not diff_traces(rec.trace, rep.trace)


def test_the_second_recording_is_the_first_one(double: ProviderDouble, tmp_path: Path) -> None:
    paths = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for path in paths:
        with Recorder(path):
            agent(double).invoke(ASKED)
    assert not diff_traces(*map(load_cassette, paths))


def test_routing_is_a_decision_and_a_subgraph_is_its_node(double: ProviderDouble) -> None:
    def draft(state: Any) -> Any:
        return {"messages": [openai(double).invoke("draft")]}

    def review(state: Any) -> str:
        return "fix"

    def fix(state: Any) -> Any:
        return {"messages": [("user", "fixed")]}

    inner = StateGraph(MessagesState)
    inner.add_node(draft)
    inner.add_node(fix)
    inner.add_edge(START, "draft")
    inner.add_conditional_edges("draft", review, ["fix", END])
    outer = StateGraph(MessagesState)
    outer.add_node("writer", inner.compile())
    outer.add_edge(START, "writer")
    with Recorder() as rec:
        outer.compile(name="desk").invoke({"messages": []})
    assert tree(rec.trace) == [
        "agent:desk",
        "  agent:writer",
        "    chain:draft",
        "      llm:gpt-5",
        "      decision:review",
        "    chain:fix",
    ]
    (decision,) = rec.trace.of_kind("decision")
    assert decision.output == "fix"
    assert rec.trace.spans[-1].output == {"messages": [["user", "fixed"]]}


class Found(TypedDict):
    found: Annotated[list[str], operator.add]


def fan_out(double: ProviderDouble) -> Any:
    def look(state: Any) -> Any:
        return {"found": [openai(double).invoke(f"look at {state['page']}").content]}

    async def alook(state: Any) -> Any:
        return {"found": [(await openai(double).ainvoke(f"look at {state['page']}")).content]}

    from langchain_core.runnables import RunnableLambda

    graph = StateGraph(Found)
    graph.add_node("look", RunnableLambda(look, alook))
    graph.add_conditional_edges(START, lambda _: [Send("look", {"page": str(page)}) for page in range(6)])
    return graph.compile(name="reader")


@pytest.mark.parametrize("is_async", [False, True])
async def test_parallel_nodes_keep_their_calls(
    double: ProviderDouble, tmp_path: Path, is_async: bool
) -> None:
    paths = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for path in paths:
        with Recorder(path):
            graph = fan_out(double)
            await graph.ainvoke({"found": []}) if is_async else graph.invoke({"found": []})
    one, two = map(load_cassette, paths)
    by_id = {span.id: span for span in one}
    assert one.total_llm_calls == 6
    for call in one.llm_calls:
        node = by_id[call.parent or 0]
        assert node.name == "look"
        assert call.exchange is not None
        assert call.exchange.request.body is not None
        assert f"look at {node.input['page']}" in str(call.exchange.request.body.raw)
    assert not diff_traces(one, two)


def test_an_interrupt_is_no_error(path: Path) -> None:
    def ask(state: Any) -> Any:
        return {"messages": [("user", interrupt("go on?"))]}

    graph = StateGraph(MessagesState)
    graph.add_node(ask)
    graph.add_edge(START, "ask")
    with Recorder() as rec:
        asking = graph.compile(checkpointer=InMemorySaver())
        thread: Any = {"configurable": {"thread_id": "1"}}
        asking.invoke({"messages": []}, thread)
        asking.invoke(Command(resume="yes"), thread)
    assert tree(rec.trace) == ["agent:LangGraph", "  chain:ask"] * 2
    assert rec.trace.errors == []
    first, second = (span for span in rec.trace if span.name == "ask")
    assert first.output == {"interrupt": [{"value": "go on?"}]}
    assert first.attributes == {"left_by": "interrupt"}
    assert second.output == {"messages": [["user", "yes"]]}


def test_graphs_can_be_left_out(double: ProviderDouble) -> None:
    with Recorder(intercept_langgraph=False) as rec:
        agent(double).invoke(ASKED)
    assert tree(rec.trace) == ["llm:gpt-5", "tool:get_weather", "llm:gpt-5"]


def test_what_a_node_runs_is_beneath_it(double: ProviderDouble) -> None:
    def work(state: Any) -> Any:
        chain = ChatPromptTemplate.from_template("{x}") | openai(double)
        return {"messages": [chain.with_config(run_name="summary").invoke({"x": "hi"})]}

    graph = StateGraph(MessagesState)
    graph.add_node(work)
    graph.add_edge(START, "work")
    with Recorder() as rec:
        graph.compile().invoke({"messages": []})
    assert tree(rec.trace) == ["agent:LangGraph", "  chain:work", "    chain:summary", "      llm:gpt-5"]


def test_an_error_of_a_node_is_told_by_all_that_it_ends() -> None:
    def work(state: Any) -> Any:
        raise ValueError("broken")

    graph = StateGraph(MessagesState)
    graph.add_node(work)
    graph.add_edge(START, "work")
    with Recorder() as rec, pytest.raises(ValueError, match="broken"):
        graph.compile().invoke({"messages": []})
    assert [(span.name, span.error and span.error.type) for span in rec.trace] == [
        ("LangGraph", "builtins.ValueError"),
        ("work", "builtins.ValueError"),
    ]
