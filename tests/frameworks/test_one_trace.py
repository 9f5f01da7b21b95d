"""An agent of LangGraph, a retriever, a tool, an MCP server and two SDKs: one tree, each call once, offline."""
# ruff: noqa: E501 - the tree is as it is shown

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("langgraph", reason="LangGraph is not installed")
pytest.importorskip("langchain_openai", reason="langchain-openai is not installed")
pytest.importorskip("mcp", reason="the MCP client is not installed")
pytest.importorskip("anthropic", reason="anthropic is not installed")

from anthropic import AsyncAnthropic
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from typing_extensions import TypedDict

from tests.cli.samples import replay
from trace_ops import Recorder, Replayer, load_cassette, tool
from trace_ops.double import ProviderDouble, Turn

SERVER = Path(__file__).with_name("mcp_server.py")
DRAFT, FINAL = "Paris will be sunny for two days.", "Take a hat: two sunny days in Paris."


class State(TypedDict, total=False):
    city: str
    facts: list[str]
    draft: str
    final: str


class Guide(BaseRetriever):
    """A retriever over two pages."""

    def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
        return [Document(f"{query} has parks.", metadata={"page": 7}), Document("Pack light.")]


@tool
def local_time(city: str) -> str:
    """What time it is there."""
    return f"9 o'clock in {city}"


@dataclass
class Agent:
    """The agent, as a program would build it."""

    double: ProviderDouble
    command: str
    count: Path

    def graph(self) -> Any:
        graph = StateGraph(State)
        for name in ("look_up", "ask", "draft", "review"):
            graph.add_node(name, getattr(self, name))
        way = (START, "look_up", "ask", "draft", "review", END)
        for edge in pairwise(way):
            graph.add_edge(*edge)
        return graph.compile(name="guide")

    async def look_up(self, state: State) -> State:
        pages = await Guide().ainvoke(state["city"])
        return {"facts": [page.page_content for page in pages]}

    async def ask(self, state: State) -> State:
        arguments = [str(SERVER), str(self.count), "stdio", "weather"]
        parameters = StdioServerParameters(command=self.command, args=arguments)
        async with stdio_client(parameters) as streams, ClientSession(*streams) as session:
            await session.initialize()
            weather = await session.call_tool("forecast", {"city": state["city"], "days": 2})
        told = getattr(weather.content[0], "text", "")
        return {"facts": [*state["facts"], told, local_time(state["city"])]}

    async def draft(self, state: State) -> State:
        model = ChatOpenAI(model="gpt-5-mini", base_url=self.double.openai_url, api_key="key")  # type: ignore[arg-type]
        said = await model.ainvoke("Write a line: " + " ".join(state["facts"]))
        return {"draft": str(said.content)}

    async def review(self, state: State) -> State:
        async with AsyncAnthropic(base_url=self.double.url, api_key="key", max_retries=0) as client:
            said = await client.messages.create(
                model="claude-sonnet-5", max_tokens=50, messages=[{"role": "user", "content": state["draft"]}]
            )
        return {"final": getattr(said.content[0], "text", "")}

    def run(self) -> str:
        return str(asyncio.run(self.graph().ainvoke({"city": "Paris"}))["final"])


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        double.script(Turn(text=DRAFT), Turn(text=FINAL))
        yield double


@pytest.fixture
def agent(double: ProviderDouble, tmp_path: Path) -> Agent:
    return Agent(double, sys.executable, tmp_path / "arrived.txt")


@pytest.fixture
def path(agent: Agent, tmp_path: Path) -> Path:
    """The cassette of a run."""
    path = tmp_path / "guide.yaml"
    with Recorder(path):
        assert agent.run() == FINAL
    assert agent.double.hits == 2
    assert agent.count.read_text("utf-8").splitlines() == ["started", "forecast Paris"]
    agent.double.reset()
    agent.count.unlink()
    return path


