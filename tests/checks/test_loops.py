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
