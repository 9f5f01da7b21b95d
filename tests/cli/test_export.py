"""``replay export``."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from tests.cli.samples import chat, refused, replay, replay_process, tool, write


@pytest.fixture
def cassette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write(
        tmp_path / "cassettes" / "one.yaml",
        chat(1),
        tool(2, "search", "q", "found"),
        refused(3, 500),
        name="one",
    )


def test_json_is_a_list_of_runs(cassette: Path) -> None:
    write(cassette.with_name("two.yaml"), chat(1), name="two")
    one, two = json.loads(replay("export", "--format", "json", "cassettes").stdout)

    assert (one["cassette"], one["name"], two["name"]) == ("cassettes/one.yaml", "one", "two")
    assert [span["kind"] for span in one["spans"]] == ["llm", "tool", "llm"]
    assert one["spans"][0]["call"]["request"]["messages"][0]["parts"][0]["content"] == "Hi"


def test_jsonl_is_a_step_a_line(cassette: Path) -> None:
    lines = replay("export", "--format", "jsonl", cassette).stdout.splitlines()
    steps = [json.loads(line) for line in lines]

    assert [(step["trace"], step["span"]) for step in steps] == [("one", 1), ("one", 2), ("one", 3)]


def test_csv_is_a_step_a_row(cassette: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(replay("export", "--format", "csv", cassette).stdout, newline="")))

    assert [(row["span"], row["status"], row["name"]) for row in rows] == [
        ("1", "200", "openai chat.completions"),
        ("2", "", "search"),
        ("3", "500", "openai chat.completions"),
    ]


@pytest.mark.parametrize("form", ["openai-finetune", "anthropic-finetune"])
def test_fine_tuning_gives_examples_and_tells_what_was_skipped(cassette: Path, form: str) -> None:
    done = replay("export", "--format", form, cassette)

    assert done.exit_code == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]}
    ]
    assert done.stderr == "cassettes/one.yaml: span 3 skipped: it failed\n1 example\n"


def test_no_example_at_all_is_told_by_the_exit_code(tmp_path: Path) -> None:
    done = replay("export", "--format", "openai-finetune", write(tmp_path / "x.yaml", refused(1, 500)))

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.endswith("0 examples\n")


def test_per_call_gives_more_examples(tmp_path: Path) -> None:
    path = write(tmp_path / "x.yaml", chat(1), chat(2))

    assert len(replay("export", "--format", "openai-finetune", path).stdout.splitlines()) == 1
    assert len(replay("export", "--format", "openai-finetune", "--per-call", path).stdout.splitlines()) == 2
    assert replay("export", "--format", "csv", "--per-call", path).exit_code == 2


def test_a_file_is_written_whole_or_not_at_all(cassette: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("before")
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 1\nspans: [")

    done = replay("export", "--format", "jsonl", "-o", out, cassette, bad)
    assert (done.exit_code, out.read_text()) == (1, "before")
    assert str(bad) in done.stderr

    done = replay("export", "--format", "jsonl", "-o", out, cassette)
    assert (done.exit_code, done.stdout) == (0, "")
    assert len(out.read_text().splitlines()) == 3
    assert sorted(os.listdir(tmp_path)) == ["bad.yaml", "cassettes", "out.jsonl"]


def test_a_cassette_is_not_written_over(cassette: Path) -> None:
    before = cassette.read_bytes()
    done = replay("export", "--format", "json", "-o", cassette, cassette)

    assert done.exit_code == 2
    assert cassette.read_bytes() == before


def test_odd_text_comes_out_in_any_locale(tmp_path: Path) -> None:
    path = write(tmp_path / "x.yaml", chat(1, said="Grüße \x1b[2J", asked="東京"))
    done = replay_process(
        "export", "--format", "openai-finetune", path, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    )

    assert json.loads(done.stdout)["messages"][0]["content"] == "東京"
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("arguments", [[], ["--format", "xml"], ["--format", "csv", "-o", "cassettes"]])
def test_wrong_usage(cassette: Path, arguments: list[str]) -> None:
    assert replay("export", *arguments, cassette).exit_code == 2


def test_a_place_that_cannot_be_written_is_one_error(cassette: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = replay("export", "--format", "csv", "-o", tmp_path / "file" / "x.csv", cassette)

    assert done.exit_code == 1
    assert "cannot be written" in done.stderr
