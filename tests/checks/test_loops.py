"""Loops: rows of one tool, the same call again and again, cycles; and what only looks like one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checks.kit import run, step
from trace_ops.checks import LoopLimits, explained
from trace_ops.errors import UsageError
from trace_ops.trace import Span, Trace


def texts(trace: Trace, **limits: Any) -> list[str]:
    return [violation.text for violation in LoopLimits.of(**limits).check(trace)]


def tools(names: str) -> Trace:
    return run(*(f"tool:{name}" for name in names))


def test_one_tool_in_a_row() -> None:
    trace = run("llm:gpt-5", "tool:search x5", "llm:gpt-5")

    assert explained(trace, LoopLimits().check(trace)) == (
        "max_consecutive_same_tool: tool 'search' was called 5 times in a row, 2 over the limit of 3\n"
        "trajectory: llm:gpt-5 -> [tool:search x5] -> llm:gpt-5"
    )
    assert texts(trace, max_consecutive_same_tool=5) == []


def test_llm_calls_between_do_not_end_a_row() -> None:
    spans = [
        step(label, tools=["search"]) if label == "llm:gpt-5" else step(label)
        for label in ["llm:gpt-5", "tool:search"] * 4
    ]

    assert texts(run(*spans[:6])) == []
    assert texts(run(*spans)) == [
        "max_consecutive_same_tool: tool 'search' was called 4 times in a row, 1 over the limit of 3"
    ]


def test_tools_that_ran_unseen_are_in_the_row() -> None:
    trace = run(*(step("llm:gpt-5", tools=["search"]) for _ in range(4)))

    assert len(texts(trace)) == 1


def test_tools_asked_for_at_once_are_one_turn() -> None:
    unseen = run(step("llm:gpt-5", tools=["search"] * 6), "llm:gpt-5")
    seen = run(step("llm:gpt-5", tools=["search"] * 6), "tool:search x6", "llm:gpt-5")

    assert texts(unseen) == []
    assert texts(seen) == []


def test_lanes_started_together_are_one_turn() -> None:
    spans = [Span(number, "tool", "search", lane=number) for number in range(1, 7)]

    assert texts(Trace(spans=spans)) == []
    assert len(texts(run("tool:search x6"))) == 1


def test_the_same_call_anywhere() -> None:
    call = {"city": "Oslo"}
    spans = [
        step(name, input=call if name == "tool:a" else {"n": number})
        for number, name in enumerate(["tool:a", "tool:b"] * 2 + ["tool:c", "tool:a", "tool:b", "tool:a"])
    ]

    assert texts(run(*spans)) == [
        """max_same_call: tool 'a' was called 4 times with {"city": "Oslo"}, 1 over the limit of 3"""
    ]
    assert texts(run(*spans), max_same_call=4) == []


def test_calls_whose_arguments_nobody_saw_are_not_called_the_same() -> None:
    assert texts(tools("abcacbac"), max_same_call=1) == []


@pytest.mark.parametrize(
    ("names", "loops"),
    [
        ("abab", []),
        ("ababab", ["a -> b was run 3 times in a row, 1 over the limit of 2"]),
        ("xabababay", ["a -> b was run 3 times in a row, 1 over the limit of 2"]),
        ("abcabcabcabc", ["a -> b -> c was run 4 times in a row, 2 over the limit of 2"]),
        ("aabaabaab", ["a -> a -> b was run 3 times in a row, 1 over the limit of 2"]),
        (
            "abababcdcdcd",
            [
                "a -> b was run 3 times in a row, 1 over the limit of 2",
                "c -> d was run 3 times in a row, 1 over the limit of 2",
            ],
        ),
        ("abcabdabe", []),
        ("", []),
    ],
)
def test_cycles(names: str, loops: list[str]) -> None:
    assert texts(tools(names)) == [f"max_cycles: {loop}" for loop in loops]


def test_the_steps_of_a_cycle_are_marked() -> None:
    trace = tools("xabababy")

    assert explained(trace, LoopLimits().check(trace)).endswith(
        "trajectory: tool:x -> [(tool:a -> tool:b) x3] -> tool:y"
    )


def test_names_may_hold_anything() -> None:
    trace = run(*(step("tool:x", input={"a": "{0}\x1b"}) for _ in range(4)))
    for span in trace:
        span.name = "{0}{x}\x1b[2J"

    assert all("\x1b" not in text for text in texts(trace))


@given(st.text(alphabet="ab", min_size=2, max_size=3), st.integers(1, 6), st.text("xyz", max_size=3))
def test_a_block_repeated_is_a_cycle_when_over_the_limit(block: str, times: int, before: str) -> None:
    trace = tools(before + block * times)
    limits = LoopLimits(max_consecutive_same_tool=100, max_cycles=2)

    assert bool(limits.check(trace)) == (times > 2 and len(set(block)) > 1)


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "3", None])
def test_limits_are_whole_numbers_from_one(value: Any) -> None:
    with pytest.raises(UsageError, match=r"max_cycles=.*: a whole number from 1 on"):
        LoopLimits.of(max_cycles=value)


def lanes(*given: tuple[int, str | Span], parent: int | None = None) -> Trace:
    """A run of steps in lanes; a tool asked for nothing has arguments of its own."""
    trace = run(*(label for _, label in given))
    for span, (lane, _) in zip(trace, given, strict=True):
        span.lane, span.parent = lane, parent if span.parent is None else span.parent
    return trace


def test_each_of_two_parallel_branches_is_counted_by_itself() -> None:
    in_turns = lanes(*[(lane, "tool:search") for _ in range(3) for lane in (1, 2)])
    one_then_the_other = lanes(*[(lane, "tool:search") for lane in (1, 2) for _ in range(3)])

    assert texts(in_turns) == []
    assert texts(one_then_the_other) == []


@pytest.mark.parametrize("in_turns", [True, False], ids=["in turns", "one then the other"])
def test_a_loop_in_one_of_two_parallel_branches(in_turns: bool) -> None:
    rounds = [
        [step("llm:gpt-5", tools=["search"]), step("tool:search", input={"q": "Oslo"})] for _ in range(6)
    ]
    first = [(1, each) for each in rounds[0] + rounds[1]]
    second = [(2, each) for pair in rounds[2:] for each in pair]
    given = first + second
    if in_turns:
        given = [each for pair in zip(first, second, strict=False) for each in pair] + second[len(first) :]
    trace = lanes(*given)

    assert texts(trace) == [
        "max_consecutive_same_tool: tool 'search' was called 4 times in a row, 1 over the limit of 3",
        """max_same_call: tool 'search' was called 4 times with {"q": "Oslo"}, 1 over the limit of 3""",
    ]
    (where, _) = [violation.where for violation in LoopLimits().check(trace)]
    assert {trace.spans[number - 1].lane for number in where} == {2}


def test_agents_beside_each_other_make_no_cycle() -> None:
    trace = lanes(*[(lane, f"tool:{name}") for _ in range(3) for lane, name in ((1, "a"), (2, "b"))])

    assert texts(trace) == []


def test_agents_that_are_asked_for_as_tools_are_branches_within() -> None:
    def asks() -> Span:
        return step("llm:gpt-5", tools=["ask", "ask"])

    given: list[tuple[int, str | Span]] = []
    for turn in range(4):
        given += [(0, asks())] + [(2 * turn + lane, "tool:ask") for lane in (1, 2)]
        given += [(2 * turn + lane, "tool:search") for _ in range(3) for lane in (1, 2)]
    trace = lanes(*given)
    for span in trace:
        if span.name == "search":
            span.parent = next(each.id for each in trace if each.name == "ask" and each.lane == span.lane)

    assert texts(trace) == [
        "max_consecutive_same_tool: tool 'ask' was called 4 times in a row, 1 over the limit of 3"
    ]


def test_steps_in_tasks_of_their_own_are_one_branch() -> None:
    """As of a framework that starts a task for each call to the model and each tool."""
    steps = [step("llm:gpt-5", tools=["search"]) if number % 2 == 0 else "tool:search" for number in range(8)]

    assert len(texts(lanes(*enumerate(steps, 1)))) == 1


def test_tools_in_a_pool_of_threads_are_of_the_run_that_asks_for_them() -> None:
    asks = [step("llm:gpt-5", tools=["search"] * 4) for _ in range(4)]
    pool: list[tuple[int, str | Span]] = [
        (1, "tool:search"),
        (1, "tool:search"),
        (2, "tool:search"),
        (2, "tool:search"),
    ]

    assert texts(lanes(*[each for ask in asks[:3] for each in ((0, ask), *pool)])) == []
    assert texts(lanes(*[each for ask in asks for each in ((0, ask), *pool)])) == [
        "max_consecutive_same_tool: tool 'search' was called 4 times in a row, 1 over the limit of 3"
    ]


def test_an_agent_in_the_background_is_a_branch() -> None:
    def turn(lane: int, tool: str) -> list[tuple[int, str | Span]]:
        return [(lane, step("llm:gpt-5", tools=[tool])), (lane, f"tool:{tool}")]

    assert texts(lanes(*[each for _ in range(3) for each in (*turn(0, "search"), *turn(1, "read"))])) == []


def test_the_same_call_in_lanes_started_together_is_one_call() -> None:
    call = {"city": "Oslo"}
    together = [(lane, step("tool:search", input=call)) for lane in range(1, 6)]

    assert texts(lanes(*together)) == []


def test_tools_asked_for_at_once_again_and_again_are_a_cycle() -> None:
    def turn() -> list[str | Span]:
        return [step("llm:gpt-5", tools=["a", "b"]), "tool:a", "tool:b"]

    assert texts(run(*turn(), *turn())) == []
    assert texts(run(*turn(), *turn(), *turn())) == [
        "max_cycles: a + b was run 3 times in a row, 1 over the limit of 2"
    ]
    at_once = step("llm:gpt-5", tools=["a", "b"] * 3)
    assert texts(run(at_once, *["tool:a", "tool:b"] * 3)) == []


def test_a_file_may_name_parents_that_are_not_there() -> None:
    trace = lanes(*[(lane, "tool:search") for _ in range(2) for lane in (1, 2, 3)])
    for span, parent in zip(trace, (9, 3, 1, 4, 2, None), strict=True):
        span.parent = parent

    assert texts(trace) == []
