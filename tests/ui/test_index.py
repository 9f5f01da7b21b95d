"""Which runs a folder has, and what changes in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.samples import chat, write
from tests.ui.conftest import read
from tests.viewer.contract import Contract
from trace_ops.cassette import Journal
from trace_ops.trace import Span
from trace_ops.ui.index import Index
from trace_ops.viewer import data

CONTRACT = Contract()


def keys(index: Index) -> list[str]:
    return [run["key"] for run in index.bundle()["runs"]]


def changed(index: Index, since: str | None) -> data.Changes:
    read(index)
    changes = index.changes(since)
    assert CONTRACT.problems("Changes", changes) == []
    return changes


def at(index: Index) -> str:
    return index.changes(None)["library"]["at"]


def run_of(index: Index, key: str) -> Any:
    view = index.open(key)
    assert view is not None
    return view.run


def test_all_runs_are_there_and_what_is_broken_says_why(index: Index) -> None:
    bundle = index.bundle()

    assert CONTRACT.problems("Bundle", bundle) == []
    assert [(run["key"], run["name"], run["path"]) for run in bundle["runs"]] == [
        ("test_hello.yaml", "a greeting", "test_hello.yaml"),
        ("trip-test_busy.yaml", "test_busy", "trip/test_busy.yaml"),
        ("trip-test_sunny.yaml", "test_sunny", "trip/test_sunny.yaml"),
    ]
    assert bundle["library"] is not None
    (broken,) = bundle["library"]["broken"]
    assert broken["path"] == "test_broken.yaml"
    assert broken["problem"].startswith("line 3: ")
    assert bundle["live"] is True


def test_only_what_has_changed_is_told(index: Index, folder: Path) -> None:
    told = at(index)
    nothing = changed(index, told)
    assert (nothing["whole"], nothing["runs"], nothing["gone"]) == (False, [], [])

    write(folder / "test_new.yaml", chat(1), name="new")
    first = changed(index, told)
    assert [run["key"] for run in first["runs"]] == ["test_new.yaml"]

    (folder / "test_hello.yaml").unlink()
    write(folder / "test_new.yaml", chat(1), chat(2), name="new")
    second = changed(index, first["library"]["at"])
    assert [(run["key"], run["totals"]["spans"]) for run in second["runs"]] == [("test_new.yaml", 2)]
    assert second["gone"] == ["test_hello.yaml"]
    assert second["runs"][0]["stamp"] != first["runs"][0]["stamp"]

    both = changed(index, told)
    assert [run["key"] for run in both["runs"]] == ["test_new.yaml"]
    assert both["gone"] == ["test_hello.yaml"]


def test_a_file_that_stays_as_it_is_is_read_once(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it was read again")

    monkeypatch.setattr("trace_ops.cassette.load", never)
    told = at(index)
    assert changed(index, told)["runs"] == []


@pytest.mark.parametrize("since", [None, "", "x", "0:0", "other:1", "{}:99", "{}:-1", "{}:x"])
def test_who_comes_with_another_number_gets_all(since: str | None, index: Index) -> None:
    instance = at(index).partition(":")[0]
    changes = index.changes(since and since.format(instance))

    assert changes["whole"] is True
    assert len(changes["runs"]) == 3


def test_a_broken_cassette_that_is_mended_is_a_run(index: Index, folder: Path) -> None:
    told = at(index)
    write(folder / "test_broken.yaml", chat(1))
    mended = changed(index, told)

    assert [run["key"] for run in mended["runs"]] == ["test_broken.yaml"]
    assert mended["library"]["broken"] == []

    (folder / "test_broken.yaml").write_text("version: 2\nspans: []\n")
    broken = changed(index, mended["library"]["at"])
    assert (broken["runs"], broken["gone"]) == ([], ["test_broken.yaml"])
    assert [each["path"] for each in broken["library"]["broken"]] == ["test_broken.yaml"]


def test_a_recording_appears_grows_and_becomes_its_cassette(index: Index, folder: Path) -> None:
    told = at(index)
    path = folder / "test_live.yaml"
    journal = Journal.open(path, {"mode": "all"})
    assert changed(index, told)["runs"] == [], "nothing has begun"

    journal.begin(Span(1, "agent", "planner", start_ms=5.0))
    (head,) = changed(index, told)["runs"]
    assert (head["key"], head["running"], head["totals"]["spans"]) == ("test_live.yaml", True, 1)

    journal.begin(Span(2, "llm", "openai chat.completions", parent=1))
    call = chat(2, parent=1, usage=None, cost_usd=None, model=None)
    journal.append(call)
    (head,) = changed(index, told)["runs"]
    assert head["totals"]["usage"]["input"] == 12, "what a call says of itself is read"
    spans = run_of(index, "test_live.yaml")["spans"]
    assert [(span["label"], span["parent"], span["ms"] is None) for span in spans] == [
        ("planner", None, True),
        ("gpt-5", 1, False),
    ]

    write(path, chat(1), name="done")
    journal.close("kept")
    (head,) = changed(index, told)["runs"]
    assert (head["key"], head["running"], head["name"]) == ("test_live.yaml", False, "done")
    assert changed(index, told)["gone"] == []


def test_what_is_recorded_anew_stands_first_and_what_it_was_beside_it(index: Index, folder: Path) -> None:
    path = folder / "test_hello.yaml"
    journal = Journal.open(path, {})
    journal.begin(Span(1, "tool", "look"))
    told = at(index)
    heads = {head["key"]: head for head in changed(index, told)["runs"]}

    assert heads["test_hello.yaml"]["running"] is True
    assert heads["test_hello.yaml.before"]["name"] == "a greeting"

    journal.append(Span(1, "tool", "look", ms=1.0))
    journal.close("failed")
    read(index)
    heads = {head["key"]: head for head in index.bundle()["runs"]}
    own = f"test_hello.yaml.{journal.path.name.split('.')[-2]}"
    assert heads["test_hello.yaml"]["name"] == "a greeting"
    assert (heads[own]["verdict"], heads[own]["running"]) == ("failed", False)
    assert "test_hello.yaml.before" not in heads


def test_what_only_a_journal_holds_is_there(index: Index, folder: Path) -> None:
    journal = Journal.open(folder / "test_failed.yaml", {})
    journal.append(Span(3, "tool", "look", parent=1, ms=1.0))
    journal.begin(Span(4, "tool", "never"))
    journal.close("interrupted")
    read(index)

    (head,) = [run for run in index.bundle()["runs"] if run["key"] == "test_failed.yaml"]
    assert head["verdict"] == "interrupted"
    assert [(span["name"], span["parent"]) for span in run_of(index, head["key"])["spans"]] == [
        ("look", None)
    ]


def test_two_that_record_the_same_cassette_are_two_runs(index: Index, folder: Path) -> None:
    journals = [Journal.open(folder / "test_twice.yaml", {}) for _ in range(2)]
    for journal in journals:
        journal.begin(Span(1, "tool", "look"))
    read(index)

    assert sum(run["running"] for run in index.bundle()["runs"]) == 2
    assert len({key for key in keys(index) if key.startswith("test_twice.yaml")}) == 2


def test_keys_stay_with_their_cassettes(tmp_path: Path) -> None:
    write(tmp_path / "a-b.yaml", chat(1), name="first")
    write(tmp_path / "a" / "b.yaml", chat(1), name="second")
    index = Index(tmp_path, "here")
    read(index)
    before = {run["key"]: run["name"] for run in index.bundle()["runs"]}
    (tmp_path / "a-b.yaml").unlink()
    read(index)

    assert sorted(before.values()) == ["first", "second"]
    assert [before[key] for key in keys(index)] == ["second"]


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="there are no links here")
def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path, index: Index, folder: Path) -> None:
    write(tmp_path / "secret.yaml", chat(1, said="the secret"))
    (folder / "test_link.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "test_inner.yaml").symlink_to(folder / "test_hello.yaml")
    (folder / "elsewhere").symlink_to(tmp_path)
    (folder / "gone.yaml").symlink_to(tmp_path / "none.yaml")
    read(index)

    assert "test_inner.yaml" in keys(index)
    assert not any("link" in key or "elsewhere" in key for key in keys(index))
    library = index.bundle()["library"]
    assert library is not None
    problems = {each["path"]: each["problem"] for each in library["broken"]}
    assert problems["test_link.yaml"] == "it is a link that leads out of this folder, and is not followed"


def test_a_folder_that_is_gone_is_an_empty_one(index: Index, folder: Path) -> None:
    folder.rename(folder.with_name("moved"))
    told = at(index)

    assert changed(index, told)["gone"] == sorted(
        ["test_hello.yaml", "trip-test_busy.yaml", "trip-test_sunny.yaml", "test_broken.yaml"]
    )


def test_yaml_that_is_no_cassette_and_installed_packages_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "one.yaml", chat(1))
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    write(tmp_path / "node_modules" / "two.yaml", chat(1))
    write(tmp_path / ".git" / "three.yaml", chat(1))
    index = Index(tmp_path, "here")
    read(index)

    assert keys(index) == ["one.yaml"]
    library = index.bundle()["library"]
    assert library is not None
    assert library["broken"] == []
