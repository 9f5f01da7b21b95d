"""Pipes, dumb terminals and missing characters."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.samples import chat, replay_process, write

ESCAPE = "\x1b["


@pytest.fixture
def many(tmp_path: Path) -> Path:
    return write(tmp_path / "many.yaml", *(chat(n, said="x" * 200) for n in range(1, 600)))


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    return write(tmp_path / "foreign.yaml", chat(1, said="Grüße → 東京 🎈"))


@pytest.mark.parametrize("args", [["inspect"], ["inspect", "--json"]], ids=" ".join)
def test_a_reader_that_stops_early_is_no_error(many: Path, args: list[str]) -> None:
    command = [sys.executable, "-m", "trace_ops.cli", *args, str(many)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        noise = process.stderr.read()

    assert noise == b""
    # Some kernels take the rest of a large write without an error.
    assert process.returncode in (141, 0)


@pytest.mark.parametrize(
    "args", [["inspect"], ["inspect", "--json"], ["inspect", "--span", "1"]], ids=" ".join
)
def test_text_an_encoding_lacks_is_shown_by_something_plain(foreign: Path, args: list[str]) -> None:
    done = replay_process(*args, foreign, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    assert "\\u6771\\u4eac" in done.stdout


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_any_locale_will_do(foreign: Path, locale: str) -> None:
    done = replay_process("inspect", foreign, env={"LC_ALL": locale, "PYTHONCOERCECLOCALE": "0"})

    assert (done.returncode, done.stderr) == (0, "")
    assert "Gr" in done.stdout


def test_a_pipe_gets_no_escape_codes(foreign: Path) -> None:
    assert ESCAPE not in replay_process("inspect", foreign).stdout


def in_terminal(*args: object, env: dict[str, str]) -> str:
    """What ``replay`` writes to a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "trace_ops.cli", *map(str, args)]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env={**os.environ, **env}) as process:
        os.close(theirs)
        output = b""
        try:
            while chunk := os.read(ours, 65536):
                output += chunk
        except OSError:  # the other end is closed
            pass
        process.wait()
    os.close(ours)
    return output.decode()


def test_a_terminal_gets_colours_unless_it_is_told_not_to(foreign: Path) -> None:
    assert ESCAPE in in_terminal("inspect", foreign, env={"TERM": "xterm-256color"})
    assert ESCAPE not in in_terminal("inspect", foreign, env={"TERM": "xterm-256color", "NO_COLOR": "1"})


def test_progress_is_shown_in_a_terminal_only(tmp_path: Path) -> None:
    for number in range(20):
        write(tmp_path / f"{number}.yaml", chat(1))

    assert "Reading cassettes" in in_terminal("ls", tmp_path, env={"TERM": "xterm-256color"})
    assert "Reading cassettes" not in replay_process("ls", tmp_path).stderr


@pytest.mark.parametrize("columns", ["20", "40", "200"])
def test_lines_fit_the_terminal(foreign: Path, columns: str) -> None:
    shown = replay_process("inspect", foreign, env={"COLUMNS": columns}).stdout

    assert max(map(len, shown.splitlines())) <= int(columns)
