"""``replay scrub``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.samples import chat, replay, streamed, tool, write
from trace_ops import Recorder, cassette

KEY = "sk-proj-" + "Ab1" * 20


@pytest.fixture
def leaky(tmp_path: Path) -> Path:
    return write(
        tmp_path / "leaky.yaml",
        chat(1, asked=f"my key is {KEY}", said=f"keep {KEY} to yourself"),
        streamed(2, ["It is ", KEY[:20], KEY[20:], "."]),
        tool(3, "login", {"key": KEY}, "ok"),
    )


def test_secrets_leave_the_file_and_the_rest_stays(leaky: Path) -> None:
    before = cassette.load(leaky).trace
    done = replay("scrub", leaky)
    after = cassette.load(leaky)

    assert done.exit_code == 0
    assert "4 secrets scrubbed" in done.stdout
    assert KEY not in leaky.read_text()
    assert KEY[:20] not in leaky.read_text()
    assert KEY not in done.output
    assert [span.usage for span in after.trace] == [span.usage for span in before]
    assert [entry["secret"] for entry in after.scrubbed] == ["openai-key"]
    assert after.scrubbed[0]["times"] == 4


def test_scrubbing_twice_changes_nothing_more(leaky: Path) -> None:
    replay("scrub", leaky)
    before = leaky.read_bytes()
    done = replay("scrub", leaky)

    assert done.stdout == f"{leaky}: nothing to scrub\n"
    assert leaky.read_bytes() == before


def test_a_dry_run_tells_by_its_exit_code_and_changes_nothing(leaky: Path) -> None:
    before = leaky.read_bytes()

    done = replay("scrub", "--dry-run", leaky)
    assert done.exit_code == 1
    assert "4 secrets would be scrubbed" in done.stdout
    assert leaky.read_bytes() == before

    replay("scrub", leaky)
    assert replay("scrub", "--dry-run", leaky).exit_code == 0


def test_patterns_add_secrets_and_a_note_on_recording(tmp_path: Path) -> None:
    path = write(tmp_path / "x.yaml", chat(1, asked="Customer K-4711 and K-0815"))
    done = replay("scrub", path, "--pattern", r"K-\d+")

    assert "2 secrets scrubbed" in done.stdout
    assert "K-4711" not in path.read_text()
    assert "Recorder(scrub=[...])" in done.stderr


def test_a_recorder_that_scrubs_by_the_pattern_leaves_nothing_to_scrub(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with Recorder(path, scrub=[r"K-\d+"]) as recorder:
        recorder.record_tool_call("bill", {"customer": "K-4711"}, output="K-4711 was billed")

    assert "K-4711" not in path.read_text()
    assert replay("scrub", "--dry-run", path, "--pattern", r"K-\d+").exit_code == 0


def test_json(leaky: Path) -> None:
    (told,) = json.loads(replay("scrub", "--dry-run", "--json", leaky).stdout)

    assert (told["changed"], told["problem"]) == (False, None)
    assert told["found"][0]["times"] == 4


def test_a_broken_cassette_is_told_and_the_others_are_done(leaky: Path) -> None:
    broken = leaky.with_name("broken.yaml")
    broken.write_text("- 1\n")
    done = replay("scrub", broken, leaky)

    assert done.exit_code == 1
    assert f"replay: {broken}:1: " in done.stderr
    assert KEY not in leaky.read_text()
