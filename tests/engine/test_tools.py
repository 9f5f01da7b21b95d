"""Steps that no SDK shows: recorded, and served again where they are frozen."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import Ask
from trace_ops import Recorder, Replayer, load_cassette, span, tool
from trace_ops.errors import TraceOpsWarning
from trace_ops.tape import Tape
from trace_ops.tracing import RecordedToolError

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


class NoSuchCity(LookupError):
    """An error of a program's own, with something to tell beside its text."""

    def __init__(self, city: str, known: int) -> None:
        super().__init__(f"{city} is none of {known} cities")


@tool(freeze=True)
def locate(city: str) -> str:
    ran.append(city)
    raise NoSuchCity(city, 7)


def test_the_error_of_a_frozen_tool_is_caught_as_the_program_catches_it(path: Path) -> None:
    def run() -> str:
        try:
            return locate("Atlantis")
        except NoSuchCity as error:
            return str(error)

    with Recorder(path):
        live = run()
    with Replayer(path):
        assert run() == live == "Atlantis is none of 7 cities"
    assert ran == ["Atlantis"]


def test_another_error_stands_in_for_one_whose_class_is_not_to_be_had(path: Path) -> None:
    @tool(freeze=True)
    def locate(city: str) -> str:
        class Hidden(Exception): ...

        raise Hidden(f"no {city}")

    with Recorder(path), pytest.raises(Exception, match="no Atlantis"):
        locate("Atlantis")
    with Replayer(path), pytest.raises(RecordedToolError, match="^no Atlantis$"):
        locate("Atlantis")


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
    def pair() -> Any:
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


def repr_of(value: Any) -> str:
    return type(value).__name__


class Array:
    """Compares element by element, as numpy has it."""

    def __eq__(self, other: object) -> Any:
        return Array()

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise ValueError("the truth value of an array is ambiguous")

    def __repr__(self) -> str:
        raise ValueError("no repr")


class Color(str, Enum):
    RED = "red"


@pytest.mark.parametrize(
    "output", [Array(), [Array()], {1: "a"}, Color.RED, [(1,)], float("nan"), 10**5000], ids=repr_of
)
def test_any_output_reaches_the_caller_itself_and_is_served_only_if_exact(output: Any, path: Path) -> None:
    @tool(freeze=True)
    def give(what: Any) -> Any:
        ran.append("give")
        return output

    with Recorder(path):
        assert give(Array()) is output
        with span("agent", "a", input=Array(), extra={2: Array()}) as step:
            assert step is not None
            step.output = Array()
    with Replayer(path):
        assert give(Array()) is output
    assert ran == ["give", "give"]


def test_a_served_output_may_be_changed_by_who_gets_it(path: Path) -> None:
    with Recorder(path):
        search("cats", 1)
    with Replayer(path, freeze_tools=True) as rep:
        search("cats", 1).append("more")
        assert rep.recorded is not None
        assert rep.recorded.spans[0].output == ["cats 0"]


@pytest.mark.parametrize("seam", ["begin", "_store", "take"])
def test_a_fault_of_the_recorder_costs_the_step_and_not_the_program(
    seam: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object, **__: object) -> None:
        raise LookupError("a fault")

    monkeypatch.setattr(Tape, seam, fault)
    with pytest.warns(TraceOpsWarning, match=r"is not recorded in full \(LookupError: a fault\)") as told:
        with Recorder(freeze_tools=True) as rec:
            for _ in range(2):
                assert search("cats", 1) == ["cats 0"]
                assert list(count(2)) == [0, 1]
                assert asyncio.run(fetch("a")) == {"url": "a", "ok": True}
                with pytest.raises(ValueError, match="cannot fly"):
                    broken("fly")
                if seam != "take":
                    with span("agent", "a") as step:
                        assert step is not None
                    assert rec.record_tool_call("pay", {"amount": 3}).name == "pay"
    named = {"tool search: LookupError", "tool fetch_page: LookupError", "tool broken: LookupError"}
    assert named <= set(rec.trace.uncaptured)
    messages = [str(warning.message) for warning in told if "in full" in str(warning.message)]
    assert len(messages) == len(set(messages))


def test_a_fault_is_no_error_of_the_program_where_warnings_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object, **__: object) -> None:
        raise LookupError("a fault")

    monkeypatch.setattr(Tape, "begin", fault)
    with Recorder() as rec:
        assert search("cats", 1) == ["cats 0"]
    assert rec.trace.uncaptured == ["tool search: LookupError"]


def test_a_cancelled_tool_is_not_served_as_failed(path: Path) -> None:
    @tool(freeze=True)
    async def slow() -> str:
        ran.append("slow")
        if len(ran) == 1:
            raise asyncio.CancelledError
        return "done"

    async def run() -> str:
        try:
            return await slow()
        except asyncio.CancelledError:
            return "cancelled"

    with Recorder(path):
        assert asyncio.run(run()) == "cancelled"
    with Replayer(path):
        assert asyncio.run(run()) == "done"


def test_what_is_callable_is_a_tool_with_or_without_name_and_signature() -> None:
    class Adder:
        def __call__(self, a: int, b: int) -> int:
            return a + b

    with Recorder() as rec:
        assert tool(Adder())(1, 2) == 3
        assert tool(functools.partial(search, "cats"))(limit=1) == ["cats 0"]
        assert tool(dict)(a=1) == {"a": 1}
    assert [step.name for step in rec.trace] == ["Adder", "partial", "search", "dict"]
    assert rec.trace.spans[0].input == {"a": 1, "b": 2}
