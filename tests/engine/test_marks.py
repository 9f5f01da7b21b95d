"""The journal of a run tells what has begun, where that will be kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import Ask
from trace_ops import Recorder, span, tool
from trace_ops.tape import Tape


def lines(path: Path) -> list[dict[str, Any]]:
    """What the journal of the run that goes on says, less its header."""
    (journal,) = path.parent.glob("*.journal")
    return [json.loads(line) for line in journal.read_text("utf-8").splitlines()[1:]]


def told(path: Path) -> list[tuple[str, int]]:
    known = ("begun", "dropped", "span")
    return [next((name, line[name]) for name in known if name in line) for line in lines(path)]


def test_each_step_is_told_of_as_it_begins(path: Path, ask: Ask) -> None:
    seen: list[list[tuple[str, int]]] = []

    @tool
    def look(city: str) -> str:
        seen.append(told(path))
        return city

    with Recorder(path):
        with span("agent", "planner"):
            assert told(path) == [("begun", 1)]
            look("Rome")
            ask("Where to?")
        assert seen == [[("begun", 1), ("begun", 2)]]
        assert told(path) == [("begun", 1), ("begun", 2), ("span", 2), ("begun", 3), ("span", 3), ("span", 1)]
        begun = lines(path)[3]
    assert begun["parent"] == 1
    assert (begun["kind"], begun["name"]) == ("llm", "openai chat.completions")
    assert set(begun) == {"begun", "parent", "lane", "kind", "name", "start_ms"}


def test_no_secret_is_in_a_name(path: Path) -> None:
    with Recorder(path), span("chain", "with sk-proj-abcdefghijklmnopqrstuvwxyz012345"):
        (line,) = lines(path)
    assert "abcdefghijkl" not in line["name"]


def test_a_replay_writes_no_journal(recorded: Path, ask: Ask) -> None:
    with Recorder(recorded, "once"), span("agent", "planner"):
        ask("one")
        ask("two")
        assert list(recorded.parent.glob("*.journal")) == []


def test_where_there_is_a_recording_only_new_calls_are_told_of(recorded: Path, ask: Ask) -> None:
    with Recorder(recorded, "new_episodes"), span("agent", "planner"):
        ask("one")
        assert list(recorded.parent.glob("*.journal")) == []
        ask("three")
        assert told(recorded) == [("begun", 3), ("span", 3)]


@pytest.mark.parametrize("where", ["begun", "unknown"])
def test_what_did_not_take_place_is_told_of_if_its_beginning_was(where: str, path: Path) -> None:
    with Recorder(path) as recorder:
        tape: Tape = recorder.tape
        step = tape.begin("tool", "look") if where == "begun" else tape.draft("tool", "look")
        tape.begin("tool", "other")
        tape.forget(step)
        assert (("dropped", step.id) in told(path)) is (where == "begun")
