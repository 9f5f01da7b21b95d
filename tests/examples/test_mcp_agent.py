"""The agent replays from its cassette; frozen, no server is started."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="mcp is not installed")
pytest.importorskip("openai", reason="openai is not installed")

from examples import mcp_agent
from tests.examples.kit import cassette, replayed
from trace_ops import Replayer

ANSWER = "We have no lamps until Monday, when 40 arrive. Of kettles there are 12, in hall B."
STEPS = [
    "custom:mcp initialize",
    "custom:mcp tools/list",
    "llm:gpt-5-mini",
    "tool:count_stock",
    "tool:count_stock",
    "llm:gpt-5-mini",
]


async def run() -> str:
    async with mcp_agent.connected() as client:
        return await mcp_agent.answer(client, "Are there lamps and kettles?")


def test_the_agent_replays_with_its_server() -> None:
    with Replayer(cassette("mcp_agent")) as replay:
        assert asyncio.run(run()) == ANSWER

    assert replay.trace.trajectory == STEPS


def test_frozen_it_needs_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_agent.SERVER, "command", "no-such-program")
    with Replayer(cassette("mcp_agent"), freeze={"llm", "tools"}) as replay:
        assert asyncio.run(run()) == ANSWER

    assert replay.trace.trajectory == STEPS
    assert not replay.diff()


def test_the_program_replays(tmp_path: Path) -> None:
    assert replayed("mcp_agent", "--freeze", "tools", directory=tmp_path) == ANSWER
