"""``replay ls``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.samples import chat, replay, write


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "cassettes" / "a" / "test_one.yaml", chat(1), chat(2, asked="Bye"))
    write(tmp_path / "cassettes" / "test_two.yaml", chat(1, cost_usd=None))
    (tmp_path / "cassettes" / "broken.yaml").write_text("version: 1\nspans: [")
    (tmp_path / "compose.yaml").write_text("version: 3\nservices: {}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_cassettes_are_listed_and_broken_ones_as_such(directory: Path) -> None:
    done = replay("ls")

    assert done.exit_code == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["cassette", "calls", "tokens", "cost", "by", "call", "age", "recorded", "with"]
    assert lines[1][:5] == ["cassettes/a/test_one.yaml", "2", "34", "$0.00025", "██"]
    assert lines[1][-2:] == ["openai", "3.52.0"]
    assert lines[2][:2] == ["cassettes/broken.yaml", "broken"]
    assert lines[3][:5] == ["cassettes/test_two.yaml", "1", "17", "?", "?"]
    assert "3 cassettes" in done.stderr
    assert "1 broken" in done.stderr


def test_a_filter_lists_the_cassettes_with_such_a_step(directory: Path) -> None:
    done = replay("ls", "--filter", "kind:llm bye")

    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == ["cassettes/a/test_one.yaml"]
    assert "1 cassette" in done.stderr
    assert replay("ls", "--filter", "is:error").stderr == "no cassettes with such a step in cassettes\n"
    assert replay("ls", "--filter", "is:").exit_code == 2


def test_json(directory: Path) -> None:
    told = json.loads(replay("ls", "--json", ".").stdout)

    assert [entry["cassette"] for entry in told] == [
        "cassettes/a/test_one.yaml",
        "cassettes/broken.yaml",
        "cassettes/test_two.yaml",
    ]
    assert [entry["problem"] is None for entry in told] == [True, False, True]
    assert told[0]["totals"]["cost_usd"] == pytest.approx(0.00025)


def test_elsewhere_other_yaml_files_are_not_taken_for_cassettes(directory: Path) -> None:
    write(directory / "mine.yaml", chat(1))
    told = json.loads(replay("ls", "--json", ".").stdout)

    assert "mine.yaml" in [entry["cassette"] for entry in told]
    assert "compose.yaml" not in [entry["cassette"] for entry in told]


def test_nothing_there_is_a_note(tmp_path: Path) -> None:
    done = replay("ls", tmp_path)

    assert (done.exit_code, done.stdout) == (0, "")
    assert "no cassettes in" in done.stderr
