"""What holds for any two runs: nothing changed means no change, k edits are k roots, and it mirrors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.diff.agents import Api, Call, Run, Talk, Turn, run
from tests.diff.edits import (
    AGENT_REMOVED,
    EDITS,
    MODEL,
    PARAMETER,
    PROMPT,
    RESULT,
    STEP_ADDED,
    STEP_REMOVED,
    SYSTEM,
    Edit,
    Expected,
    edited,
)
from trace_ops.cassette import Cassette, dumps, loads
from trace_ops.diff import TraceDiff, diff_traces
from trace_ops.trace import Trace

_NOUNS = "harbour tide pilot cargo vessel berth signal anchor beacon current".split()
_settings = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

apis = st.sampled_from(["chat", "responses", "messages"])


@st.composite
def talks(draw: st.DrawFn, least: int = 1) -> list[Talk]:
    """Plans in which every text is told from the others by its number."""
    found = []
    parallel = draw(st.booleans())
    for number in range(draw(st.integers(least, 5))):
        turns = []
        count = draw(st.integers(1, 4))
        for turn in range(count):
            name = f"{number}-{turn}"
            calls = [
                Call(
                    draw(st.sampled_from(["search", "read_page"])),
                    {"query": f"{draw(st.sampled_from(_NOUNS))} {name}-{n}", "limit": n},
                    {"hits": [f"{_NOUNS[n]} {name}-{n}"]} if draw(st.booleans()) else f"page {name}-{n}",
                )
                for n in range(draw(st.integers(0, 2)) if turn < count - 1 else 0)
            ]
            asked = f"What of {name}?" if turn == 0 or draw(st.booleans()) else None
            turns.append(Turn(f"The answer {name} is {draw(st.sampled_from(_NOUNS))}.", asked, calls))
        system = f"You are agent {number} of the {_NOUNS[number]}."
        found.append(Talk(system, turns, agent=draw(st.booleans()), parallel=parallel))
    return found


def _shown(diff: TraceDiff) -> str:
    lines = []
    for change in diff.changes:
        what = f"{change.old}->{change.new} {change.cause} {change.path} root={change.root} {change.follows}"
        lines.append(f"{what}: {change.before!r:.80} -> {change.after!r:.80}")
    return "\n".join(lines)


@_settings
@given(talks(), apis, st.integers(0, 5), st.integers(0, 5))
def test_a_run_made_again_has_no_changes(plan: list[Talk], api: Api, one: int, other: int) -> None:
    diff = diff_traces(run(plan, api, one).trace, run(plan, api, other).trace)

    assert not diff.changes, _shown(diff)
    assert all(pair.old and pair.new for pair in diff.pairs)


@_settings
@given(talks(), apis)
def test_a_run_has_no_changes_when_it_comes_from_a_cassette(plan: list[Talk], api: Api) -> None:
    trace = run(plan, api).trace
    again = loads(dumps(Cassette(run(plan, api).trace))).trace

    assert not diff_traces(trace, again).changes
    assert not diff_traces(again, trace).changes


@st.composite
def plans_and_edits(draw: st.DrawFn) -> tuple[list[Talk], list[tuple[Edit, int, int]]]:
    """A plan, and at most one edit in each talk: of two in one, the second may well follow from the first."""
    plan = draw(talks(least=2))
    choice = EDITS
    if plan[0].parallel:
        choice = [edit for edit in EDITS if edit not in (STEP_REMOVED, STEP_ADDED, AGENT_REMOVED)]
    else:
        # A call that is made as before in between; else a step that is gone follows from what came before.
        plan = [one for n, talk in enumerate(plan) for one in (talk, _between(n))]
    places = [n for n, talk in enumerate(plan) if talk.name != "between"]
    chosen = draw(st.permutations(places))[: draw(st.integers(1, len(places)))]
    edits = [(draw(st.sampled_from(choice)), talk, draw(st.integers(0, 3))) for talk in chosen]
    added = [edit for edit in edits if edit[0] is STEP_ADDED]
    return plan, [edit for edit in edits if edit not in added[1:]]


def _between(number: int) -> Talk:
    return Talk(f"You wait {number}.", [Turn(f"Waited {number}.", f"Wait {number}.")], "between", agent=False)


def _found(diff: TraceDiff) -> set[tuple[str, int | None, int | None]]:
    return {(change.cause.split(" (")[0].split(" ")[0], change.old, change.new) for change in diff.roots}


def _wanted(expected: list[Expected], old: Run, new: Run) -> set[tuple[str, int | None, int | None]]:
    return {
        (
            root.cause.split(" ")[0],
            None if root.old is None else old.ids[root.old],
            None if root.new is None else new.ids[root.new],
        )
        for root in expected
    }


@_settings
@given(plans_and_edits(), apis, st.integers(0, 3), st.integers(0, 3))
def test_each_edit_is_one_root(planned: tuple[Any, Any], api: Api, one: int, other: int) -> None:
    plan, edits = planned
    changed, expected = edited(plan, edits)
    old, new = run(plan, api, one), run(changed, api, other)

    diff = diff_traces(old.trace, new.trace)

    assert _found(diff) == _wanted(expected, old, new), _shown(diff)
    assert len(diff.roots) == len(expected), _shown(diff)


@st.composite
def edits_of_one_talk(draw: st.DrawFn) -> tuple[list[Talk], list[tuple[Edit, int, int]]]:
    """Several things that somebody changed in one conversation, whose answers stay as they are."""
    plan = draw(talks())
    talk = draw(st.integers(0, len(plan) - 1))
    chosen = draw(
        st.lists(st.sampled_from([PROMPT, SYSTEM, MODEL, PARAMETER, RESULT]), unique=True, min_size=2)
    )
    return plan, [(edit, talk, draw(st.integers(0, 3))) for edit in chosen]


@_settings
@given(edits_of_one_talk(), apis, st.integers(0, 3))
def test_what_answers_do_not_follow_explains_no_other_edit(
    planned: tuple[Any, Any], api: Api, seed: int
) -> None:
    plan, edits = planned
    changed, expected = edited(plan, edits)
    old, new = run(plan, api, 1), run(changed, api, seed)

    diff = diff_traces(old.trace, new.trace)

    assert _found(diff) == _wanted(expected, old, new), _shown(diff)
    assert len(diff.roots) == len(expected), _shown(diff)


_MIRRORED = {"step added": "step removed", "step removed": "step added"}


@_settings
@given(plans_and_edits(), apis)
def test_the_other_way_round_it_is_mirrored(planned: tuple[Any, Any], api: Api) -> None:
    plan, edits = planned
    old, new = run(plan, api, 1).trace, run(edited(plan, edits)[0], api, 2).trace

    there, back = diff_traces(old, new), diff_traces(new, old)

    def said(diff: TraceDiff, mirrored: bool) -> list[tuple[Any, ...]]:
        found = []
        for change in diff.changes:
            cause = _MIRRORED.get(change.cause, change.cause) if mirrored else change.cause
            ends = (change.new, change.old) if mirrored else (change.old, change.new)
            found.append((change.kind, cause, *ends, change.severity))
        return sorted(found, key=repr)

    assert said(there, False) == said(back, True)
    assert len(there.roots) == len(back.roots), f"{_shown(there)}\n\n{_shown(back)}"


@_settings
@given(st.data(), talks(least=3), apis)
def test_two_steps_that_exchange_places_are_one_change(
    data: st.DataObject, plan: list[Talk], api: Api
) -> None:
    for talk in plan:
        talk.agent = talk.parallel = False
        talk.turns = talk.turns[:1]
        talk.turns[0].calls = []
    one, other = sorted(data.draw(st.permutations(range(len(plan))))[:2])
    swapped = list(plan)
    swapped[one], swapped[other] = plan[other], plan[one]

    diff = diff_traces(run(plan, api, 1).trace, run(swapped, api, 2).trace)

    assert [change.cause for change in diff.changes] == ["steps swapped"], _shown(diff)
    change = diff.changes[0]
    assert (change.old, change.new) == (one + 1, one + 1)
    assert (change.before, change.after) == ([one + 1, other + 1], [other + 1, one + 1])


@_settings
@given(talks(), apis)
def test_a_step_around_everything_is_one_added_step(plan: list[Talk], api: Api) -> None:
    old, new = run(plan, api, 1).trace, run(plan, api, 2).trace
    wrapped = Trace(spans=[replace(span) for span in new])
    for span in wrapped:
        span.id += 1
        span.parent = 1 if span.parent is None else span.parent + 1
    wrapped.spans.insert(0, type(new.spans[0])(1, "chain", "pipeline"))

    diff = diff_traces(old, wrapped)

    assert [(change.cause, change.new) for change in diff.changes] == [("step added", 1)], _shown(diff)


@pytest.mark.parametrize("edit", EDITS, ids=repr)
def test_every_edit_can_be_made(edit: Edit) -> None:
    """Else the properties above would hold for want of edits."""
    plan = [
        Talk(
            "You plan.",
            [Turn("First.", "Plan.", [Call("search", {"query": "a"}, "b")]), Turn("Done.", "And?")],
        )
    ]

    assert edited(plan, [(edit, 0, 0)])[1]
