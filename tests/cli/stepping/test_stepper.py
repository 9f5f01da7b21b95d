"""Where one stands in a run, and the moves from there."""

from __future__ import annotations

import pytest

from tests.cli.stepping.runs import trace, weather, with_another_tool
from trace_ops import filters
from trace_ops.cli.stepping.commands import Name
from trace_ops.cli.stepping.session import Session
from trace_ops.cli.stepping.stepper import Stepper
from trace_ops.diff import diff_traces
from trace_ops.trace import Span


def _stepper(spans: list[Span] | None = None, wanted: str | None = None) -> Stepper:
    chosen = None if wanted is None else filters.parse(wanted)
    return Session(trace(weather() if spans is None else spans), wanted=chosen).stepper()


def _beside(old: list[Span], new: list[Span], wanted: str | None = None) -> Stepper:
    run = trace(new)
    chosen = None if wanted is None else filters.parse(wanted)
    return Session(run, diff_traces(trace(old), run), chosen).stepper()


def _way(at: Stepper, *moves: Name) -> list[int]:
    """The steps one comes to."""
    way = []
    for move in moves:
        at.do(move)
        way.append(at.span.id)
    return way


def test_forward_goes_through_what_happens_and_back_the_same_way() -> None:
    at = _stepper()
    begun = (at.span.id, at.answered)
    forward = []
    while True:
        at.do("forward")
        if at.note:
            break
        forward.append((at.span.id, at.answered))

    assert begun == (1, False)
    assert forward == [(2, True), (3, True), (4, True), (1, True), (5, True)]
    assert at.note == "this is the end of the run"
    assert _way(at, "back", "back", "back", "back", "back", "back") == [1, 4, 3, 2, 1, 1]
    assert at.note == "this is the start of the run"


def test_the_status_tells_step_time_and_what_was_spent_so_far() -> None:
    at = _stepper()
    told = [at.status()]
    for _ in range(4):
        at.do("forward")
        told.append(at.status())

    assert told == [
        "step 1 of 5 begins · at 0 ms · 0 tokens · $0.00",
        "step 2 of 5 · at 210 ms · 17 tokens · $0.00013",
        "step 3 of 5 · at 350 ms · 17 tokens · $0.00013",
        "step 4 of 5 · at 700 ms · 34 tokens · $0.00025",
        "step 1 of 5 ends · at 900 ms · 34 tokens · $0.00025",
    ]


def test_a_step_one_goes_to_is_shown_with_all_that_came_of_it() -> None:
    at = _stepper()
    at.do("go", "4")
    assert (at.span.id, at.answered) == (4, True)
    at.do("parent")
    assert (at.span.id, at.answered) == (1, True)
    at.do("forward")
    assert at.span.id == 2


@pytest.mark.parametrize(
    ("told", "note"),
    [
        ("9", "there is no step 9; they run from 1 to 5"),
        ("", "go to which step? a number is needed, as in g 7"),
        ("two", "go to which step? a number is needed, as in g 7"),
        ("9" * 5000, "go to which step? a number is needed, as in g 7"),
    ],
)
def test_a_step_that_is_not_there_moves_nothing(told: str, note: str) -> None:
    at = _stepper()
    at.do("forward")
    at.do("go", told)

    assert (at.span.id, at.note) == (2, note)


def test_ways_by_what_a_step_is() -> None:
    at = _stepper()

    assert _way(at, "call", "call", "error", "call_back", "parent") == [2, 4, 5, 4, 1]
    assert _way(at, "error", "error") == [5, 5]
    assert at.note == "no further error"
    assert _way(at, "error_back") == [5]
    assert at.note == "no error before this"
    assert _way(at, "parent") == [5]
    assert at.note == "this step runs in no other"


def test_the_next_of_the_same_name() -> None:
    at = _stepper(with_another_tool())
    at.do("go", "3")

    assert _way(at, "same", "same", "same_back") == [4, 4, 3]


def test_a_search_goes_from_match_to_match() -> None:
    at = _stepper()
    at.do("search", "rainy")
    assert at.span.id == 3
    assert _way(at, "match", "match") == [4, 4]
    assert at.note == "no further match"
    assert _way(at, "match_back", "match_back") == [3, 3]
    assert at.note == "no match before this"


def test_a_search_may_be_a_filter_and_begins_anew_at_the_start() -> None:
    at = _stepper()
    at.do("last")
    at.do("search", "kind:tool")
    assert (at.span.id, at.note) == (3, "found from the start on")
    at.do("search", "kind:tool")
    assert (at.span.id, at.note) == (3, "no match but this step")
    at.do("search", "nowhere")
    assert (at.span.id, at.note) == (3, "no further match")


def test_a_search_that_cannot_be_read_says_why_and_the_last_one_holds() -> None:
    at = _stepper()
    at.do("match")
    assert at.note == "search for what? as in / a text"
    at.do("search", "kind:tool")
    at.do("search", "kind:nothing")
    assert "nothing" in at.note
    at.do("first")
    assert _way(at, "match") == [3]


