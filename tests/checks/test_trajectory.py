"""Trajectories: modes, parallel groups, arguments, parallel lanes, and how a failure reads."""

from __future__ import annotations

import random
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checks.kit import run, step
from trace_ops.checks import ANYTHING, MODES, Trajectory, explained, regex, subset, tool
from trace_ops.errors import UsageError
from trace_ops.trace import Span, Trace


def tools(*names: str) -> Trace:
    return run(*(f"tool:{name}" for name in names))


def kept(trace: Trace, expected: Any, mode: str = "strict", **options: Any) -> bool:
    return not Trajectory.of(expected, mode, **options).check(trace)


#              strict in_order unordered subset superset
TRUTH = [
    ("abc", "abc", "yes yes yes yes yes"),
    ("abc", "acb", "no  no  yes yes yes"),
    ("abxc", "abc", "no  yes no  no  yes"),
    ("ac", "abc", "no  no  no  yes no"),
    ("cxba", "abc", "no  no  no  no  yes"),
    ("aab", "ab", "no  yes no  no  yes"),
    ("ab", "aab", "no  no  no  yes no"),
    ("ab", "cd", "no  no  no  no  no"),
    ("", "a", "no  no  no  yes no"),
]


@pytest.mark.parametrize(("actual", "expected", "verdicts"), TRUTH)
def test_modes(actual: str, expected: str, verdicts: str) -> None:
    found = ["yes" if kept(tools(*actual), list(expected), mode) else "no" for mode in MODES]

    assert found == verdicts.split()


def test_no_step_at_all_can_be_expected() -> None:
    assert kept(tools(), [])
    assert not kept(tools("a"), [])


def test_other_kinds_are_left_out_unless_they_are_named() -> None:
    trace = run("llm:gpt-5", "tool:search", "llm:gpt-5")

    assert kept(trace, ["search"])
    assert kept(trace, ["llm:gpt-5", "tool:search", "llm:gpt-*"])
    assert not kept(trace, ["llm:gpt-5", "search"])
    assert kept(trace, ["gpt-5", "search", "gpt-5"], kinds=("llm", "tool"))


def test_a_tool_that_ran_unseen_counts() -> None:
    trace = run(step("llm:gpt-5", tools=["search", "read"]), "llm:gpt-5")

    assert kept(trace, ["llm:gpt-5", "search", "read", "llm:gpt-5"])


def test_a_set_is_a_group_in_any_order() -> None:
    expected = ["plan", {"search", "read"}, "answer"]

    assert kept(tools("plan", "search", "read", "answer"), expected)
    assert kept(tools("plan", "read", "search", "answer"), expected)
    assert not kept(tools("search", "plan", "read", "answer"), expected)
    assert not kept(tools("plan", "read", "read", "answer"), expected)
    assert kept(tools("plan", "x", "read", "y", "search", "answer"), expected, "in_order")
    assert not kept(tools("plan", "read", "answer", "search"), expected, "in_order")


def test_a_group_finds_the_pairing_that_fits() -> None:
    """The pattern that accepts anything must leave the step that only the other one accepts."""
    trace = run(step("tool:a", input={"n": 1}), step("tool:a", input={"n": 2}))

    assert kept(trace, [{tool("a"), tool("a", n=1)}])
    assert kept(trace, [tool("a", n=2), tool("a")], "unordered")
    assert not kept(trace, [tool("a", n=2), tool("a")])


# --- parallel lanes


def lanes(*placed: tuple[str, int], parent_lane: int = 0) -> Trace:
    """Tools in lanes, beneath one agent."""
    spans = [Span(1, "agent", "a", lane=parent_lane)]
    spans += [
        Span(number, "tool", name, parent=1, lane=lane, start_ms=number)
        for number, (name, lane) in enumerate(placed, 2)
    ]
    return Trace(spans=spans)


