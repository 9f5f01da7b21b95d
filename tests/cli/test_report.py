"""``replay report``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.samples import chat, replay, tool, write
from tests.viewer.kit import Page


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "cassettes" / "a" / "test_one.yaml", chat(1), chat(2, asked="Bye"), name="")
    write(tmp_path / "cassettes" / "test_two.yaml", chat(1, cost_usd=None), name="the second")
    write(tmp_path / "base" / "a" / "test_one.yaml", chat(1), chat(2, asked="Bye", said="Hello!!"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_directory_is_one_page(directory: Path) -> None:
    done = replay("report", "cassettes")

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("report.html: 2 runs, ")
    page = Page(directory / "report.html").check()
    assert page.bundle["title"] == "2 runs"
    assert [(head["key"], head["name"], head["path"]) for head in page.bundle["runs"]] == [
        ("cassettes-a-test_one.yaml", "test_one", "cassettes/a/test_one.yaml"),
        ("cassettes-test_two.yaml", "the second", "cassettes/test_two.yaml"),
    ]
    assert page.bundle["session"] is None


def test_each_run_is_compared_with_the_one_in_its_place(directory: Path) -> None:
    done = replay("report", "cassettes", "--compare", "base", "-o", "out/page.html", "--title", "This week")

    assert done.stdout.startswith("out/page.html: 2 runs, 1 comparison, ")
    assert done.stderr == "not compared: cassettes/test_two.yaml is not in base\n"
    page = Page(directory / "out" / "page.html").check()
    assert page.bundle["title"] == "This week"
    (head,) = page.bundle["comparisons"]
    assert (head["old"], head["new"]) == ("base-a-test_one.yaml", "cassettes-a-test_one.yaml")
    assert head["first"].startswith("first difference: step 2")


def test_a_run_is_compared_with_another(directory: Path) -> None:
    write(directory / "one.yaml", chat(1), tool(2, "search", {"q": "Oslo"}, "rainy"))
    done = replay("report", "one.yaml", "cassettes/test_two.yaml", "--compare", "base/a/test_one.yaml")

    assert done.stdout.startswith("report.html: 2 runs, 2 comparisons, ")
    page = Page(directory / "report.html").check()
    assert [head["old"] for head in page.bundle["comparisons"]] == ["base-a-test_one.yaml"] * 2
    assert len(page.bundle["runs"]) == 3


def test_runs_that_are_as_they_were_can_be_left_out(directory: Path) -> None:
    write(directory / "base" / "test_two.yaml", chat(1, cost_usd=None), name="the second")

    replay("report", "cassettes", "--compare", "base", "--changed")

    page = Page(directory / "report.html").check()
    assert [head["path"] for head in page.bundle["runs"]] == [
        "cassettes/a/test_one.yaml",
        "base/a/test_one.yaml",
    ]
    same = replay("report", "base", "--compare", "base", "--changed")
    assert (same.exit_code, same.stderr) == (2, "replay: there is no run to report: all are as in base\n")


def test_what_cannot_be_read_is_left_out_of_a_directory_and_an_error_by_itself(directory: Path) -> None:
    broken = directory / "cassettes" / "broken.yaml"
    broken.write_text("version: 1\nspans: [")

    of_all, alone = replay("report", "cassettes"), replay("report", "cassettes/broken.yaml")

    assert of_all.exit_code == 0
    assert of_all.stderr.startswith("left out: cassettes/broken.yaml cannot be read: ")
    assert len(Page(directory / "report.html").check().bundle["runs"]) == 2
    assert alone.exit_code == 1
    assert alone.stderr.startswith("replay: cassettes/broken.yaml:2: ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.yaml"], "there is no 'nowhere.yaml'"),
        (["cassettes", "--compare", "nowhere"], "there is no 'nowhere'"),
        (["cassettes", "-o", "cassettes"], "cassettes cannot be written: Is a directory"),
        (["empty"], "there is no run to report"),
        (["cassettes", "--changed"], "--changed needs --compare"),
    ],
)
def test_bad_input_is_one_clear_error(directory: Path, arguments: list[str], told: str) -> None:
    (directory / "empty").mkdir()

    done = replay("report", *arguments)

    assert done.exit_code == 2
    assert told in done.stderr
    assert not (directory / "report.html").exists()


def test_it_is_opened_in_the_browser_if_asked(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)

    replay("report", "cassettes", "--open")

    assert opened == [(directory / "report.html").as_uri()]
