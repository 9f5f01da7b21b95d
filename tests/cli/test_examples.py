"""The examples run as their docstrings say, with no key and no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.samples import replay_process

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)


def python(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, check=False)


def test_openai_tools() -> None:
    pytest.importorskip("openai")
    program = ("orders.yaml", "--", "examples/openai_tools.py", "Where is order 1042?")
    recorded = replay_process("run", "--record", *program)
    replayed = replay_process("run", "--replay", *program)

    assert (recorded.returncode, replayed.returncode) == (0, 0)
    assert "tomorrow" in recorded.stdout
    assert replayed.stdout == recorded.stdout
    assert replayed.stderr.startswith("replay: REPLAYED orders.yaml: 2 replayed")


def test_anthropic_stream() -> None:
    pytest.importorskip("anthropic")
    recorded, replayed, strictly = (
        python("examples/anthropic_stream.py", *mode) for mode in ((), (), ("none",))
    )

    assert recorded.stderr.startswith("RECORDED: ")
    assert replayed.stderr.startswith("REPLAYED: ")
    assert recorded.stdout == replayed.stdout == strictly.stdout


def test_pytest() -> None:
    pytest.importorskip("openai")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    # Installed for comparison; the two cannot be loaded in one run.
    others = ["-p", "no:recording", "-p", "no:cassetter"]
    command = [sys.executable, "-m", "pytest", "-q", *others, "examples/test_orders.py"]
    recorded, replayed = (
        subprocess.run(command, capture_output=True, text=True, check=False, env=env) for _ in range(2)
    )

    assert "2 passed" in recorded.stdout, recorded.stdout
    assert "2 passed" in replayed.stdout, replayed.stdout
    assert len(list(Path("cassettes").rglob("*.yaml"))) == 2