def test_lanes_have_no_order_but_their_own() -> None:
    trace = lanes(("a", 1), ("b", 1), ("x", 2), ("y", 2))
    orders = {"".join(order) for order in permutations("abxy") if kept(trace, list(order))}

    assert orders == {"abxy", "axby", "axyb", "xaby", "xayb", "xyab"}


def test_what_one_lane_starts_and_waits_for_is_between_its_steps() -> None:
    trace = lanes(("plan", 0), ("a", 1), ("b", 2), ("read", 0), ("c", 3), ("d", 4), ("answer", 0))

    assert kept(trace, ["plan", "b", "a", "read", "d", "c", "answer"])
    assert not kept(trace, ["plan", "a", "read", "b", "c", "d", "answer"])
    assert kept(trace, ["b", "a", "answer"], "in_order")
    assert not kept(trace, ["c", "a"], "in_order")


def test_steps_that_are_not_looked_at_separate_too() -> None:
    spans = [
        Span(1, "llm", "m"),
        Span(2, "tool", "a", lane=1),
        Span(3, "llm", "m"),
        Span(4, "tool", "b", lane=2),
        Span(5, "llm", "m"),
    ]

    assert kept(Trace(spans=spans), ["a", "b"])
    assert not kept(Trace(spans=spans), ["b", "a"])


def test_a_task_that_goes_on_beside_the_others_has_no_order() -> None:
    trace = lanes(("a", 0), ("x", 1), ("b", 0), ("y", 1))

    assert kept(trace, ["a", "b", "x", "y"])
    assert kept(trace, ["x", "y", "a", "b"])
    assert not kept(trace, ["y", "x", "a", "b"])


def test_tasks_started_by_a_task() -> None:
    trace = lanes(("plan", 1), ("a", 2), ("b", 3), ("answer", 1))

    assert kept(trace, ["plan", "b", "a", "answer"])
    assert not kept(trace, ["a", "plan", "b", "answer"])


def test_what_is_within_a_step_comes_between_it_and_the_next() -> None:
    spans = [
        Span(1, "tool", "outer"),
        Span(2, "tool", "inner", parent=1),
        Span(3, "tool", "next"),
    ]

    assert kept(Trace(spans=spans), ["outer", "inner", "next"])
    assert not kept(Trace(spans=spans), ["outer", "next", "inner"])


@given(st.data())
def test_any_order_that_lanes_allow_is_accepted(data: st.DataObject) -> None:
    """Shuffled lanes, of few names, so that many steps are alike."""
    chains = data.draw(st.lists(st.lists(st.sampled_from("ab"), max_size=4), min_size=1, max_size=4))
    seed = data.draw(st.integers(0, 99))
    placed = [(name, lane) for lane, chain in enumerate(chains, 1) for name in chain]
    left = {lane: list(chain) for lane, chain in enumerate(chains, 1)}
    order = []
    chance = random.Random(seed)
    while any(left.values()):
        lane = chance.choice([lane for lane, chain in left.items() if chain])
        order.append(left[lane].pop(0))

    assert kept(lanes(*placed), order)
    assert not order or kept(lanes(*placed), order, "in_order")


def test_many_lanes_of_the_same_tool_are_decided_at_once() -> None:
    trace = lanes(*(("search", lane) for lane in range(1, 40)), ("last", 40))

    assert kept(trace, ["last", *["search"] * 39])
    assert not kept(trace, ["last", *["search"] * 38, "read"])


def test_large_groups_of_the_same_are_decided_at_once() -> None:
    many = "|".join(["search"] * 30)

    assert not Trajectory.parse(many).check(tools(*["search"] * 30))
    (violation,) = Trajectory.parse(many).check(tools(*["search"] * 29, "read"))
    assert violation.by == "1 missing, 1 not expected"
    assert violation.details[-1] == "+           tool:read  (span 30)"


