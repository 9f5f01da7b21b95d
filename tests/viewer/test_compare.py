"""Two runs side by side in a browser, aligned by the real diff: what differs first, and what follows."""

from __future__ import annotations

import copy
from typing import Any, Literal

import pytest

from tests.diff.agents import Call, Talk, Turn, run
from tests.viewer.browser import Desk, Viewer
from trace_ops.diff import diff_traces
from trace_ops.trace import Span, Trace
from trace_ops.viewer.page import page
from trace_ops.viewer.shelf import Shelf

SYSTEM = "You are a guide for travellers.\n\nAnswer in two short sentences.\nName your sources."


def plan() -> list[Talk]:
    """A conversation of five calls with a tool after each but the last."""
    turns = [
        Turn(
            f"I look up {city}.",
            asked=f"Tell me of {city}." if at == 0 else None,
            calls=[Call("look_up", {"city": city, "days": 3}, f"{city}: {10 + at} °C and rain")],
        )
        for at, city in enumerate(("Oslo", "Rome", "Lima", "Cairo"))
    ]
    return [
        Talk(SYSTEM, [*turns, Turn("Go to Rome, where it is warm and there is little rain.")], name="guide")
    ]


def compared(old: Trace, new: Trace) -> str:
    """The page that compares two runs."""
    shelf = Shelf()
    keys = shelf.add(old, "before", "before.yaml"), shelf.add(new, "after", "after.yaml")
    shelf.compare(diff_traces(old, new), *keys)
    return b"".join(page(shelf.pieces("Two runs"))).decode()


def changed(**edits: Any) -> str:
    """The plan beside itself with another ``result``, ``answer`` or ``system`` prompt, or ``more`` calls."""
    old, new = plan(), copy.deepcopy(plan())
    (talk,) = new
    if "system" in edits:
        talk.system = edits["system"]
    if "result" in edits:
        talk.turns[2].calls[0].result = edits["result"]
    if "answer" in edits:
        talk.turns[-1].answer = edits["answer"]
    if "more" in edits:
        talk.turns.insert(3, Turn("And one more.", calls=[edits["more"]]))
    return compared(run(old).trace, run(new).trace)


RESULT = "Lima: 25 °C and sun"
ANSWER = "Go to Lima, where it is warm and there is little rain."


def rows(viewer: Viewer) -> list[str]:
    """The steps in their order, with their sign; what is folded as it says."""
    viewer.settle()
    return list(
        viewer.page.evaluate(
            """() => [...document.querySelectorAll('.pairs > .lazy > *')].map((row) => {
                if (!row.matches('.pair')) return row.textContent;
                const numbers = [...row.querySelectorAll('.pair-number')].map((one) => one.innerText || '-');
                const sign = row.querySelector('.pair-sign').firstChild?.data ?? '';
                const follows = row.dataset.follows === 'true' ? '(' : '';
                const label = row.querySelector('.pair-label bdi').textContent;
                return `${sign}${follows}${numbers.join(' ')} ${label}`;
            })"""
        )
    )


def here(viewer: Viewer) -> str:
    """The numbers of the step that is looked at."""
    viewer.settle()
    numbers = viewer.page.locator('.pair[data-here="true"] .pair-number')
    return " ".join(numbers.all_inner_texts())


def test_the_first_difference_is_named_open_and_in_sight(show: Desk) -> None:
    viewer = show(html=changed(result=RESULT, answer=ANSWER)).settle()
    head = viewer.page.locator(".compare-first")
    assert head.inner_text().split("\n")[0] == "minor"
    assert "First difference: step 7 look_up, tool result changed" in head.inner_text()
    assert "1 difference of its own, " in head.inner_text()
    assert here(viewer) == "7 7"
    open_ = viewer.page.locator('.pair[data-here="true"]')
    assert open_.locator("del").all_inner_texts() == ["12", "rain"]
    assert open_.locator("ins").all_inner_texts() == ["25", "sun"]
    assert open_.is_visible()
    assert "first difference" in open_.inner_text()


def test_what_follows_is_dimmed_and_listed_under_what_it_follows_from(show: Desk) -> None:
    viewer = show(html=changed(result=RESULT, answer=ANSWER))
    assert rows(viewer) == [
        "~(1 1 guide",
        "5 equal steps",
        "~7 7 look_up",
        "~(8 8 gpt-5",
        "9 9 look_up",
        "~(10 10 gpt-5",
    ]
    following = viewer.page.locator(".following")
    assert [line.inner_text() for line in following.locator("li").all()] == [
        "handed on: step 1, step 8",
        "the same change again: step 10",
        "what came of it: step 10",
    ]
    following.get_by_role("button", name="step 10").first.click()
    assert here(viewer) == "10 10"
    answer = viewer.page.locator('.pair[data-here="true"] .change', has_text="provider's answer")
    assert answer.locator(".change-from").inner_text() == "came of step 7: tool result changed"
    answer.get_by_role("button", name="step 7").click()
    assert here(viewer) == "7 7"


