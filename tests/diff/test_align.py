"""Which steps correspond, whatever was put in, taken out, moved, or run beside them."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.diff.kit import step, trace
from trace_ops.diff import diff_traces
from trace_ops.trace import Span, Trace


def _letters(text: str) -> Trace:
    return trace(*(step("tool", "say", letter, letter.lower()) for letter in text))


def _told(old: Trace, new: Trace) -> list[tuple[str, int | None, int | None]]:
    return [(change.cause, change.old, change.new) for change in diff_traces(old, new).changes]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("ABCDE", "ABCDE", []),
        ("ABCDE", "BCDE", [("step removed", 1, None)]),
        ("ABCDE", "ABDE", [("step removed", 3, None)]),
        ("ABDE", "ABCDE", [("step added", None, 3)]),
        ("AAAAA", "AAAA", [("step removed", 5, None)]),
        ("ABCDE", "ADCBE", [("steps swapped", 2, 2)]),
        ("ABCDE", "ACBDE", [("steps swapped", 2, 2)]),
        ("AABB", "BABA", [("steps swapped", 1, 1)]),
        ("ABCDEF", "BCDAEF", [("step moved", 1, 4)]),
        ("ABCDE", "EDCBA", [("steps swapped", 1, 1), ("steps swapped", 2, 2)]),
        ("", "A", [("step added", None, 1)]),
        ("A", "", [("step removed", 1, None)]),
        ("", "", []),
    ],
)
def test_the_fewest_changes_are_told(
    old: str, new: str, expected: list[tuple[str, int | None, int | None]]
) -> None:
    assert _told(_letters(old), _letters(new)) == expected


def test_every_step_is_in_one_pair_in_the_order_of_the_new_run() -> None:
    old, new = _letters("ABCDE"), _letters("XADEB")

    pairs = diff_traces(old, new).pairs

    assert [pair.new.id for pair in pairs if pair.new] == [1, 2, 3, 4, 5]
    assert sorted(pair.old.id for pair in pairs if pair.old) == [1, 2, 3, 4, 5]


def _fan_out(order: list[int], lanes: list[int]) -> Trace:
    workers = [step("tool", "work", {"part": n}, f"done {n}") for n in range(len(order))]
    around = step("agent", "boss", "go", "done")
    spans = [replace(workers[n], lane=lanes[n], parent=1) for n in order]
    return trace(around, *spans)


@pytest.mark.parametrize("seed", range(5))
def test_how_parallel_steps_interleave_and_are_numbered_is_no_change(seed: int) -> None:
    chance = random.Random(seed)
    lanes = list(range(1, 9))
    old = _fan_out(list(range(8)), lanes)
    new = _fan_out(chance.sample(range(8), 8), chance.sample(lanes, 8))

    assert not _told(old, new)


def test_steps_that_now_run_in_parallel_or_shared_between_workers_are_no_change() -> None:
    one_by_one = _fan_out(list(range(6)), [0] * 6)
    by_two = _fan_out(list(range(6)), [1, 2, 1, 2, 1, 2])
    by_two_others = _fan_out([1, 0, 3, 2, 4, 5], [2, 2, 1, 1, 2, 1])
    each_alone = _fan_out(list(range(6)), [1, 2, 3, 4, 5, 6])

    assert not _told(one_by_one, each_alone)
    assert not _told(by_two, each_alone)
    assert not _told(by_two, by_two_others)
    assert not _told(each_alone, one_by_one)


def test_one_of_many_parallel_steps_that_changed_is_found() -> None:
    old, new = (
        _fan_out(list(range(8)), list(range(1, 9))),
        _fan_out([7, 6, 5, 4, 3, 2, 1, 0], list(range(1, 9))),
    )
    changed = next(span for span in new if span.input == {"part": 3})
    changed.output = "failed 3"

    assert _told(old, new) == [("tool result", 5, changed.id)]


def test_a_tool_of_another_name_is_another_step() -> None:
    old, new = trace(step("tool", "search", "a")), trace(step("tool", "read", "a"))

    assert sorted(cause for cause, _, _ in _told(old, new)) == ["step added", "step removed"]


def test_changed_steps_pair_with_what_they_were_though_others_went() -> None:
    def say(*texts: str) -> Trace:
        return trace(*(step("tool", "say", text) for text in texts))

    old = say("tides turn at seven", "ships leave the harbour", "gulls cry over grey water")
    new = say("ships leave the old harbour", "gulls cry over the grey water")

    assert [(c, o, n) for c, o, n in _told(old, new) if c != "tool arguments"] == [("step removed", 1, None)]
    assert [(o, n) for c, o, n in _told(old, new) if c == "tool arguments"] == [(2, 1), (3, 2)]


def test_a_long_run_less_its_first_step_is_one_change() -> None:
    old = trace(*(step("tool", f"t{n % 7}", n, n) for n in range(5_000)))
    new = trace(*old.spans[1:])

    diff = diff_traces(old, new, ignore=["latency"])

    assert [(change.cause, change.old) for change in diff.changes] == [("step removed", 1)]


def test_parents_that_are_not_there_or_make_a_loop_do_no_harm() -> None:
    spans = [Span(1, "agent", "a", parent=2), Span(2, "agent", "b", parent=1), Span(2, "tool", "c", parent=9)]

    assert not diff_traces(spans, spans).changes
    assert len(diff_traces(spans, []).changes) == 3