def test_more_orders_than_can_be_tried_are_said_to_be() -> None:
    """Patterns that overlap, so that each choice has consequences, and no choice works."""
    names = [f"{letter}{number}" for number in range(12) for letter in "ab"]
    patterns = {f"*{number}" for number in range(12)} | {f"[ab]{number}" for number in range(11)} | {"c*"}
    trace = lanes(*((name, lane) for lane, name in enumerate(names, 1)))
    (violation,) = Trajectory.of([patterns]).check(trace)

    assert violation.details[-1] == "the parallel steps can be put in too many orders: not all were tried"


def test_long_runs_are_checked_in_one_go() -> None:
    names = [f"tool{number % 50}" for number in range(3000)]

    assert kept(tools(*names), names)
    assert kept(tools(*names), names[::3], "in_order")
    assert not kept(tools(*names), [*names[:-1], "other"])


# --- arguments

CALL = run(step("tool:search", input={"query": "Oslo weather", "limit": 5, "site": {"lang": "no", "n": 1}}))
SITE = {"lang": "no", "n": 1}


@pytest.mark.parametrize(
    "expected",
    [
        tool("search"),
        tool("search", query="Oslo weather", limit=5, site=SITE),
        tool("search", query=regex(r"^Oslo\b"), limit=ANYTHING, site=...),
        tool("search", query=str, limit=lambda limit: limit < 10, site=subset({"lang": "no"})),
        tool("search", query=str, limit=int, site={"lang": regex("no|nb"), "n": ANYTHING}),
        tool("search", subset({"limit": 5})),
        tool("search", subset({"site": subset({"n": int})})),
        tool("search", lambda arguments: "query" in arguments),
        tool("tool:sea*"),
    ],
    ids=str,
)
def test_arguments_that_fit(expected: Any) -> None:
    assert kept(CALL, [expected])


