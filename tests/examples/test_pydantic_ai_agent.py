"""The librarian replays from its cassette; what it answers is checked as it is live."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("pydantic_ai", reason="Pydantic AI is not installed")

from examples import pydantic_ai_agent
from tests.examples.kit import cassette, replayed
from tests.frameworks.trees import tree
from trace_ops import Replayer

TREE = """\
agent librarian
  llm openai chat.completions
  tool find_books
  llm openai chat.completions"""


def test_the_agent_replays() -> None:
    with Replayer(cassette("pydantic_ai_agent")) as replay, pydantic_ai_agent.connected() as model:
        run = pydantic_ai_agent.librarian.run("A book on the sea?", model=model)
        advice = asyncio.run(run).output

    assert advice == pydantic_ai_agent.Advice(**pydantic_ai_agent.ADVICE)
    assert tree(replay.trace) == TREE


def test_the_program_replays(tmp_path: Path) -> None:
    assert replayed("pydantic_ai_agent", "--freeze", "tools", directory=tmp_path).startswith(
        "title='The Sea Around Us'"
    )
