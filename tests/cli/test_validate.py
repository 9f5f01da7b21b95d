"""``replay validate``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.samples import chat, replay, replay_process, tool, write
from trace_ops import cassette

KEY = "sk-proj-" + "Ab1" * 20


def abandon(path: Path, calls: int) -> None:
    """Record in a process that is killed before it is done."""
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from tests.cli.samples import chat\n"
        "from trace_ops import cassette\n"
        "journal = cassette.Journal.open(Path(sys.argv[1]), {'name': 'x', 'mode': 'all'})\n"
        "for n in range(1, int(sys.argv[2]) + 1):\n"
        "    journal.append(chat(n, asked=f'new {n}', model=None, usage=None, cost_usd=None))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code, str(path), str(calls)], check=False, cwd=root, env=os.environ)


def test_sound_cassettes_are_ok(tmp_path: Path) -> None:
    path = write(tmp_path / "good.yaml", chat(1), chat(2, asked="Bye"))
    done = replay("validate", tmp_path)

    assert done.exit_code == 0
    assert done.stdout == f"{path}: ok, 2 LLM calls · 34 tokens · $0.00025 · 912 ms\n"
    assert done.stderr == "1 cassette, no problems\n"


def test_each_problem_is_told_with_file_line_and_remedy(tmp_path: Path) -> None:
    write(tmp_path / "good.yaml", chat(1))
    broken, newer = tmp_path / "broken.yaml", tmp_path / "newer.yaml"
    broken.write_text("version: 1\nspans:\n- span: [\n")
    newer.write_text("version: 99\nspans: []\n")
    done = replay("validate", tmp_path / "good.yaml", broken, newer)

    assert done.exit_code == 1
    assert f"{broken}:" in done.stdout
    assert f"{newer}:1: " in done.stdout
    assert "good.yaml: ok" in done.stdout
    assert done.stderr == "3 cassettes, 2 with problems\n"


def test_what_was_scrubbed_is_listed(tmp_path: Path) -> None:
    path = write(tmp_path / "x.yaml", chat(1, asked=f"my key is {KEY}"))
    replay("scrub", path)
    done = replay("validate", path)

    assert done.exit_code == 0
    assert "  scrubbed: openai-key  1x  <openai-key:" in done.stdout


def test_a_secret_is_found_at_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "x.yaml", chat(1), chat(2, asked=f"my key is {KEY}"))
    done = replay("validate", path)
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if KEY in text)

    assert done.exit_code == 1
    assert done.stdout.startswith(f"{path}:{line}: looks like a secret (openai-key), 1 time in span 2\n")
    assert "replay scrub" in done.stdout
    assert KEY not in done.output


def test_values_of_environment_variables_are_secrets(tmp_path: Path) -> None:
    path = write(tmp_path / "x.yaml", tool(1, "login", {"with": "hunter22-and-more"}, "ok"))

    assert replay("validate", path).exit_code == 0
    done = replay("validate", path, env={"DB_PASSWORD": "hunter22-and-more"})
    assert done.exit_code == 1
    assert "env:DB_PASSWORD" in done.stdout


def test_an_unfinished_recording_is_a_problem_until_it_is_recovered(tmp_path: Path) -> None:
    path = write(tmp_path / "x.yaml", chat(1, asked="old"))
    abandon(path, 3)

    done = replay("validate", path)
    assert done.exit_code == 1
    assert "recording that did not come to its end (the program was killed): 3 steps" in done.stdout
    assert "--recover" in done.stdout

    done = replay("validate", "--recover", path)
    assert done.exit_code == 0
    assert f"{path}: recovered 3 steps\n" in done.stdout
    assert [span.id for span in cassette.load(path).trace] == [1, 2, 3, 4]
    assert [file.name for file in tmp_path.iterdir()] == ["x.yaml"]


def test_a_recording_whose_cassette_never_came_to_be_is_recovered(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    abandon(path, 2)

    assert replay("validate", tmp_path).exit_code == 1
    assert replay("validate", "--recover", path).exit_code == 0
    assert [span.id for span in cassette.load(path).trace] == [1, 2]


def test_recovered_calls_tell_model_tokens_and_cost(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    abandon(path, 1)
    replay("validate", "--recover", path)
    (span,) = cassette.load(path).trace

    assert span.model == "gpt-5"
    assert span.usage is not None
    assert span.cost_usd is not None


def test_recovering_twice_adds_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "x.yaml", chat(1, asked="new 1"))
    abandon(path, 1)
    replay("validate", "--recover", path)
    before = path.read_bytes()

    assert replay("validate", "--recover", path).exit_code == 0
    assert path.read_bytes() == before


def test_json(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("- 1\n")
    done = replay("validate", "--json", broken, write(tmp_path / "good.yaml", chat(1)))
    bad, good = json.loads(done.stdout)

    assert done.exit_code == 1
    assert (bad["ok"], good["ok"]) == (False, True)
    assert set(bad["problems"][0]) == {"path", "line", "problem", "remedy"}
    assert good["totals"]["llm_calls"] == 1


@pytest.mark.parametrize("broken", [b"", b"\0\1\2", b"version: 1\nspans: !!python/object:os.system {}\n"])
def test_nothing_gives_a_traceback(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(broken)
    done = replay_process("validate", path)

    assert done.returncode == 1
    assert done.stdout.startswith(str(path))
    assert "Traceback" not in done.stderr
