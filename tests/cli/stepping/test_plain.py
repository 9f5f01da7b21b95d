"""The plain shell of ``replay debug``: through the runner, a pipe, and a terminal that draws nothing."""

from __future__ import annotations

import errno
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.cli.samples import conversation, replay_process, write
from tests.cli.stepping.runs import ASKED, QUESTION, hostile, weather, with_another_tool
from trace_ops.cli import cli
from trace_ops.cli.stepping.commands import BY_LETTER


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "agent.yaml", *weather(), name="weather")


def debug(*args: object, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["debug", *map(str, args)], input=typed, env={"COLUMNS": "100"})


def _steps(shown: str) -> list[str]:
    """What is told below the head of the run, step by step."""
    return shown.split("\n\n")[1:]


def test_the_run_is_shown_and_its_first_step(path: Path) -> None:
    done = debug(path)

    assert (done.exit_code, done.stderr) == (0, "")
    head, first = done.stdout.split("\n\n", 1)
    assert head.splitlines()[0].startswith("weather  ")
    assert head.splitlines()[2] == "3 LLM calls · 1 tool call · 34 tokens · $0.00025 · 1.1 s"
    assert first.splitlines() == [
        "1 agent forecaster  Σ 24 → 10 tokens · $0.00025 · 900 ms",
        "  input: Where does it rain?",
        "",
        "  ends at 900 ms",
        "step 1 of 5 begins · at 0 ms · 0 tokens · $0.00",
    ]


def test_steps_tell_what_is_new_in_them(path: Path) -> None:
    done = debug(path, typed="n\n\nn\n")

    assert [step.splitlines() for step in _steps(done.stdout)[2:]] == [
        [
            "2 gpt-5 chat.completions  12 → 5 tokens · $0.00013 · 200 ms",
            "  user: Where does it rain?",
            '  assistant: calls look {"at": "Oslo"}',
            "step 2 of 5 · at 210 ms · 17 tokens · $0.00013",
        ],
        [
            "3 tool look  100 ms",
            '  input: {"at": "Oslo"}',
            "  output: rainy",
            "step 3 of 5 · at 350 ms · 17 tokens · $0.00013",
        ],
        [
            "4 gpt-5 chat.completions  12 → 5 tokens · $0.00013 · 300 ms",
            "  goes on from step 2",
            "  tool: rainy",
            "  assistant: In Oslo.",
            "step 4 of 5 · at 700 ms · 34 tokens · $0.00025",
        ],
    ]


def test_what_a_model_said_is_not_new_when_it_comes_back_written_otherwise(tmp_path: Path) -> None:
    answer = {**ASKED, "content": ""}
    told = {"role": "tool", "tool_call_id": "call_1", "content": "rainy"}
    last = {"role": "assistant", "content": "In Oslo."}
    path = write(
        tmp_path / "agent.yaml",
        conversation(1, [QUESTION], ASKED),
        conversation(2, [QUESTION, {**answer, "name": "forecaster"}, told], last),
    )
    done = debug(path, typed="2\n")

    assert "  goes on from step 1\n  tool: rainy\n  assistant: In Oslo.\n" in done.stdout


def test_views_show_all_messages_or_the_wire(path: Path) -> None:
    done = debug(path, typed="4\nv messages\nv raw\nv new\n")

    _, messages, raw = _steps(done.stdout)[2:4], *done.stdout.split("4 gpt-5 chat.completions")[2:4]
    assert '  assistant: calls look {"at": "Oslo"}\n  tool: rainy' in messages
    assert "POST /chat/completions" in raw
    assert '"content": "rainy"' in raw


def test_what_failed_is_told_in_full(path: Path) -> None:
    done = debug(path, typed="e\n")

    assert "5 gpt-5 chat.completions  50 ms  status 429: Slow down" in done.stdout
    assert "  error: status 429: Slow down" in done.stdout


def test_a_command_ends_the_way_it_is_told(path: Path) -> None:
    done = debug(path, typed="q\nn\n")
    assert "step 2 of 5" not in done.stdout

    done = debug(path, typed="x\nnext\n/ nowhere\ng 77\n?\n")
    notes = done.stdout.splitlines()[10:]
    assert notes[:4] == [
        "no command 'x'; ? lists them",
        "no command 'next'; ? lists them",
        "no further match",
        "there is no step 77; they run from 1 to 5",
    ]
    assert [line.split()[0] for line in notes[4:-1]] == list(BY_LETTER)


@pytest.mark.parametrize(
    ("option", "numbers"), [("--tools-only", "3"), ("--llm-only", "245"), ("--filter=is:error", "5")]
)
def test_only_some_steps(path: Path, option: str, numbers: str) -> None:
    done = debug(path, option, typed="n\n" * 6)

    stepped = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("step ")]
    assert stepped == list(numbers)