@pytest.mark.parametrize(
    ("expected", "detail"),
    [
        (tool("search", query="Rome", limit=5, site=SITE), 'query: "Rome" -> "Oslo weather"'),
        (tool("search", query="Oslo weather", limit=5), 'site is not expected: {"lang": "no", "n": 1}'),
        (tool("search", query=str, limit=5), 'site is not expected: {"lang": "no", "n": 1}'),
        (tool("search", subset({"page": 2})), "page is missing, expected is 2"),
        (tool("search", subset({"site": {"lang": "sv", "n": 1}})), 'site.lang: "sv" -> "no"'),
        (tool("search", subset({"limit": regex("^R")})), "limit: 5 does not match regex('^R')"),
        (tool("search", subset({"limit": str})), "limit: 5 is not accepted by str"),
        (
            tool("search", subset({"limit": len})),
            "limit: 5 makes len raise TypeError: object of type 'int' has no len()",
        ),
        (tool("search", regex("x")), "arguments: {"),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit(expected: Any, detail: str) -> None:
    (violation,) = Trajectory.of([expected]).check(CALL)

    assert violation.text == "not the expected trajectory (strict): 1 with other arguments"
    assert violation.details[2].strip().startswith(detail)


def test_arguments_that_nobody_saw_do_not_fit() -> None:
    (violation,) = Trajectory.of([tool("search", query="Oslo")]).check(run("tool:search"))

    assert violation.details[2].strip() == "its arguments are not known"


# --- how a failure reads


def test_a_failure_shows_both_beside_each_other() -> None:
    trace = run(
        "llm:gpt-5",
        "tool:plan",
        step("tool:search", input={"query": "Rome"}),
        "tool:delete",
        "tool:answer",
        "llm:gpt-5",
    )
    violations = Trajectory.of(["plan", tool("search", query="Oslo"), {"read", "write"}, "answer"]).check(
        trace
    )

    assert explained(trace, violations) == (
        "not the expected trajectory (strict): 2 missing, 1 not expected, 1 with other arguments\n"
        "    expected                   actual\n"
        "    plan                       tool:plan  (span 2)\n"
        "  ~ tool:search(query='Oslo')  tool:search  (span 3)\n"
        '      query: "Oslo" -> "Rome"\n'
        "  - read\n"
        "  - write\n"
        "  +                            tool:delete  (span 4)\n"
        "    answer                     tool:answer  (span 5)\n"
        "trajectory: llm:gpt-5 -> tool:plan -> [tool:search] -> [tool:delete] -> tool:answer -> llm:gpt-5"
    )
    assert violations[0].where == (3, 4)


def test_a_step_in_another_place_is_told_once() -> None:
    trace = tools("plan", "read", "search", "answer")

    assert explained(trace, Trajectory.of(["plan", "search", "read", "answer"]).check(trace)) == (
        "not the expected trajectory (strict): 1 out of order\n"
        "    expected  actual\n"
        "    plan      tool:plan  (span 1)\n"
        "  < search    tool:search  (span 3), out of order\n"
        "    read      tool:read  (span 2)\n"
        "    answer    tool:answer  (span 4)\n"
        "trajectory: tool:plan -> tool:read -> [tool:search] -> tool:answer"
    )


def test_what_a_mode_allows_is_no_fault() -> None:
    trace = tools("a", "x", "b")
    (violation,) = Trajectory.of(["a", "b", "c"], "in_order").check(trace)

    assert violation.details == (
        "  expected  actual",
        "  a         tool:a  (span 1)",
        "            tool:x  (span 2)",
        "  b         tool:b  (span 3)",
        "- c",
    )


def test_steps_in_parallel_are_not_called_misplaced() -> None:
    trace = lanes(("b", 1), ("a", 2))
    (violation,) = Trajectory.of(["a", "b", "c"]).check(trace)

    assert violation.by == "1 missing"


def test_long_agreement_is_cut() -> None:
    names = [f"t{number}" for number in range(40)]
    (violation,) = Trajectory.of(names).check(tools(*names[:20], "odd", *names[20:]))

    assert violation.details[1] == "  ... 17 more as expected ..."
    assert len(violation.details) == 10


def test_a_step_of_another_kind_is_pointed_out() -> None:
    (violation,) = Trajectory.of(["docs"]).check(run("retrieval:docs"))

    assert violation.details[-1] == "there is a step retrieval:docs: write it so to expect it"


def test_names_cannot_steer_the_terminal() -> None:
    trace = tools("a\x1b[2Jb\nc")

    assert "\x1b" not in explained(trace, Trajectory.of(["x"]).check(trace))


# --- what people write


def test_the_form_of_the_command_line() -> None:
    trajectory = Trajectory.parse("plan, search|read|read ,answer", "in_order")

    assert str(trajectory) == "plan, {search, read, read}, answer"
    assert trajectory.mode == "in_order"
    assert str(Trajectory.parse("")) == ""


@pytest.mark.parametrize(
    ("expected", "options", "text"),
    [
        ("plan", {}, "the expected trajectory is a list of steps, not 'plan'"),
        (5, {}, "the expected trajectory is a list of steps, not 5"),
        ([5], {}, "5 is no expected step: give a name ('search'), a kind and a name ('llm:gpt-5'), "),
        ([["a"]], {}, "['a'] is no expected step: "),
        ([set()], {}, "an empty set is no expected step"),
        (["a"], {"mode": "loose"}, "unknown trajectory mode 'loose'; choose strict, in_order, unordered, "),
        ([], {"mode": "superset"}, "mode 'superset' with no expected step accepts any run"),
        (["a"], {"kinds": ["tools"]}, "kinds=['tools']: choose from llm, embedding, tool, "),
        (
            ["llm:x"],
            {"kinds": ("tool",)},
            "steps of kind llm are expected, but kinds=('tool',) leaves them out",
        ),
    ],
)
def test_what_is_no_trajectory_is_refused(expected: Any, options: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Trajectory.of(expected, **options)

    assert str(caught.value).startswith(text)


@pytest.mark.parametrize("text", ["a,,b", "a|", ","])
def test_an_empty_step_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="has an empty step"):
        Trajectory.parse(text)
