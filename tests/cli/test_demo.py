"""``replay demo``: wherever it runs, it works and reads well."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.samples import replay, replay_process
from tests.cli.test_terminal import in_terminal

ESCAPE = "\x1b["


def test_it_records_shows_replays_and_misses() -> None:
    done = replay_process("demo")

    assert (done.returncode, done.stderr) == (0, "")
    parts = re.split(r"^(\d) .*$", done.stdout, flags=re.MULTILINE)
    record, shown, replayed, miss = parts[2::2]
    assert "get_weather(Oslo)" in record
    assert "RECORDED" in record
    assert "get_weather" in shown
    assert "REPLAYED" in replayed
    assert "same answer" in replayed
    assert "0 requests to the provider" in replayed
    assert "UnrecordedCallError" in miss
    assert '"You are a travel guide.' in miss
    assert '"You are a terse travel guide.' in miss


def test_it_fits_two_screens() -> None:
    done = replay_process("demo", env={"COLUMNS": "80"})

    assert len(done.stdout.splitlines()) <= 75


@pytest.mark.parametrize(
    "env",
    [
        {"NO_COLOR": "1"},
        {"COLUMNS": "40"},
        {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        {"LC_ALL": "C", "CI": "true", "TRACE_OPS_RECORD_MODE": "none", "TRACE_OPS_CACHE_DIR": "/nowhere"},
        {
            "HTTP_PROXY": "http://127.0.0.1:9",
            "ALL_PROXY": "socks5://127.0.0.1:9",
            "OPENAI_BASE_URL": "http://127.0.0.1:9",
            "OPENAI_API_KEY": "sk-" + "x1" * 20,
        },
    ],
    ids=str,
)
def test_it_depends_on_nothing_that_a_machine_may_say(env: dict[str, str]) -> None:
    done = replay_process("demo", env=env)

    assert (done.returncode, done.stderr) == (0, "")
    assert ESCAPE not in done.stdout


def test_it_needs_no_home_and_no_environment(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "trace_ops.cli", "demo"]
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=bare, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_gets_colours() -> None:
    assert ESCAPE in in_terminal("demo", env={"TERM": "xterm-256color"})
    assert ESCAPE not in in_terminal("demo", env={"TERM": "xterm-256color", "NO_COLOR": "1"})


def test_what_is_kept_can_be_replayed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    shown = replay_process("demo", "--keep", kept).stdout

    assert sorted(file.name for file in kept.iterdir()) == ["agent.py", "travel.yaml"]
    assert f"replay inspect {kept}/travel.yaml" in shown
    done = replay_process("run", "--replay", kept / "travel.yaml", "--", kept / "agent.py")
    assert done.returncode == 0
    assert done.stdout.startswith("Go to Rome")
    assert replay("validate", kept).exit_code == 0


def without(*sdks: str) -> subprocess.CompletedProcess[str]:
    """The demo where some SDKs are not installed."""
    code = (
        "import sys\n"
        "from importlib import util\n"
        "find = util.find_spec\n"
        f"util.find_spec = lambda name, *rest: None if name in {sdks!r} else find(name, *rest)\n"
        "from trace_ops.cli import main\n"
        "main(['demo'])\n"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_anthropic_will_do() -> None:
    pytest.importorskip("anthropic")
    done = without("openai")

    assert (done.returncode, done.stderr) == (0, "")
    assert "anthropic" in done.stdout.splitlines()[0]
    assert "same answer" in done.stdout


def test_without_any_sdk_the_extra_is_named() -> None:
    done = without("openai", "anthropic")

    assert done.returncode == 1
    assert done.stdout == ""
    assert 'pip install "TraceOps[demo]"' in done.stderr
    assert "Traceback" not in done.stderr
