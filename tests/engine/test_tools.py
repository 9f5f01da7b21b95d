"""Steps that no SDK shows: recorded, and served again where they are frozen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import Ask
from trace_ops import Recorder, Replayer, load_cassette, span, tool

ran: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    ran.clear()


@tool
def search(query: str, limit: int = 3) -> list[str]:
    ran.append(query)
    return [f"{query} {n}" for n in range(limit)]


@tool(name="fetch_page", freeze=True)
async def fetch(url: str) -> dict[str, object]:
    ran.append(url)
    return {"url": url, "ok": True}


@tool(freeze=True)
def broken(what: str) -> None:
    ran.append(what)
    raise ValueError(f"cannot {what}")


@tool(freeze=True)
def count(to: int) -> Iterator[int]:
    ran.append("count")
    yield from range(to)


@tool(freeze=True)
async def stream(to: int) -> AsyncIterator[int]:
    ran.append("stream")
    for number in range(to):
        yield number


def test_a_tool_is_a_span_with_arguments_and_output() -> None:
    with Recorder() as rec:
        assert search("cats", limit=2) == ["cats 0", "cats 1"]
    (step,) = rec.trace.of_kind("tool")
    assert (step.name, step.input, step.output) == (
        "search",
        {"query": "cats", "limit": 2},
        ["cats 0", "cats 1"],
    )
    assert rec.trace.trajectory == ["tool:search"]


def test_outside_a_recorder_a_tool_is_the_plain_function() -> None:
    assert search("dogs", 1) == ["dogs 0"]
    assert list(count(2)) == [0, 1]


def test_a_frozen_tool_is_served_and_does_not_run(path: Path) -> None:
    async def collect() -> list[int]:
        return [number async for number in stream(3)]

    def run() -> list[object]:
        with pytest.raises(ValueError, match="cannot fly"):
            broken("fly")
        return [asyncio.run(fetch("a")), list(count(3)), asyncio.run(collect())]

    with Recorder(path):
        live = run()
    ran.clear()
    with Replayer(path):
        assert run() == live
    assert ran == []


def test_freeze_tools_by_name_and_all(path: Path) -> None:
    with Recorder(path):
        search("cats")
    for freeze, runs in ((False, ["cats"]), (True, []), (["search"], []), (["other"], ["cats"])):
        ran.clear()
        with Replayer(path, freeze_tools=freeze):
            assert search("cats") == ["cats 0", "cats 1", "cats 2"]
        assert ran == runs


def test_a_frozen_tool_with_other_arguments_runs(path: Path) -> None:
    with Recorder(path):
        search("cats")
    ran.clear()
    with Replayer(path, freeze_tools=True):
        search("dogs")
    assert ran == ["dogs"]


def test_equal_tool_calls_are_served_in_order(path: Path) -> None:
    answers = iter(["first", "second"])

    @tool(freeze=True)
    def clock() -> str:
        return next(answers)

    with Recorder(path):
        assert [clock(), clock()] == ["first", "second"]
    with Replayer(path):
        assert [clock(), clock()] == ["first", "second"]


def test_an_output_that_json_cannot_hold_is_never_served_changed(path: Path) -> None:
    @tool(freeze=True)
    def pair() -> tuple[int, int]:
        ran.append("pair")
        return (1, 2)

    with Recorder(path):
        pair()
    with Replayer(path):
        assert pair() == (1, 2)
    assert ran == ["pair", "pair"]


def test_steps_told_by_hand_and_groups_form_a_tree(path: Path, ask: Ask) -> None:
    with Recorder(path, name="trip", tags=["demo"], metadata={"user": 7}) as rec:
        with span("agent", "planner") as planner:
            assert planner is not None
            ask("where to")
            rec.record_retrieval("hotels", [{"id": 1}], name="index")
            rec.record_decision("route", "book", options=["book", "ask"], reason="known city")
            planner.output = "booked"
        rec.record_tool_call("pay", {"amount": 3}, error="declined", ms=5)
    trace = load_cassette(path)
    assert [(s.kind, s.name, s.parent) for s in trace] == [
        ("agent", "planner", None),
        ("llm", "openai chat.completions", 1),
        ("retrieval", "index", 1),
        ("decision", "route", 1),
        ("tool", "pay", None),
    ]
    assert trace.spans[3].attributes == {"options": ["book", "ask"], "reason": "known city"}
    assert (trace.name, trace.tags, trace.metadata) == ("trip", ["demo"], {"user": 7})
    assert [s.name for s in trace.errors] == ["pay"]
    assert trace.spans[0].output == "booked"