def test_only_what_is_asked_for_is_stepped_through() -> None:
    at = _stepper(wanted="kind:llm")

    assert at.span.id == 2
    assert at.status() == "step 2 of 5 · 1 of 3 shown · at 210 ms · 17 tokens · $0.00013"
    assert _way(at, "forward", "forward", "forward") == [4, 5, 5]
    at.do("go", "3")
    assert (at.span.id, at.note) == (5, "step 3 is not among those shown")
    # What they run in is there to be looked at, and what is asked for is found from there.
    at.do("go", "2")
    assert _way(at, "parent", "forward") == [1, 2]
    assert [row.entry.span.id for row in at.rows()] == [1, 2, 4, 5]


def test_no_step_is_no_place() -> None:
    with pytest.raises(ValueError, match="no step"):
        _stepper([])
    with pytest.raises(ValueError, match="no step"):
        _stepper(wanted="kind:retrieval")
    assert not Session(trace([])).walked
    assert Session(trace(weather())).walked


def test_rows_are_the_tree_and_close_over_what_runs_in_them() -> None:
    at = _stepper()
    assert [(row.entry.span.id, row.depth, row.expandable) for row in at.rows()] == [
        (1, 0, True), (2, 1, False), (3, 1, False), (4, 1, False), (5, 0, False),
    ]  # fmt: skip
    at.do("fold")
    assert [row.entry.span.id for row in at.rows()] == [1, 5]
    assert _way(at, "down", "down", "up") == [5, 5, 1]
    # What happens in a closed one opens it.
    at.do("first")
    at.do("forward")
    assert [row.entry.span.id for row in at.rows()] == [1, 2, 3, 4, 5]


def test_views_take_turns_and_go_by_their_beginning() -> None:
    at = _stepper()
    seen = []
    for _ in range(3):
        at.do("view")
        seen.append(at.view)
    assert seen == ["messages", "raw", "new"]
    at.do("view", "r")
    assert at.view == "raw"
    at.do("view", "x")
    assert (at.view, at.note) == ("raw", "there is no such view; there are new, messages, raw")
    at.do("difference")
    assert (at.view, at.note) == ("raw", "there is nothing to compare with: --compare names the other run")


def test_differences_are_gone_through_and_what_follows_from_them_is_passed_over() -> None:
    old, new = weather(), with_another_tool()
    new[5].exchange = old[0].exchange  # the last call is no call any more
    at = _beside(old, new)
    at.do("difference")
    first = at.span.id

    assert [entry.span.id for entry in at.entries if entry.roots] == [3, 6]
    assert [entry.span.id for entry in at.entries if entry.is_downstream] == [1, 4, 5]
    assert (at.view, first) == ("diff", 1)
    assert "2 differences" in at.status()
    assert _way(at, "forward", "forward", "forward") == [3, 6, 6]
    assert at.note == "no further difference"
    assert "difference 2 of 2" in at.status()
    assert _way(at, "back") == [3]


def test_differences_are_shown_from_the_next_one_on_where_a_step_has_none() -> None:
    at = _beside(weather(), with_another_tool())
    at.do("go", "2")
    assert _way(at, "difference") == [3]
    at.do("view", "new")
    at.do("last")
    assert _way(at, "difference") == [3]


def test_steps_that_only_the_other_run_has_stand_where_they_were() -> None:
    at = _beside(with_another_tool(), weather())
    rows = [(row.entry.span.id, row.entry.is_removed, row.depth) for row in at.rows()]
    assert rows == [(1, False, 0), (2, False, 1), (3, False, 1), (4, True, 1), (4, False, 1), (5, False, 0)]

    at.do("go", "3")
    at.do("down")
    assert at.entry.is_removed
    assert at.status() == "step 4 of the other run, which this one has not · 1 difference"
    assert at.answered
    forward = _way(at, "forward")
    at.do("up")
    assert at.entry.is_removed
    assert (forward, _way(at, "back")) == ([4], [3])


def test_without_differences_there_is_none_to_go_to() -> None:
    at = _beside(weather(), weather())
    at.do("difference")

    assert at.note == "no difference before this"
    assert "0 differences" in at.status()


def test_a_filter_means_steps_of_both_runs() -> None:
    at = _beside(with_another_tool(), weather(), wanted="kind:tool")

    assert [(row.entry.span.id, row.entry.is_removed) for row in at.rows()] == [
        (1, False),
        (3, False),
        (4, True),
    ]


def test_parents_that_make_a_loop_end_nowhere() -> None:
    spans = [Span(1, "agent", "a", parent=2, ms=1.0), Span(2, "agent", "b", parent=1, ms=1.0)]
    at = _stepper(spans)

    assert [(row.entry.span.id, row.depth) for row in at.rows()] == [(1, 0), (2, 1)]


def test_agents_that_call_agents_for_ever_can_be_stepped_through() -> None:
    deep = [Span(number, "agent", "again", parent=number - 1 or None, ms=1.0) for number in range(1, 3001)]
    at = _stepper(deep)
    at.do("last")

    assert at.rows()[-1].depth == 2999
