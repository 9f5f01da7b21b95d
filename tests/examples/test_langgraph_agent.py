"""The travel agent replays from its cassette; frozen, its tools do not run."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("langgraph", reason="LangGraph is not installed")
pytest.importorskip("langchain", reason="LangChain is not installed")
pytest.importorskip("langchain_openai", reason="langchain-openai is not installed")

from examples import langgraph_agent
from tests.examples.kit import cassette, replayed
from tests.frameworks.trees import tree
from trace_ops import Replayer

ANSWER = "Go to Rome: it is 18 degrees and sunny there. The night train leaves at 19:53."
WISH = "Oslo or Rome this weekend?"
TREE = """\
agent travel agent
  chain model
    llm openai chat.completions
  chain tools
    tool get_weather
  chain tools
    tool get_weather
  chain model
    llm openai chat.completions
  chain tools
    tool find_trains
  chain model
    llm openai chat.completions"""


def test_the_agent_replays() -> None:
    with Replayer(cassette("langgraph_agent")) as replay, langgraph_agent.connected() as model:
        assert langgraph_agent.plan(model, WISH) == ANSWER

    assert tree(replay.trace) == TREE
    assert replay.trace.captured == {"calls": {"openai": 3}, "steps": {"langchain": 3, "langgraph": 7}}


def test_another_answer_of_a_tool_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test holds the agent to its recording: what a tool says otherwise is told with the step."""
    monkeypatch.setattr(langgraph_agent.get_weather, "func", lambda city: f"snow in {city}")
    with (
        pytest.raises(Exception, match="snow in"),
        Replayer(cassette("langgraph_agent")),
        langgraph_agent.connected() as model,
    ):
        langgraph_agent.plan(model, WISH)


def test_the_program_replays(tmp_path: Path) -> None:
    assert replayed("langgraph_agent", "--freeze", "tools", directory=tmp_path) == ANSWER