TREE = """\
guide  guide.yaml
recorded WHEN
2 LLM calls · 2 tool calls · 51 tokens · COST · TIME
captured calls: anthropic 1, openai 1 · steps: langchain 1, langgraph 5, mcp 3
└── 1 agent guide  Σ 36 → 15 tokens · COST · TIME
      {"city": "Paris"} → {"city": "Paris", "facts": ["Paris has parks.", "Pack light.", "weather says sunny in Paris for 2 days", "9 o'clock in …
    ├── 2 chain look_up  TIME
    │     → {"facts": ["Paris has parks.", "Pack light."]}
    │   └── 3 retrieval Guide  TIME
    │         Paris → [{"text": "Paris has parks.", "metadata": {"page": 7}}, {"text": "Pack light.", "metadata": {}}]
    ├── 4 chain ask  TIME
    │     → {"facts": ["Paris has parks.", "Pack light.", "weather says sunny in Paris for 2 days", "9 o'clock in Paris"]}
    │   ├── 5 custom mcp initialize  TIME
    │   │     → ANSWER
    │   ├── 6 tool forecast  TIME
    │   │     {"city": "Paris", "days": 2} → {"content": [{"type": "text", "text": "weather says sunny in Paris for 2 days"}], "structuredContent": {"result": "weat…
    │   ├── 7 custom mcp tools/list  TIME
    │   │     → ANSWER
    │   └── 8 tool local_time  TIME
    │         {"city": "Paris"} → 9 o'clock in Paris
    ├── 9 chain draft  Σ 23 → 7 tokens · COST · TIME
    │     → {"draft": "Paris will be sunny for two days."}
    │   └── 10 gpt-5-mini chat.completions  23 → 7 tokens · COST · TIME
    │         Paris will be sunny for two days.
    └── 11 chain review  Σ 13 → 8 tokens · COST · TIME
          → {"final": "Take a hat: two sunny days in Paris."}
        └── 12 claude-sonnet-5 messages  13 → 8 tokens · COST · TIME
              Take a hat: two sunny days in Paris."""

_VARIES = (
    (re.compile(r"recorded .*"), "recorded WHEN"),
    (re.compile(r"\$\d[\d.]*"), "COST"),
    (re.compile(r"\b\d[\d.]* m?s\b"), "TIME"),
    (re.compile(r"(custom mcp [\w/]+  TIME\n[│ ]+)→ .*"), r"\1→ ANSWER"),
)


def shown(path: Path) -> str:
    """What ``replay inspect`` shows, without what differs from run to run and version to version."""
    text = replay("inspect", path, env={"COLUMNS": "200"}).stdout.replace(str(path), path.name).rstrip()
    for pattern, word in _VARIES:
        text = pattern.sub(word, text)
    return text


def test_it_reads_as_one_tree(path: Path) -> None:
    assert shown(path) == TREE


def test_the_header_tells_of_all_that_had_a_part(path: Path) -> None:
    trace = load_cassette(path)

    assert trace.captured == {
        "calls": {"anthropic": 1, "openai": 1},
        "steps": {"langchain": 1, "langgraph": 5, "mcp": 3},
    }
    assert {"openai", "anthropic", "langchain-core", "langgraph", "mcp"} <= trace.libraries.keys()
    assert (trace.passed_through, trace.uncaptured) == ({}, [])


def test_it_replays_without_a_request(path: Path, agent: Agent) -> None:
    """The server runs, since tools run on replay; the models are not asked."""
    with Replayer(path) as replayed:
        assert agent.run() == FINAL

    assert agent.double.hits == 0
    assert replayed.counts == {"replayed": 2, "recorded": 0, "missed": 0, "unplayed": 0}
    assert not replayed.diff()


def test_fully_frozen_there_is_no_server_either(path: Path, agent: Agent) -> None:
    agent.command = "no-such-program"
    with Replayer(path, freeze={"llm", "tools", "retrieval"}) as replayed:
        assert agent.run() == FINAL

    assert agent.double.hits == 0
    assert not agent.count.exists()
    assert not replayed.diff()
