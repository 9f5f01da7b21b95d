"""Checks of a run that is served from its recording, with the SDK at work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from trace_ops import Recorder, Replayer, assertions
from trace_ops.assertions import (
    BudgetExceededError,
    assert_duration_under,
    assert_first_token_under,
    assert_tokens_under,
    assert_trajectory,
    tool,
)
from trace_ops.double import ProviderDouble, Slow, ToolUse, Turn

openai = pytest.importorskip("openai")

ASKS = Turn(calls=(ToolUse("search", {"query": "Oslo"}),))


def agent(url: str) -> None:
    """Asks once for a tool, which it runs unseen, and then streams its answer."""
    messages: list[Any] = [{"role": "user", "content": "How is the weather?"}]
    with openai.OpenAI(base_url=url, api_key="unused", max_retries=0) as client:
        asked = client.chat.completions.create(model="gpt-5", messages=messages).choices[0].message
        results = [
            {"role": "tool", "tool_call_id": call.id, "content": "Rain"} for call in asked.tool_calls or ()
        ]
        with client.chat.completions.create(
            model="gpt-5", messages=[*messages, asked, *results], stream=True,
            stream_options={"include_usage": True},
        ) as stream:  # fmt: skip
            list(stream)


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    path = tmp_path / "agent.yaml"
    with ProviderDouble() as double:
        double.script(ASKS, Turn(text="It rains in Oslo."))
        double.fail(None, Slow(0.05))
        with Recorder(path):
            agent(double.openai_url)
    return path


def test_a_replay_is_as_slow_as_its_recording_was(recorded: Path) -> None:
    with Replayer(recorded) as replay:
        agent("http://127.0.0.1:9")

    assert replay.trace.duration_ms < 1000
    for run in (recorded, replay):
        with pytest.raises(BudgetExceededError, match="max_seconds: "):
            assert_duration_under(run, max_seconds=0.15)
        with pytest.raises(BudgetExceededError, match="max_first_token_seconds: "):
            assert_first_token_under(run, max_seconds=0.04)
    assert_duration_under(replay, max_seconds="+300%")


def test_what_ran_unseen_is_known_in_both(recorded: Path) -> None:
    with Replayer(recorded) as replay:
        agent("http://127.0.0.1:9")

    for run in (recorded, replay):
        assert_trajectory(run, ["llm:gpt-5*", tool("search", query="Oslo"), "llm:gpt-5*"])
        assertions.assert_answer_contains(run, "Oslo")
        assertions.assert_no_errors(run)
    assert_tokens_under(replay, max_tokens="+0%")