def test_steps_that_came_and_went_say_what_they_did(show: Desk) -> None:
    more = Call("book", {"city": "Lima"}, "booked")
    viewer = show(html=changed(more=more)).settle()
    told = rows(viewer)
    assert [row for row in told if row.startswith("+")] == ["+(- 9 book", "+(- 10 gpt-5"]
    assert viewer.page.locator(".compare-tools").inner_text() == "Tools called only now:\nbook"
    added = viewer.page.locator('.pair[data-state="added"]')
    assert added.first.locator(".only").count() == 0
    added.first.locator(".pair-open").click()
    assert "booked" in added.first.locator(".only").inner_text()
    assert added.first.get_by_role("button", name="Step 9 in the new run").is_visible()
    added.last.locator(".pair-open").click()
    assert "I look up Cairo." in added.last.inner_text()


def test_totals_tell_before_after_and_by_how_much(show: Desk) -> None:
    viewer = show(html=changed(more=Call("book", {}, "booked"))).settle()
    totals = {
        measure.locator("dt").inner_text(): " ".join(measure.locator("dd").inner_text().split())
        for measure in viewer.page.locator(".compare-totals .measure").all()
    }
    assert totals["model calls"] == "5 → 6 +20 %"
    assert totals["tool calls"] == "4 → 5 +25 %"
    assert totals["cost"] in ("unknown", "$0.00") or "→" in totals["cost"]


def test_differences_are_walked_with_keys_and_buttons(show: Desk) -> None:
    viewer = show(html=changed(result=RESULT, answer=ANSWER)).settle()
    walked = [here(viewer)]
    for key in ("n", "n", "n", "p", "p", "p"):
        viewer.press(key)
        walked.append(here(viewer))
    assert walked == ["7 7", "8 8", "10 10", "10 10", "8 8", "7 7", "1 1"]
    viewer.page.get_by_role("button", name="Next difference (n)").click()
    assert here(viewer) == "7 7"
    viewer.press("n")
    assert here(viewer) == "8 8"
    assert "change=" in viewer.hash
    viewer.press("P")
    assert here(viewer) == "7 7"
    viewer.press("N")
    assert here(viewer) == "7 7"  # nothing else stands for itself
    assert viewer.page.locator(".compare-bar [role=status]").inner_text() == "2 of 4 steps that differ"


def test_equal_steps_are_folded_and_shown(show: Desk) -> None:
    viewer = show(html=changed(result=RESULT, answer=ANSWER)).settle()
    viewer.button("5 equal steps").click()
    assert "3 3 look_up" in rows(viewer)
    viewer.press("x")
    assert viewer.button("Fold equal").get_attribute("aria-pressed") == "false"
    assert " ".join(row.split()[0] for row in rows(viewer)) == "~(1 2 3 4 5 6 ~7 ~(8 9 ~(10"
    viewer.press("x")
    assert "5 equal steps" in rows(viewer)


def test_texts_are_split_or_in_one_column(show: Desk) -> None:
    system = SYSTEM.replace("two short sentences", "one sentence")
    viewer = show(html=changed(system=system)).settle()
    diff = viewer.page.locator('.pair[data-here="true"] .diff').first
    assert diff.get_attribute("data-layout") == "split"
    pairs = diff.locator(".diff-pair")
    assert [pair.inner_text().split("\n") for pair in pairs.all()][2:3] == [
        ["3", "-", "Answer in two short sentences.", "3", "+", "Answer in one sentence."]
    ]
    viewer.press("l")
    assert diff.get_attribute("data-layout") == "unified"
    assert "layout=unified" in viewer.hash
    signs = [row.get_attribute("data-sign") for row in diff.locator(".diff-row").all()]
    assert signs == [" ", " ", "-", "+", " "]
    viewer.button("Split").click()
    assert diff.get_attribute("data-layout") == "split"


def test_a_narrow_page_has_one_column(show: Desk) -> None:
    viewer = show(html=changed(system="Other."), size=(700, 800)).settle()
    assert viewer.page.locator(".diff").first.get_attribute("data-layout") == "unified"
    assert viewer.page.evaluate("document.querySelector('.compare').scrollWidth <= innerWidth")


def test_a_whole_step_shows_what_changed_in_its_place(show: Desk) -> None:
    viewer = show(html=changed(result=RESULT, answer=ANSWER)).settle()
    viewer.press("n", "n")
    viewer.settle()
    step = viewer.page.locator('.pair[data-here="true"]')
    step.get_by_role("button", name="The whole step").click()
    viewer.settle()
    whole = step.locator(".whole")
    assert whole.get_by_role("button", name="equal messages").first.inner_text() == "7 equal messages"
    changed_ = [turn.get_attribute("aria-label") for turn in whole.locator(".turn").all()]
    assert changed_ == ["tool message 8, changed", "assistant message 1, changed"]
    step.get_by_role("button", name="Differences only").click()
    assert whole.count() == 0