def test_options_that_cannot_be_meant(path: Path) -> None:
    both = debug(path, "--tools-only", "--llm-only")
    assert both.exit_code == 2
    assert "exclude each other" in both.stderr
    assert debug(path, "--filter", "kind:").exit_code == 2
    assert debug(path.parent / "none.yaml").exit_code == 2


def test_nothing_to_step_through_is_a_note(path: Path, tmp_path: Path) -> None:
    done = debug(path, "--filter", "kind:retrieval")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "no step is one of those asked for\n")
    done = debug(write(tmp_path / "empty.yaml"))
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "no steps\n")


def test_two_runs_are_compared_step_by_step(path: Path, tmp_path: Path) -> None:
    new = write(tmp_path / "new.yaml", *with_another_tool())
    done = debug(new, "--compare", path, typed="3\nd\nd\ng 2\ng 5\n")

    shown = done.stdout.splitlines()
    assert "  1 difference; d shows it" in shown
    at = shown.index("tool result changed")
    assert shown[at + 1 : at + 4] == [
        "  - rainy",
        "  + rainy all day",
        "step 3 of 6 · difference 1 of 1 · at 350 ms · 17 tokens · $0.00013",
    ]
    assert "as step 2 of the other run, openai chat.completions gpt-5" in shown
    assert "tool result changed, follows from step 3, tool look: tool result changed" in shown


def test_a_step_that_is_gone_can_be_looked_at(path: Path, tmp_path: Path) -> None:
    old = write(tmp_path / "old.yaml", *with_another_tool())
    done = debug(path, "--compare", old, "--filter", "Bergen", typed="")

    assert "4 tool look  10 ms\n  only in the other run\n" in done.stdout
    assert "  output: dry" in done.stdout
    assert "step 4 of the other run, which this one has not" in done.stdout


def test_it_works_in_a_pipe_and_in_an_encoding_that_lacks_characters(path: Path) -> None:
    done = replay_process("debug", path, typed="n\nn\nq\n", env={"PYTHONIOENCODING": "ascii"})

    assert (done.returncode, done.stderr) == (0, "")
    assert "1 agent forecaster  sum 24 > 10 tokens - $0.00025 - 900 ms" in done.stdout
    assert "step 3 of 5 - at 350 ms" in done.stdout


def test_what_is_typed_may_be_anything(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trace_ops.cli", "debug", str(path)],
        input=b"\xff\xfe\n\x1b[A\nn\n",
        capture_output=True,
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout
    assert b"step 2 of 5" in done.stdout


def test_a_reader_that_goes_away_ends_it(path: Path, tmp_path: Path) -> None:
    commands = tmp_path / "commands"
    commands.write_text("n\np\n" * 10_000)
    with commands.open() as typed:
        process = subprocess.Popen(
            [sys.executable, "-m", "trace_ops.cli", "debug", str(path)],
            stdin=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    with process.stderr as stderr:
        assert stderr.read() == b""
    assert process.wait(timeout=60) == 141


def test_a_dumb_terminal_is_prompted_and_sent_no_escapes(path: Path) -> None:
    shown, code = _in_terminal([path], b"n\nq\n", TERM="dumb")

    assert code == 0
    assert b"replay> " in shown
    assert b"step 2 of 5" in shown
    assert b"\x1b" not in shown


HOSTILE = "\x1b[2J\x1b]0;title\x07 [bold]gone[/bold] \u202eesrever\u2066 \x9b31m \x08\x7f \u200b [link=x]y"


@pytest.mark.parametrize("commands", ["n\n" * 6, "v\nn\nn\nn\nn\n", "v\nv\nn\nn\nn\nn\n", "d\nn\nn\nn\n"])
def test_what_was_recorded_cannot_steer_the_terminal(tmp_path: Path, commands: str) -> None:
    path = write(tmp_path / "evil.yaml", *hostile(HOSTILE), name=HOSTILE)
    other = write(tmp_path / "other.yaml", *hostile(f"other {HOSTILE}"))
    done = debug(path, "--compare", other, typed=commands)

    assert done.exit_code == 0
    assert all(char.isprintable() or char == "\n" for char in done.stdout)
    assert "[bold]gone[/bold]" in done.stdout


def _in_terminal(args: list[object], typed: bytes, **env: str) -> tuple[bytes, int]:
    """Run the command in a terminal of its own."""
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "trace_ops.cli", "debug", *map(str, args)],
        stdin=side,
        stdout=side,
        stderr=side,
        env={**os.environ, **env},
    )
    os.close(side)
    os.write(main, typed)
    shown = b""
    try:
        while part := os.read(main, 65_536):
            shown += part
    except OSError as error:
        # So Linux says that no one has the other side open any more.
        if error.errno != errno.EIO:
            raise
    finally:
        os.close(main)
    return shown, process.wait(timeout=60)
