"""What the steps beneath each step come to."""

from __future__ import annotations

from dataclasses import replace

from tests.diff.kit import chat, step, trace
from trace_ops.exchange import Failure
from trace_ops.trace import Usage
from trace_ops.viewer.sums import sums


def test_each_step_is_counted_once_on_the_way_up() -> None:
    call = replace(chat(), usage=Usage(100, 20), cost_usd=0.25)
    failed = replace(step("tool", error=Failure("KeyError", "")), parent=2)
    spans = trace(
        step("agent"),
        replace(step("agent"), parent=1),
        replace(call, parent=2),
        failed,
        replace(call, parent=1),
    ).spans

    found = sums(spans)

    whole, inner = found[1], found[2]
    assert (whole.steps, whole.calls, whole.input, whole.output, whole.dollars, whole.errors) == (
        5,
        2,
        200,
        40,
        0.5,
        1,
    )
    assert (inner.steps, inner.calls, inner.dollars, inner.errors) == (3, 1, 0.25, 1)
    assert (found[3].steps, found[4].dollars) == (1, 0.0)


def test_what_is_not_known_makes_the_sum_unknown() -> None:
    known = replace(chat(), usage=Usage(1, 1), cost_usd=0.25, parent=1)
    found = sums(trace(step("agent"), known, replace(known, cost_usd=None)).spans)

    assert (found[1].dollars, found[1].cost, found[1].unpriced) == (None, 0.25, 1)
    assert [found[number].shown for number in (1, 2, 3)] == ["$0.25 + ?", "$0.25", "?"]


def test_a_parent_that_comes_later_or_never_is_none() -> None:
    found = sums(
        trace(
            replace(step("tool"), parent=2), replace(step("tool"), parent=1), replace(step("tool"), parent=9)
        ).spans
    )

    assert [found[number].steps for number in (1, 2, 3)] == [2, 1, 1]
