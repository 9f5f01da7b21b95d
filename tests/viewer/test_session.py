"""The tests of a session in a browser: what matters first, what was asked for, and the way to each run."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from tests.viewer.browser import Desk, Viewer
from tests.viewer.contract import Contract
from trace_ops.diff import diff_traces
from trace_ops.trace import Span, Trace
from trace_ops.viewer.page import page
from trace_ops.viewer.shelf import Shelf


def a_test(name: str, **given: Any) -> dict[str, Any]:
    """A test of the report."""
    usual: dict[str, Any] = {
        "test": f"tests/test_guide.py::{name}",
        "result": "passed",
        "verdict": "replayed",
        "reason": None,
        "mode": "once",
        "cassette": f"cassettes/test_guide/{name}.yaml",
        "seconds": 0.25,
        "llm_calls": 1,
        "tool_calls": 0,
        "tokens": {"spent": 0, "saved": 40},
        "cost_usd": {"spent": 0.0, "saved": 0.002},
        "misses": [],
        "unplayed": [],
        "violations": [],
        "notes": [],
        "warnings": [],
        "change": None,
        "take": None,
        "command": f"pytest tests/test_guide.py::{name} --record",
        "run": None,
        "comparison": None,
    }
    return {**usual, **given}


MISS = (
    "no recorded call for openai POST /chat/completions\n  nearest: span 1, 1 difference\n    model: a -> b"
)
TESTS = [
    a_test("test_oslo", seconds=3.5),
    a_test(
        "test_lima",
        verdict="recorded",
        tokens={"spent": 90, "saved": 0},
        cost_usd={"spent": None, "saved": 0.0},
    ),
    a_test(
        "test_rome",
        result="failed",
        verdict="missed",
        reason="UnrecordedCallError: no recorded call",
        misses=[MISS],
    ),
    a_test("test_cairo", change="first difference: step 1, tool look_up: tool result changed"),
    a_test(
        "test_budget",
        result="failed",
        reason="BudgetExceededError",
        violations=["max_usd: $0.02", "max_tokens: 9"],
    ),
    a_test("TestAgent::test_notes", notes=["nothing to relate to"], warnings=["a key was not used"]),
]
LOOSE = {
    "what": "orphan",
    "kind": "orphan",
    "cassette": "cassettes/test_guide/gone.yaml",
    "detail": "no test uses it",
    "command": "rm cassettes/test_guide/gone.yaml",
}
TAKE = {
    "test": "tests/test_guide.py::test_oslo",
    "passed": 4,
    "taken": 5,
    "trajectories": [{"steps": ["a"], "takes": 3}, {"steps": ["b"], "takes": 2}],
    "tokens": {"min": 1000, "mean": 1100.0, "max": 1200, "stdev": 80.0},
    "cost_usd": {"min": 0.01, "mean": 0.01, "max": 0.01, "stdev": 0.0},
}
BASE: dict[str, Any] = {
    "directory": "../base",
    "same": 3,
    "changed": [
        {
            "cassette": "test_guide/test_cairo.yaml",
            "change": "first difference: step 1",
            "comparison": "",
        }
    ],
    "added": ["test_guide/test_lima.yaml"],
    "removed": [],
    "broken": [],
    "outside": [],
}


def session(tests: list[dict[str, Any]], **given: Any) -> dict[str, Any]:
    failed = sum(test["result"] == "failed" for test in tests)
    usual: dict[str, Any] = {
        "exit_status": 1 if failed else 0,
        "totals": {
            "tests": len(tests),
            "violations": sum(len(test["violations"]) for test in tests),
            "tokens": {"spent": 90, "saved": 200},
            "cost_usd": {"spent": 0.0, "saved": 0.01, "unknown": 1},
            "seconds": 4.75,
        },
        "tests": tests,
        "takes": [],
        "loose_ends": [],
        "base": None,
    }
    return {**usual, **given}


def report(tests: list[dict[str, Any]] | None = None, **given: Any) -> str:
    """The page of a session; the first test has a run, the fourth one a comparison besides."""

    def trace(result: str) -> Trace:
        return Trace(spans=[Span(1, "tool", "look_up", input="llama", output=result, ms=3.0)])

    shelf = Shelf()
    tests = [dict(test) for test in TESTS] if tests is None else tests
    if len(tests) > 3:
        tests[0]["run"] = shelf.add(trace("the Andes"), "test_oslo")
        recorded, now = (
            shelf.add(trace("the Andes"), "test_cairo, recorded"),
            shelf.add(trace("Peru"), "test_cairo"),
        )
        tests[3]["run"] = now
        tests[3]["comparison"] = shelf.compare(diff_traces(trace("the Andes"), trace("Peru")), recorded, now)
    told: Any = session(tests, **given)
    return b"".join(page(shelf.pieces("Tests of guide", told))).decode()


def names(viewer: Viewer) -> list[str]:
    viewer.settle()
    return [name.rpartition("::")[2] for name in viewer.page.locator(".test-name").all_inner_texts()]


def test_the_session_keeps_the_contract() -> None:
    problems = Contract().problems("Session", session(TESTS, loose_ends=[LOOSE], takes=[TAKE], base=BASE))
    assert [problem for problem in problems if "is in no contract" not in problem] == []


def test_what_failed_and_what_changed_comes_first(show: Desk) -> None:
    viewer = show(html=report())
    assert names(viewer) == ["test_rome", "test_budget", "test_lima", "test_cairo", "test_oslo", "test_notes"]
    assert viewer.page.locator(".session-title").inner_text() == "2 of 6 failed"
    told = {
        measure.locator("dt").inner_text(): measure.locator("dd").inner_text()
        for measure in viewer.page.locator(".measure").all()
    }
    assert told == {
        "changed": "3",
        "replayed": "4",
        "recorded": "1",
        "violations": "2",
        "spent": "$0.00 and unknown",
        "saved": "$0.010",
        "tokens spent": "90",
        "time": "4.75 s",
    }


def test_a_test_says_in_a_line_what_is_wrong_and_all_of_it_when_opened(show: Desk) -> None:
    viewer = show(html=report()).settle()
    rome = viewer.page.locator(".test", has_text="test_rome")
    assert rome.locator(".test-say").all_inner_texts() == ["failed\nUnrecordedCallError: no recorded call"]
    rome.get_by_role("button", name="More of test_rome").click()
    assert "nearest: span 1, 1 difference" in rome.inner_text()
    assert "mode once, cassettes/test_guide/test_rome.yaml" in rome.inner_text()
    budget = viewer.page.locator(".test", has_text="test_budget")
    budget.get_by_role("button", name="More of test_budget").click()
    assert "max_tokens: 9" in budget.inner_text()
    notes = viewer.page.locator(".test", has_text="test_notes")
    assert "nothing to relate to" not in notes.inner_text()
    notes.get_by_role("button", name="More of").click()
    assert "nothing to relate to" in notes.inner_text()


def test_the_command_that_records_a_test_is_copied(show: Desk) -> None:
    viewer = show(html=report()).settle()
    viewer.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lima = viewer.page.locator(".test", has_text="test_lima")
    lima.get_by_role("button", name="More of").click()
    lima.get_by_role("button", name="Copy the command that records it again").click()
    viewer.page.get_by_text("Command copied").wait_for()
    assert (
        viewer.page.evaluate("navigator.clipboard.readText()")
        == "pytest tests/test_guide.py::test_lima --record"
    )


def test_a_test_opens_its_run_or_what_it_did_differently(show: Desk) -> None:
    viewer = show(html=report()).settle()
    viewer.page.locator(".test-name", has_text="test_oslo").click()
    assert viewer.hash == "#/run/test_oslo"
    viewer.back()
    viewer.page.locator(".test-name", has_text="test_cairo").click()
    viewer.settle()
    assert viewer.hash.startswith("#/compare/")
    assert "tool result" in viewer.page.locator(".compare-first").inner_text()
    viewer.back()
    cairo = viewer.page.locator(".test", has_text="test_cairo")
    cairo.get_by_role("button", name="More of").click()
    cairo.get_by_role("button", name="Its run").click()
    assert viewer.hash == "#/run/test_cairo"
    viewer.back()
    viewer.page.locator(".test-name", has_text="test_lima").click()  # it has no run
    assert viewer.page.locator(".test", has_text="test_lima").locator(".command").is_visible()


def test_tests_are_chosen_by_text_and_by_word(show: Desk) -> None:
    viewer = show(html=report()).settle()
    viewer.press("/")
    viewer.type("BUDGET")
    assert names(viewer) == ["test_budget"]
    assert viewer.page.locator(".session-bar [role=status]").inner_text() == "1 of 6 tests"
    viewer.page.get_by_label("Filter tests (/)").fill("")
    viewer.button("missed 1").click()
    viewer.button("recorded 1").click()
    assert names(viewer) == ["test_rome", "test_lima"]
    viewer.button("failed 2").click()
    assert names(viewer) == ["test_rome"]
    viewer.page.get_by_label("Filter tests (/)").fill("no such test")
    assert names(viewer) == []
    assert "No test fits." in viewer.page.locator(".session").inner_text()


def test_tests_are_sorted_by_a_column(show: Desk) -> None:
    viewer = show(html=report()).settle()

    def sort(column: str) -> list[str]:
        viewer.page.get_by_role("columnheader", name=column).get_by_role("button").click()
        return names(viewer)

    assert sort("time")[0] == "test_oslo"
    head = viewer.page.get_by_role("columnheader", name="time")
    assert head.get_attribute("aria-sort") == "descending"
    assert sort("time")[-1] == "test_oslo"
    assert sort("time")[0] == "test_rome"  # as it matters
    assert sort("tokens")[0] == "test_lima"
    assert sort("cost")[-1] == "test_lima"  # nobody knows
    assert sort("test")[:2] == ["test_notes", "test_budget"]


def test_tests_are_walked_with_keys(show: Desk) -> None:
    viewer = show(html=report()).settle()
    viewer.press("j", "j", "k")
    focused = "document.activeElement.textContent"
    assert viewer.page.evaluate(focused).endswith("test_rome")
    viewer.press("j", "j", "j", "j")
    viewer.press("Enter")
    assert viewer.hash == "#/run/test_oslo"


def test_takes_loose_ends_and_the_base_are_told(show: Desk) -> None:
    viewer = show(html=report(takes=[TAKE], loose_ends=[LOOSE], base=BASE)).settle()
    text = " ".join(viewer.page.locator(".session").inner_text().split())
    for told in (
        "tests/test_guide.py::test_oslo 4 of 5 passed 2 different trajectories 1,000 to 1,200 tokens $0.010",
        "orphan cassettes/test_guide/gone.yaml no test uses it rm cassettes/test_guide/gone.yaml",
        "Compared with ../base 1 changed, 1 added, 3 the same",
        "test_guide/test_cairo.yaml first difference: step 1",
        "added test_guide/test_lima.yaml",
    ):
        assert told in text, text


def test_what_differs_from_the_base_leads_to_its_comparison(show: Desk) -> None:
    key = "test_cairo-recorded.vs.test_cairo"
    viewer = show(html=report(base={**BASE, "changed": [{**BASE["changed"][0], "comparison": key}]})).settle()
    viewer.button("test_guide/test_cairo.yaml").click()
    assert "look_up" in viewer.page.locator(".compare-first").inner_text()


def test_a_session_without_failures_says_so(show: Desk) -> None:
    viewer = show(html=report([a_test("test_oslo")])).settle()
    assert viewer.page.locator(".session-title").inner_text() == "Passed"
    viewer = show(html=report([])).settle()
    assert "No test used a cassette." in viewer.page.locator(".session").inner_text()


def test_thousands_of_tests_are_drawn_where_one_looks(show: Desk) -> None:
    viewer = show(html=report([a_test(f"test_{number}") for number in range(5000)])).settle()
    assert viewer.page.locator(".test").count() < 400
    viewer.page.get_by_label("Filter tests (/)").fill("test_4999")
    assert names(viewer) == ["test_4999"]


def test_a_narrow_page_leaves_figures_out(show: Desk) -> None:
    viewer = show(html=report(), size=(480, 800)).settle()
    assert viewer.page.evaluate("document.querySelector('.session').scrollWidth <= innerWidth")
    assert not viewer.page.locator('.test-cell[data-column="cost"]').first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong(show: Desk, scheme: Literal["light", "dark"]) -> None:
    viewer = show(html=report(takes=[TAKE], loose_ends=[LOOSE], base=BASE), scheme=scheme).settle()
    viewer.page.get_by_role("button", name="More of test_rome").click()
    assert viewer.accessible() == []


def test_a_take_says_which_it_is(show: Desk) -> None:
    viewer = show(html=report([a_test("test_oslo", take={"number": number}) for number in (1, 2)]))
    assert names(viewer) == ["test_oslo take 1", "test_oslo take 2"]
