"""``replay debug`` in a real terminal, that of tmux; and where there is no Textual."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.samples import write
from tests.cli.stepping.runs import hostile, weather, with_another_tool
from tests.cli.stepping.test_plain import HOSTILE

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

_PATIENCE = 90.0


class Tmux:
    """A terminal of its own, in which a shell runs."""

    def __init__(self, directory: Path) -> None:
        self._socket = str(directory / "tmux")

    def start(self, *args: object, before: str = "") -> None:
        """Run ``replay debug``, and say when it has come to its end, and how."""
        command = shlex.join([sys.executable, "-m", "trace_ops.cli", "debug", *map(str, args)])
        self("new-session", "-d", "-x", "110", "-y", "30", f"{before} {command}; echo ended with $?; cat")

    def keys(self, *keys: str) -> None:
        self("send-keys", *keys)

    def screen(self) -> str:
        return self("capture-pane", "-p")

    def wait(self, holds: Callable[[str], bool]) -> str:
        """What is on the screen as soon as it is as it should be."""
        end = time.monotonic() + _PATIENCE
        while not holds(shown := self.screen()):
            if time.monotonic() > end:
                pytest.fail(f"this never came to be on the screen; what is there:\n{shown}")
            time.sleep(0.05)
        return shown

    def __call__(self, *args: str) -> str:
        clean = {
            name: value for name, value in os.environ.items() if name not in ("TMUX", "COLUMNS", "LINES")
        }
        done = subprocess.run(
            ["tmux", "-u", "-S", self._socket, "-f", os.devnull, *args],
            env={**clean, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"},
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=60,
        )
        return done.stdout


@pytest.fixture
def tmux(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tmux]:
    terminal = Tmux(tmp_path_factory.mktemp("t"))
    yield terminal
    terminal("kill-server")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "agent.yaml", *weather(), name="weather")


def test_the_app_steps_and_leaves_the_terminal_as_it_was(tmux: Tmux, path: Path) -> None:
    pytest.importorskip("textual", reason="the app of replay debug needs Textual")
    tmux.start(path)
    shown = tmux.wait(lambda screen: "input: Where does it rain?" in screen)
    assert "◆ forecaster" in shown
    assert "q quit" in shown
    tmux.keys("n", "Right", "Right")
    tmux.wait(lambda screen: "step 4 of 5" in screen and "assistant: In Oslo." in screen)
    tmux.keys("g", "2", "Enter")
    tmux.wait(lambda screen: "step 2 of 5" in screen)
    tmux.keys("/", "s", "l", "o", "w", "Enter")
    tmux.wait(lambda screen: "status 429: Slow down" in screen)
    tmux.keys("q")
    ended = tmux.wait(lambda screen: "ended with" in screen)
    assert "ended with 0" in ended
    assert "forecaster" not in ended


def test_the_app_shows_two_runs_beside_each_other(tmux: Tmux, path: Path, tmp_path: Path) -> None:
    pytest.importorskip("textual", reason="the app of replay debug needs Textual")
    tmux.start(write(tmp_path / "new.yaml", *with_another_tool()), "--compare", path)
    tmux.wait(lambda screen: "input: Where does it rain?" in screen)
    tmux.keys("d", "n")
    tmux.wait(lambda screen: "tool result changed" in screen and "+ rainy all day" in screen)
    tmux.keys("C-c")
    tmux.wait(lambda screen: "ended with 0" in screen)


def test_what_was_recorded_does_not_steer_the_terminal(tmux: Tmux, tmp_path: Path) -> None:
    pytest.importorskip("textual", reason="the app of replay debug needs Textual")
    tmux.start(write(tmp_path / "evil.yaml", *hostile(HOSTILE), name=HOSTILE))
    tmux.wait(lambda screen: "input: \\x1b[2J" in screen)
    tmux.keys("n", "v", "v")
    tmux.wait(lambda screen: "\\u001b[2J" in screen)
    assert tmux("display-message", "-p", "#{pane_title}").strip() != "title"
    tmux.keys("q")
    tmux.wait(lambda screen: "ended with 0" in screen)


def test_without_textual_the_plain_commands_remain_and_it_is_said_once(
    tmux: Tmux, path: Path, tmp_path: Path
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import importlib.util, sys\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'textual' else find(name, *more)\n"
    )
    tmux.start(path, before=f"PYTHONPATH={tmp_path / 'site'}")
    shown = tmux.wait(lambda screen: "replay>" in screen)
    assert shown.count('pip install "TraceOps[debug]"') == 1
    tmux.keys("n", "Enter")
    shown = tmux.wait(lambda screen: "step 2 of 5" in screen)
    assert shown.count('pip install "TraceOps[debug]"') == 1
    tmux.keys("q", "Enter")
    tmux.wait(lambda screen: "ended with 0" in screen)


@pytest.mark.parametrize("before", ["TERM=dumb", "PYTHONIOENCODING=ascii"])
def test_a_terminal_that_cannot_be_drawn_on_is_asked_line_by_line(
    tmux: Tmux, path: Path, before: str
) -> None:
    tmux.start(path, before=before)
    shown = tmux.wait(lambda screen: "replay>" in screen)
    assert "TraceOps[debug]" not in shown
    tmux.keys("C-d")
    tmux.wait(lambda screen: "ended with 0" in screen)
