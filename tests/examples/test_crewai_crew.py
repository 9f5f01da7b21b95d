"""The crew of the example replays from its cassette, with no key and no network."""

from __future__ import annotations

from pathlib import Path

import pytest

import tests.frameworks.crewai.quiet  # noqa: F401 - before CrewAI

pytest.importorskip("crewai", reason="CrewAI is not installed: it has an environment of its own")

from examples import crewai_crew
from tests.cli.samples import replay_process
from tests.frameworks.crewai.kit import QUIET
from tests.frameworks.trees import tree
from trace_ops import Replayer

ROOT = Path(__file__).parents[2]
CASSETTE = ROOT / "cassettes" / "examples" / "crewai_crew.yaml"
LINE = "Llamas: at home where the air is thin."

pytestmark = QUIET


def test_the_crew_replays() -> None:
    with Replayer(CASSETTE) as replayer, crewai_crew.connected() as llm:
        said = crewai_crew.crew(llm).kickoff({"animal": "llama"}).raw

    expected = """\
chain zoo
  chain research
    agent researcher
      llm openai chat.completions
      tool find_facts
      llm openai chat.completions
  chain line
    agent writer
      llm openai chat.completions"""
    assert said == LINE
    assert tree(replayer.trace) == expected
    assert not replayer.diff()


def test_the_program_replays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = ROOT / "examples" / "crewai_crew.py"
    monkeypatch.chdir(tmp_path)
    replayed = replay_process("run", "--replay", str(CASSETTE), "--", str(program))

    assert replayed.returncode == 0, replayed.stderr
    assert replayed.stdout.strip() == LINE
    assert "3 replayed" in replayed.stderr
