"""A decorated generator is read like the generator itself, by whoever reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from trace_ops import Recorder, Replayer, span, tool

log: list[object] = []


@pytest.fixture(autouse=True)
def _empty_log() -> None:
    log.clear()


def echo(first: str) -> Generator[str, str, str]:
    """Yield what is sent, take errors for words, and tell when it is closed."""
    said = first
    try:
        while said != "end":
            try:
                said = (yield said) or "nothing"
            except KeyError as error:
                said = f"caught {error}"
    finally:
        log.append("closed")
    return "over"


async def echo_async(first: str) -> AsyncGenerator[str, str]:
    said = first
    try:
        while said != "end":
            try:
                said = (yield said) or "nothing"
                await asyncio.sleep(0)
            except KeyError as error:
                said = f"caught {error}"
    finally:
        await asyncio.sleep(0)
        log.append("closed")


def talk(function: Callable[[str], Generator[str, str, str]]) -> list[object]:
    """Use all that a generator can do."""
    heard: list[object] = []

    def through() -> Generator[str, str, None]:
        heard.append((yield from function("a")))

    one = through()
    heard += [next(one), one.send("b"), one.throw(KeyError("k")), next(one)]
    with pytest.raises(StopIteration):
        one.send("end")
    with pytest.raises(ZeroDivisionError):
        failing = function("c")
        next(failing)
        failing.throw(ZeroDivisionError)
    left = function("d")
    heard.append(next(left))
    left.close()
    heard.append(next(left, "closed for good"))
    return heard + log


async def talk_async(function: Callable[[str], AsyncGenerator[str, str]]) -> list[object]:
    one = function("a")
    heard: list[object] = [await one.__anext__(), await one.asend("b"), await one.athrow(KeyError("k"))]
    with pytest.raises(StopAsyncIteration):
        await one.asend("end")
    with pytest.raises(ZeroDivisionError):
        failing = function("c")
        await failing.__anext__()
        await failing.athrow(ZeroDivisionError())
    left = function("d")
    heard.append(await left.__anext__())
    await left.aclose()
    return heard + log


@pytest.mark.parametrize("recording", [True, False])
def test_a_decorated_generator_behaves_as_the_bare_one(recording: bool) -> None:
    bare = talk(echo)
    log.clear()
    if recording:
        with Recorder():
            assert talk(tool(echo)) == bare
    else:
        assert talk(tool(echo)) == bare


@pytest.mark.parametrize("recording", [True, False])
async def test_so_does_an_asynchronous_one(recording: bool) -> None:
    bare = await talk_async(echo_async)
    log.clear()
    if recording:
        async with Recorder():
            assert await talk_async(tool(echo_async)) == bare
    else:
        assert await talk_async(tool(echo_async)) == bare


def test_a_generator_that_will_not_close_is_told_so() -> None:
    def stubborn() -> Generator[int, None, None]:
        try:
            yield 1
        except GeneratorExit:
            yield 2

    with Recorder() as rec:
        one = tool(stubborn)()
        next(one)
        with pytest.raises(RuntimeError, match="ignored GeneratorExit"):
            one.close()
        del one
    assert rec.trace.total_tool_calls == 1


def test_outside_a_recorder_it_is_the_undecorated_generator() -> None:
    assert tool(echo)("a").gi_code is echo.__code__  # type: ignore[attr-defined]
    assert tool(echo_async)("a").ag_code is echo_async.__code__  # type: ignore[attr-defined]


def test_only_the_body_runs_inside_the_step() -> None:
    @tool
    def numbers() -> Generator[int, None, None]:
        for number in range(2):
            with span("custom", "body"):
                yield number  # the step of the body does not reach the reader either

    with Recorder() as rec:
        for _ in numbers():
            with span("custom", "reader"):
                pass
    assert [(step.name, step.parent) for step in rec.trace] == [
        ("numbers", None),
        ("body", 1),
        ("reader", None),
        ("body", 1),
        ("reader", None),
    ]


async def test_only_the_body_of_an_asynchronous_one_runs_inside_the_step() -> None:
    @tool
    async def numbers() -> AsyncGenerator[int, None]:
        for number in range(2):
            with span("custom", "body"):
                await asyncio.sleep(0)
            yield number

    async with Recorder() as rec:
        async for _ in numbers():
            with span("custom", "reader"):
                await asyncio.sleep(0)
    assert [(step.name, step.parent) for step in rec.trace] == [
        ("numbers", None),
        ("body", 1),
        ("reader", None),
        ("body", 1),
        ("reader", None),
    ]


@tool(freeze=True)
def count(to: int) -> Generator[int, Any, str]:
    log.append("ran")
    yield from (number for number in range(to))
    return f"{to} numbers"


@tool(freeze=True)
def failing() -> Generator[int, None, None]:
    log.append("ran")
    yield 1
    raise ValueError("no second")


def test_a_frozen_generator_is_served_with_its_result(path: Path) -> None:
    def all_of() -> Generator[int, None, None]:
        log.append((yield from count(3)))

    with Recorder(path):
        assert list(all_of()) == [0, 1, 2]
    assert log == ["ran", "3 numbers"]
    with Replayer(path):
        assert list(all_of()) == [0, 1, 2]
    assert log == ["ran", "3 numbers", "3 numbers"]


def test_a_frozen_generator_that_failed_fails_at_the_same_item(path: Path) -> None:
    def run() -> None:
        one = failing()
        assert next(one) == 1
        with pytest.raises(ValueError, match="no second"):
            next(one)

    with Recorder(path):
        run()
    with Replayer(path):
        run()
    assert log == ["ran"]


def test_a_generator_left_early_keeps_what_it_gave_and_runs_again(path: Path) -> None:
    def run() -> None:
        one = count(9)
        assert [next(one), next(one)] == [0, 1]
        one.close()

    with Recorder(path) as rec:
        run()
    (step,) = rec.trace
    assert (step.output, step.error, step.ms is not None) == ([0, 1], None, True)
    with Replayer(path):
        run()
    assert log == ["ran", "ran"]


def test_a_generator_that_was_sent_something_runs_again(path: Path) -> None:
    def run() -> None:
        one = count(1)
        next(one)
        with pytest.raises(StopIteration):
            one.send("x")

    with Recorder(path):
        run()
    with Replayer(path):
        run()
    assert log == ["ran", "ran"]