def test_a_step_is_opened_in_either_run(show: Desk) -> None:
    viewer = show(html=changed(result=RESULT, answer=ANSWER)).settle()
    viewer.button("Step 7 in the old run").click()
    assert viewer.hash == "#/run/before.yaml?span=7"
    viewer.back()
    viewer.settle()
    viewer.button("Step 7 in the new run").click()
    assert viewer.hash == "#/run/after.yaml?span=7"
    assert viewer.selected == "look_up"


def test_what_was_viewed_is_marked_and_remembered(show: Desk) -> None:
    viewer = show(html=changed(result=RESULT, answer=ANSWER)).settle()
    viewer.press("v")
    box = viewer.page.locator('.pair[data-here="true"]').get_by_label("viewed")
    assert box.is_checked()
    assert ", 1 viewed" in viewer.page.locator(".compare-bar [role=status]").inner_text()
    viewer.open().settle()
    assert box.is_checked()
    box.click()
    assert not box.is_checked()


def test_steps_open_and_close(show: Desk) -> None:
    viewer = show(html=changed(result=RESULT, answer=ANSWER)).settle()
    toggle = viewer.page.locator('.pair[data-here="true"] .pair-open')
    assert toggle.get_attribute("aria-expanded") == "true"
    viewer.press("o")
    assert toggle.get_attribute("aria-expanded") == "false"
    other = viewer.page.locator(".pair", has_text="guide").locator(".pair-open")
    other.click()
    assert other.get_attribute("aria-expanded") == "true"


def test_tools_and_values_are_told_by_their_paths(show: Desk) -> None:
    old, new = plan(), copy.deepcopy(plan())
    before = {"city": "Lima", "days": 3, "hotel": {"stars": 3, "pool": False, "name": "Plaza " * 12}}
    new[0].turns[2].calls[0].result = {**before, "hotel": {"stars": 4, "name": "Palace " + "Plaza " * 11}}
    old[0].turns[2].calls[0].result = before
    viewer = show(html=compared(run(old).trace, run(new).trace)).settle()
    step = viewer.page.locator('.pair[data-here="true"]')
    heads = [" ".join(head.inner_text().split()) for head in step.locator(".change h3").all()]
    assert heads[0] == "minor tool result: 3 -> 4 output.hotel.stars first difference"
    viewer.press("n")
    viewer.settle()
    leaves = step.locator(".leaf")
    assert leaves.locator(".leaf-path").all_inner_texts() == ["hotel.stars", "hotel.pool", "hotel.name"]
    assert leaves.nth(0).locator(".leaf-sides").inner_text() == "3 → 4"
    assert leaves.nth(1).locator(".leaf-sides").inner_text() == "false"
    assert leaves.nth(2).locator("ins").all_inner_texts() == ["Palace"]


def test_documents_come_go_and_pass_each_other(show: Desk) -> None:
    def looked_up(*found: tuple[str, float]) -> Trace:
        documents = [{"id": name, "text": name.title(), "score": score} for name, score in found]
        return Trace(spans=[Span(1, "retrieval", "handbook", input="hours", output=documents, ms=3.0)])

    old = looked_up(("contact", 0.9), ("hours", 0.8), ("about", 0.7))
    viewer = show(html=compared(old, looked_up(("hours", 0.85), ("contact", 0.6), ("prices", 0.5)))).settle()
    told = [" ".join(shift.inner_text().split()) for shift in viewer.page.locator(".shift").all()]
    assert told == [
        "removed 3 about score 0.7 1 - About",
        "re-ranked 2 → 1 hours score 0.8 → 0.85",
        "changed 1 → 2 contact score 0.9 → 0.6 score 0.9 → 0.6",
        "added 3 prices score 0.5 1 + Prices",
    ]


def test_runs_that_are_the_same_say_so(show: Desk) -> None:
    viewer = show(html=changed()).settle()
    assert viewer.page.locator(".compare-first").inner_text() == "The runs do and say the same."
    assert rows(viewer) == ["10 equal steps"]
    assert viewer.page.locator(".compare-bar [role=status]").inner_text() == "no step differs"


def test_thousands_of_steps_are_drawn_where_one_looks(show: Desk) -> None:
    def many(answer: str) -> Trace:
        spans = [
            Span(n, "tool", f"tool {n % 5}", input=n, output=n, start_ms=n, ms=1.0) for n in range(1, 4001)
        ]
        spans[3500] = Span(3501, "tool", "tool", input=3501, output=answer, start_ms=3501, ms=1.0)
        return Trace(spans=spans)

    viewer = show(html=compared(many("a"), many("b"))).settle()
    assert here(viewer) == "3501 3501"
    viewer.press("x")
    viewer.settle()
    assert here(viewer) == "3501 3501"
    assert viewer.page.locator('.pair[data-here="true"]').is_visible()
    assert viewer.page.locator(".pair").count() < 400


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong(show: Desk, scheme: Literal["light", "dark"]) -> None:
    viewer = show(
        html=changed(result=RESULT, answer=ANSWER, more=Call("book", {}, "b")), scheme=scheme
    ).settle()
    viewer.press("n", "n")
    viewer.settle()
    assert viewer.accessible() == []
