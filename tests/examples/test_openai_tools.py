"""The support agent replays from its cassette, with no key and no network."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("openai", reason="openai is not installed")

from examples import openai_tools
from tests.examples.kit import cassette, replayed
from tests.frameworks.trees import tree
from trace_ops import Replayer

ANSWER = "It has shipped, and will be with you tomorrow."


def test_the_agent_replays() -> None:
    with Replayer(cassette("openai_tools")) as replay, openai_tools.connected() as client:
        assert openai_tools.answer(client, "Where is order 1042?") == ANSWER

    assert replay.trace.trajectory == ["llm:gpt-5-mini", "tool:find_order", "llm:gpt-5-mini"]
    assert tree(replay.trace) == "llm openai chat.completions\ntool find_order\nllm openai chat.completions"
    assert not replay.diff()


def test_the_program_replays(tmp_path: Path) -> None:
    assert replayed("openai_tools", directory=tmp_path) == ANSWER
