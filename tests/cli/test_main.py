"""What all verbs share: exit codes, errors as text, speed."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.cli.samples import replay, replay_process
from trace_ops._version import __version__
from trace_ops.cli._main import VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_the_list_of_verbs_says_what_each_verb_says_of_itself(verb: str) -> None:
    command = import_module(f"trace_ops.cli.{verb}").command

    assert command.name == verb
    assert command.help.partition(".")[0] == VERBS[verb].partition(".")[0]


def test_help_loads_neither_yaml_nor_rich_nor_an_sdk() -> None:
    code = (
        "import sys, json\n"
        "from trace_ops.cli import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stderr)}

    assert "Commands:" in done.stdout
    assert "click" in loaded
    assert loaded & {"yaml", "rich", "openai", "anthropic", "httpx", "pydantic", "filelock"} == set()


def test_version() -> None:
    assert replay("--version").output == f"TraceOps {__version__}\n"


@pytest.mark.parametrize(
    "args",
    [
        ["nope"],
        ["inspect"],
        ["inspect", "there-is-none.yaml"],
        ["ls", "there-is-none"],
        ["validate", "there-is-none.yaml"],
        ["scrub", "there-is-none.yaml"],
        ["scrub", "--pattern", "(", "."],
        ["run", "program.py"],
        ["run", "--record", "x.yaml", "--replay", "x.yaml", "program.py"],
        ["run", "--replay", "x.yaml", "--mode", "all", "program.py"],
        ["run", "--record", "x.yaml", "there-is-none.py"],
        ["run", "--record", "x.yaml", "-m", "there_is_none"],
        ["run", "--record", "x.yaml", "--", "-m"],
        ["run", "--record", "x.yaml"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_writes_nothing_to_stdout(
    args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = replay(*args)

    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr


def test_an_error_of_ours_is_its_text_without_a_traceback(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\nspans: 12\n")
    done = replay_process("inspect", broken)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"replay: {broken}:")
    assert "Traceback" not in done.stderr
