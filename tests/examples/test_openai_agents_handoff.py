"""The two agents replay from their cassette, handoff and all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("agents", reason="OpenAI Agents is not installed")

from examples import openai_agents_handoff
from tests.examples.kit import cassette, replayed
from tests.frameworks.trees import tree
from trace_ops import Replayer

ANSWER = "I am sorry about the kettle. 39.90 euros are on their way back to you."
TREE = """\
chain Agent workflow
  agent triage
    llm openai responses
    decision handoff to refunds
  agent refunds
    llm openai responses
    tool refund
    llm openai responses"""


def test_the_agents_replay() -> None:
    async def run() -> str:
        async with openai_agents_handoff.connected() as model:
            return await openai_agents_handoff.answer(model, "The kettle of order 1042 arrived broken.")

    with Replayer(cassette("openai_agents_handoff")) as replay:
        assert asyncio.run(run()) == ANSWER

    assert tree(replay.trace) == TREE
    assert replay.trace.captured == {"calls": {"openai": 3}, "steps": {"openai_agents": 5}}


def test_the_program_replays(tmp_path: Path) -> None:
    assert replayed("openai_agents_handoff", "--freeze", "tools", directory=tmp_path) == ANSWER
