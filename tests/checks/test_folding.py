"""A trajectory on one line."""

from __future__ import annotations

import pytest

from tests.checks.kit import run, step
from trace_ops.checks.folding import folded
from trace_ops.checks.steps import steps
from trace_ops.trace import Span, Trace


def text(trace: Trace, *marked: int) -> str:
    return folded(steps(trace), set(marked))


def tools(names: str) -> Trace:
    return run(*(f"tool:{name}" for name in names))


@pytest.mark.parametrize(
    ("names", "marked", "line"),
    [
        ("", (), "no steps"),
        ("a", (), "tool:a"),
        ("aaab", (), "tool:a x3 -> tool:b"),
        ("aaab", (1, 2, 3), "[tool:a x3] -> tool:b"),
        ("aaab", (3,), "tool:a x2 -> [tool:a] -> tool:b"),
        ("abab", (), "tool:a -> tool:b -> tool:a -> tool:b"),
        ("abababc", (), "(tool:a -> tool:b) x3 -> tool:c"),
        ("ababab", (2, 4, 6), "(tool:a -> [tool:b]) x3"),
        ("ababab", (1, 2, 3, 4, 5, 6), "[(tool:a -> tool:b) x3]"),
    ],
)
def test_what_repeats_is_written_once(names: str, marked: tuple[int, ...], line: str) -> None:
    assert text(tools(names), *marked) == line


def test_a_long_run_is_cut_but_what_matters_is_shown() -> None:
    trace = run(*(f"tool:t{number}" for number in range(1, 1001)))
    line = text(trace, 500)

    assert line.startswith(
        "tool:t1 -> tool:t2 -> tool:t3 -> ... 495 more ... -> tool:t499 -> [tool:t500] -> "
    )
    assert line.endswith(" -> ... 496 more ... -> tool:t998 -> tool:t999 -> tool:t1000")


def test_a_long_name_is_cut() -> None:
    assert text(run(f"tool:{'x' * 500}")) == f"tool:{'x' * 74}…"


def test_steps_are_those_of_the_trajectory() -> None:
    """Both tell which tools ran unseen; they must not come apart."""
    trace = run(
        step("llm:gpt-5", tools=["a", "b", "a"]),
        "tool:a",
        step("llm:gpt-5", tools=["b"]),
        Span(0, "embedding", "openai embeddings", model="small"),
        Span(0, "llm", "openai responses"),
        "agent:x",
    )

    assert [each.label for each in steps(trace)] == trace.trajectory
    assert [each.label for each in steps(trace, ("tool",))] == ["tool:a", "tool:b", "tool:a", "tool:b"]
