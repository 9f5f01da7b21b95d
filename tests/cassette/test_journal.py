"""A journal keeps every call that had ended, however the program ends."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cassette.kit import sample, spans
from tests.cassette.processes import line, python
from trace_ops.cassette import Journal, JournalFile, load, save, unfinished
from trace_ops.errors import CassetteError, CassetteMissingError
from trace_ops.trace import Span

RECORD_FOREVER = """
import sys
from tests.cassette.kit import call
from trace_ops.cassette import Journal
journal = Journal.open(sys.argv[1], {"mode": "killed"})
number = 0
while True:
    number += 1
    journal.append(call(number, {"model": "m", "messages": ["x" * 500]}, {"answer": "y" * 2000}))
    print(number, flush=True)
"""


def full(*_: object) -> int:
    """Write to a disk that has no room."""
    raise OSError(28, "No space left on device")


def journals(directory: Path) -> list[str]:
    return [entry for entry in os.listdir(directory) if entry.endswith(".journal")]


def written(path: Path, *, outcome: str = "failed") -> JournalFile:
    """The journal of a run of the sample that ended like this."""
    journal = Journal.open(path, {"mode": "all"})
    for span in sample().trace:
        journal.append(span)
    journal.close(outcome)  # type: ignore[arg-type]
    (found,) = unfinished(path)
    return found


@pytest.mark.parametrize("last", [1, 30])
def test_kill_9_loses_at_most_the_call_that_was_being_written(last: int, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with python(RECORD_FOREVER, path) as process:
        while int(line(process)) < last:
            pass
        assert unfinished(path) == []

    (found,) = unfinished(path)
    assert found.outcome == "killed"
    assert found.header["mode"] == "killed"
    assert found.damaged == 0
    assert len(found.spans) >= last
    assert [span.id for span in found.spans] == list(range(1, len(found.spans) + 1))


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path / "x.yaml").path
    whole = path.read_bytes()
    ends = [index for index, byte in enumerate(whole) if byte == ord("\n")]

    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        (found,) = unfinished(tmp_path / "x.yaml")
        complete = sum(1 for newline in ends if newline < end)
        assert len(found.spans) == min(max(complete - 1, 0), 4)
        assert found.damaged == 0


@pytest.mark.parametrize("outcome", ["failed", "interrupted"])
def test_a_run_that_ended_otherwise_leaves_its_journal(outcome: str, tmp_path: Path) -> None:
    found = written(tmp_path / "x.yaml", outcome=outcome)

    assert found.outcome == outcome
    assert found.spans == sample().trace.spans
    assert found.header["cassette"] == "x.yaml"
    assert found.header["mode"] == "all"

    found.remove()
    found.remove()
    assert unfinished(tmp_path / "x.yaml") == []


def test_a_run_that_was_kept_leaves_none(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "x.yaml", {})
    journal.append(Span(1, "tool", "t"))
    journal.close("kept")
    journal.close("kept")

    assert os.listdir(tmp_path) == []


@given(st.lists(st.integers(1, 9).flatmap(spans), max_size=2))
@settings(max_examples=50, suppress_health_check=list(HealthCheck))
def test_spans_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, made: list[Span]) -> None:
    path = tmp_path_factory.mktemp("journal") / "x.yaml"
    journal = Journal.open(path, {})
    for span in made:
        journal.append(span)
    journal.close("failed")

    assert unfinished(path)[0].spans == made


def test_a_journal_is_named_after_its_cassette_and_process(tmp_path: Path) -> None:
    for name in ("x.yaml", "x.yaml", "x.yaml.yaml", "x"):
        Journal.open(tmp_path / name, {}).close("failed")
    (tmp_path / "x.yaml.notes-1.journal").write_text("")

    assert sum(f"x.yaml.{os.getpid()}-" in name for name in journals(tmp_path)) == 2
    assert [len(unfinished(tmp_path / name)) for name in ("x.yaml", "x.yaml.yaml", "x", "y")] == [2, 1, 1, 0]
    assert unfinished(tmp_path / "none" / "x.yaml") == []


def test_the_oldest_journal_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    for name in ("first", "second", "third"):
        Journal.open(path, {"name": name}).close("failed")

    assert [found.header["name"] for found in unfinished(path)] == ["first", "second", "third"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\n",
        b"[]\n",
        b"null\n{\n",
        b'{"journal":1,"started":5}\n{"span":"one"}\n',
        b'{"journal":[]}\n{"end":"kept"}\n{"end":{}}\n',
        b"[" * 100_000 + b"\n",
        b'{"span":1,"kind":"llm","name":"x","call":"POST /x","provider":"p","response":{"status":200}}\n',
        b'{"span":1,"kind":"tool","name":"\\ud800"}\n',
    ],
)
def test_a_journal_of_anything_else_is_counted_and_never_an_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.yaml.123-1.journal").write_bytes(content)

    (found,) = unfinished(tmp_path / "x.yaml")

    assert found.damaged + len(found.spans) <= content.count(b"\n")
    assert found.outcome == "killed"


def test_threads_may_share_a_journal(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "x.yaml", {})

    def record(lane: int) -> None:
        for number in range(50):
            journal.append(Span(lane * 50 + number + 1, "tool", "t", output="x" * 5000))

    threads = [threading.Thread(target=record, args=(lane,)) for lane in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close("failed")

    assert sorted(span.id for span in unfinished(tmp_path / "x.yaml")[0].spans) == list(range(1, 201))


def test_a_full_disk_ends_the_journal_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.open(tmp_path / "x.yaml", {})

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(CassetteError, match="its journal cannot be written: No space left on device"):
            journal.append(Span(1, "tool", "t"))
    journal.append(Span(2, "tool", "t"))
    journal.close("kept")

    assert os.listdir(tmp_path) == []


def test_a_journal_that_cannot_be_begun_is_a_cassette_error_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(CassetteError, match="its journal cannot be written: No space left on device"):
            Journal.open(tmp_path / "x.yaml", {})

    assert os.listdir(tmp_path) == []


def test_closing_a_journal_on_a_full_disk_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal.open(tmp_path / "x.yaml", {})

    monkeypatch.setattr(os, "write", full)
    journal.close("failed")

    (found,) = unfinished(tmp_path / "x.yaml")
    assert found.outcome == "killed"


def test_a_directory_that_cannot_be_made_is_a_cassette_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CassetteError, match="its journal cannot be written"):
        Journal.open(tmp_path / "file" / "x.yaml", {})


def test_a_cassette_that_was_never_written_is_loaded_from_its_journals(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with pytest.raises(CassetteMissingError):
        load(path)
    written(path)
    Journal.open(path, {}).close("failed")
    second = Journal.open(path, {})
    second.append(Span(2, "tool", "inner", parent=1))
    second.append(Span(3, "tool", "innermost", parent=2))
    second.close("interrupted")

    recovered = load(path).trace

    assert recovered.name == "x"
    assert recovered.recorded is not None
    assert [span.name for span in recovered][-2:] == ["inner", "innermost"]
    assert [(span.id, span.parent) for span in recovered] == [
        *[(1, None), (2, 1), (3, None), (4, None)],
        *[(5, None), (6, 5)],
    ]


def test_a_cassette_that_is_there_is_loaded_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    written(path)
    save(sample(), path)

    assert load(path) == sample()
