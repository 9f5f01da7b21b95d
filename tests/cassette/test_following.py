"""A journal is read on while it is written, and its writer notices nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cassette.kit import sample
from tests.cassette.processes import line, python
from trace_ops.cassette import Journal, load, unfinished
from trace_ops.cassette.following import FollowedJournal
from trace_ops.cassette.process_lock import hold
from trace_ops.errors import CassetteError
from trace_ops.trace import Span

AGENT, LLM = Span(1, "agent", "planner", start_ms=1.0), Span(2, "llm", "openai chat.completions", 1, 0, 2.5)

WRITE = """
import sys
from trace_ops.cassette import Journal
from trace_ops.trace import Span
journal = Journal.open(sys.argv[1], {})
number = 0
for word in sys.stdin:
    number += 1
    span = Span(number, "tool", word.strip())
    journal.begin(span)
    if word.startswith("end"):
        journal.append(span)
    print(number, flush=True)
"""


def journal_of(directory: Path) -> Path:
    (found,) = directory.glob("*.journal")
    return found


def test_what_has_begun_is_seen_until_it_ends(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "x.yaml", {"mode": "all"})
    followed = FollowedJournal(journal.path)
    assert followed.read_on()
    assert (followed.found.spans, followed.found.running) == ([], {})

    journal.begin(AGENT)
    journal.begin(LLM)
    assert followed.read_on()
    assert followed.found.running == {1: AGENT, 2: LLM}
    assert not followed.read_on()

    ended = Span(2, "llm", "openai chat.completions", 1, 0, 2.5, 4.0)
    journal.append(ended)
    assert followed.read_on()
    assert (followed.found.spans, followed.found.running) == ([ended], {1: AGENT})
    assert (followed.found.header["mode"], followed.found.damaged) == ("all", 0)


def test_what_did_not_take_place_is_no_longer_there(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "x.yaml", {})
    followed = FollowedJournal(journal.path)
    journal.begin(AGENT)
    journal.begin(LLM)
    journal.drop(2)
    journal.drop(7)
    followed.read_on()

    assert followed.found.running == {1: AGENT}
    assert followed.found.damaged == 0


def test_a_line_that_is_half_written_waits(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml.1-1.journal"
    whole = b'{"journal":1,"cassette":"x.yaml"}\n{"span":1,"kind":"tool","name":"look","ms":1}\n'
    followed = FollowedJournal(path)
    for end in range(len(whole) + 1):
        path.write_bytes(whole[:end])
        followed.read_on()
        assert len(followed.found.spans) == (end == len(whole))
    assert followed.found.damaged == 0


def test_a_writer_that_is_gone_is_noticed_and_one_that_lives_is_not_disturbed(tmp_path: Path) -> None:
    with python(WRITE, tmp_path / "x.yaml") as process:
        assert process.stdin is not None
        process.stdin.write("end one\nstay\n")
        process.stdin.flush()
        while line(process) != "2":
            pass
        followed = FollowedJournal(journal_of(tmp_path))
        for _ in range(5):
            followed.read_on()
        assert not followed.is_over
        assert list(followed.found.running) == [2]
        version = followed.version
        assert unfinished(tmp_path / "x.yaml") == [], "its lock is still its own"

    assert followed.read_on()
    assert (followed.is_over, followed.found.outcome) == (True, "killed")
    assert followed.version > version
    assert not followed.read_on()


def test_a_reader_never_takes_the_lock_before_the_writer_has_it(tmp_path: Path) -> None:
    """Between the file and its first line, the writer gets its lock."""
    path = tmp_path / "x.yaml.1-1.journal"
    path.touch()
    followed = FollowedJournal(path)
    followed.read_on()

    assert not followed.is_over
    with open(path, "rb") as other:
        assert hold(other.fileno())


def test_a_journal_in_the_place_of_another_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml.1-1.journal"
    path.write_bytes(b'{"journal":1}\n{"span":1,"kind":"tool","name":"before"}\n')
    followed = FollowedJournal(path)
    followed.read_on()
    path.unlink()
    (tmp_path / "new").write_bytes(b'{"journal":1}\n{"span":1,"kind":"tool","name":"after"}\n')
    (tmp_path / "new").rename(path)
    version = followed.version
    followed.read_on()

    assert [span.name for span in followed.found.spans] == ["after"]
    assert followed.version > version
    path.unlink()
    with pytest.raises(OSError, match="No such file"):
        followed.read_on()


def test_marks_are_nothing_to_those_who_go_on_from_a_journal(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "x.yaml", {})
    for span in sample().trace:
        journal.begin(Span(span.id, span.kind, span.name))
        journal.append(span)
    journal.begin(AGENT)
    journal.close("failed")

    (found,) = unfinished(tmp_path / "x.yaml")
    assert (found.spans, found.damaged) == (sample().trace.spans, 0)
    assert [span.name for span in load(tmp_path / "x.yaml").trace] == [span.name for span in found.spans]


def test_a_recording_that_came_to_nothing_is_told_as_that(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "x.yaml", {})
    journal.begin(AGENT)
    journal.close("failed")

    with pytest.raises(CassetteError, match="ended before a step of it had ended"):
        load(tmp_path / "x.yaml")


@pytest.mark.parametrize(
    "written",
    [b'{"begun":"one"}\n', b'{"begun":1,"kind":"x","name":"y"}\n', b'{"begun":{}}\n', b'{"begun":0}\n'],
)
def test_a_mark_that_is_none_is_counted(written: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml.1-1.journal"
    path.write_bytes(b'{"journal":1}\n' + written + b'{"dropped":[]}\n{"dropped":"x"}\n')
    followed = FollowedJournal(path)
    followed.read_on()

    assert (followed.found.damaged, followed.found.running) == (1, {})
