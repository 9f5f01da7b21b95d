"""The pane of a step in a browser: what was said, what is new, the wire, streams, notes, cost, time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.viewer.browser import Desk, Viewer
from tests.viewer.contract import Contract
from tests.viewer.sample import growing
from tests.viewer.talk import ANSWER, Talk, message, parts, support

if TYPE_CHECKING:
    from playwright.sync_api import Locator

TABS = ["Rendered", "New", "Raw", "Stream", "Attributes", "Notes", "Cost"]


def at(span: int | None, tab: str = "", run: str = "support") -> str:
    """The hash of a step, and of a tab."""
    return f"#/run/{run}?{f'span={span}&' if span else ''}{f'tab={tab}' if tab else ''}"


def panel(viewer: Viewer) -> Locator:
    """What the chosen tab shows, when it is all drawn."""
    viewer.settle()
    return viewer.page.locator(".detail-panel")


def said(viewer: Viewer) -> str:
    """The text of the panel."""
    return panel(viewer).inner_text()


def tabs(viewer: Viewer) -> list[str]:
    return viewer.page.get_by_role("tab").all_inner_texts()


def turns(viewer: Viewer) -> list[str]:
    """Who speaks, as it is read aloud."""
    viewer.settle()
    return [str(turn.get_attribute("aria-label")) for turn in viewer.page.locator(".turn").all()]


def measures(viewer: Viewer) -> dict[str, str]:
    viewer.settle()
    return {
        measure.locator("dt").inner_text(): measure.locator("dd").inner_text()
        for measure in viewer.page.locator(".measure").all()
    }


@pytest.mark.parametrize("run", [support(), parts()])
def test_what_is_shown_keeps_the_contract(run: Talk) -> None:
    assert Contract().problems("Run", run.run) == []
    assert Contract().problems("Details", run.all_details) == []


# What was said


def test_a_call_is_its_instructions_its_messages_and_the_answer(show: Desk) -> None:
    viewer = show(support(), hash=at(5)).settle()
    assert viewer.page.locator(".detail-title").inner_text().split() == [
        "gpt-5-mini",
        "openai",
        "chat.completions",
        "step",
        "5",
    ]
    assert turns(viewer) == [
        "system message",
        "user message 1",
        "assistant message 2",
        "tool message 3",
        "answer 1",
    ]
    assert viewer.page.locator(".turn").nth(1).locator("header").inner_text().split() == ["user", "anna", "1"]
    assert "Never promise what you cannot keep." in said(viewer)
    tools = panel(viewer).locator(".tools")
    assert tools.inner_text() == "2 tools offered: get_order, refund"
    tools.locator("summary").click()
    assert "Looks an order up by number." in tools.inner_text()
    assert viewer.page.locator(".detail-facts").inner_text().split("\n")[0].startswith("900 ms")


def test_a_picture_is_shown_from_its_own_data(show: Desk) -> None:
    viewer = show(support(), hash=at(2)).settle()
    picture = viewer.page.locator("img")
    assert picture.get_attribute("alt") == "image/png, 105 B"
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 8


def test_arguments_and_results_of_tools_are_trees(show: Desk) -> None:
    viewer = show(support(), hash=at(5)).settle()
    asked = viewer.page.locator(".part", has_text="get_order").first
    assert asked.locator(".json").inner_text().split() == ["number", "A-1042"]
    result = viewer.page.locator(".part", has_text="Result of get_order")
    assert result.locator(".json-key").all_inner_texts() == ["number", "items", "0", "paid"]
    assert "sku" not in result.inner_text().split()
    result.locator("summary", has_text="0").click()
    assert result.locator(".json-key").all_inner_texts() == ["number", "items", "0", "sku", "price", "paid"]


def test_markdown_is_markdown_and_tags_are_text(show: Desk) -> None:
    viewer = show(support(), hash=at(7)).settle()
    answer = viewer.page.locator(".turn").last
    assert answer.locator("strong").all_inner_texts() == ["A-1042"]
    assert answer.locator("li").all_inner_texts() == [
        "the lamp arrived damaged",
        "the voucher is <b>void</b>",
    ]
    assert answer.locator("td").all_inner_texts() == ["lamp", "59.90"]
    assert answer.locator(".markdown-heading").inner_text() == "Refund arranged"
    assert answer.locator("a").all_inner_texts() == ["the handbook"]
    assert "this (javascript:alert(1))" in answer.inner_text()
    viewer.button("Plain").click()
    assert answer.locator(".plain").inner_text() == ANSWER


def test_a_link_is_followed_only_after_its_whole_address_was_shown(show: Desk) -> None:
    viewer = show(support(), hash=at(7)).settle()
    link = viewer.page.locator(".turn a").last
    assert link.get_attribute("href") is None
    link.click()
    dialog = viewer.page.get_by_role("dialog")
    assert dialog.locator(".leaving-address").inner_text() == "https://example.com/handbook#refunds"
    follow = dialog.get_by_role("link", name="Open in a new tab")
    assert {name: follow.get_attribute(name) for name in ("href", "target", "rel", "referrerpolicy")} == {
        "href": "https://example.com/handbook#refunds",
        "target": "_blank",
        "rel": "noopener noreferrer",
        "referrerpolicy": "no-referrer",
    }
    dialog.get_by_role("button", name="Stay here").click()
    dialog.wait_for(state="detached")
    link.focus()
    viewer.press("Enter")
    dialog.wait_for()
    viewer.press("Escape")
    dialog.wait_for(state="detached")
    assert len(viewer.page.context.pages) == 1


def test_every_sort_of_part_says_what_it_is(show: Desk) -> None:
    viewer = show(parts(), hash=at(1, run="parts")).settle()
    text = said(viewer)
    for told in (
        "image at an address, not loaded",
        "https://example.com/cat.png",
        "file-77",
        "audio/wav, 2.3 MB",
        "cdcdcdcd",
        "second part",
        "Reasoning 15 characters",
        "Reasoning, encrypted",
        "Refusal",
        "I cannot do that.",
        "run by the provider",
        "computer_use",
        "Nothing was said.",
        "The answer was cut short.",
        "cut short",
    ):
        assert told in text, told
    assert "ended: length" in viewer.page.locator(".detail-facts").inner_text()
    assert "A long thought." not in text
    viewer.page.get_by_text("Reasoning 15 characters").click()
    assert "A long thought." in said(viewer)


def test_an_answer_in_json_is_a_tree_and_a_text(show: Desk) -> None:
    viewer = show(parts(), hash=at(1, run="parts")).settle()
    answer = viewer.page.locator('[aria-label="answer 2"]')
    answer.scroll_into_view_if_needed()
    viewer.settle()
    assert answer.locator(".json-key").all_inner_texts() == ["verdict", "scores"]
    answer.get_by_role("button", name="as text").click()
    assert '{"verdict": "fine", "scores": [0.9, 0.8]}' in answer.inner_text()


def test_tools_agents_and_retrievals_are_what_went_in_and_came_out(show: Desk) -> None:
    viewer = show(support(), hash=at(3)).settle()
    assert panel(viewer).locator("h3").all_inner_texts() == ["Arguments", "Result"]
    assert "A-1042" in said(viewer)
    viewer.open(at(1)).settle()
    assert panel(viewer).locator("h3").all_inner_texts() == ["Input", "Output"]
    viewer.open(at(4)).settle()
    assert panel(viewer).locator("h3").all_inner_texts() == ["Query", "2 documents"]
    heads = [head.inner_text().split() for head in panel(viewer).locator(".document-head").all()]
    assert heads == [["1", "handbook#refunds", "score", "0.91"], ["2", "handbook#vouchers", "score", "0.45"]]
    panel(viewer).get_by_text("all fields").last.click()
    assert "metadata" in said(viewer)


def test_a_call_that_is_no_conversation_is_its_bodies(show: Desk) -> None:
    run = Talk("vectors", key="vectors")
    step = run.call([], [], label="text-embedding-3-small", body={"json": {"input": ["lamp"]}})
    run.details[str(step)]["call"]["request"] = None
    run.details[str(step)]["call"]["attempts"][0]["body"] = {"json": {"data": [{"embedding": [0.25] * 500}]}}
    viewer = show(run, hash=at(1, run="vectors")).settle()
    assert panel(viewer).locator("h3").all_inner_texts() == ["Request", "Response"]
    assert "lamp" in said(viewer)
    assert panel(viewer).locator(".json-leaf").count() < 20


def test_an_error_stands_first(show: Desk) -> None:
    viewer = show(support(), hash=at(6)).settle()
    failure = panel(viewer).locator(".failure")
    assert failure.locator(".plain").inner_text() == "'no such order'\n  in get_order"
    assert said(viewer).startswith("builtins.KeyError")


def test_what_is_not_over_says_so(show: Desk) -> None:
    viewer = show(growing(), hash=at(1, run="growing")).settle()
    assert "Not over yet." in said(viewer)


# Much of it


def long_talk(messages: int, *, longest: int = 0) -> Talk:
    """A call of so many messages; the last but one may be very long."""
    run = Talk("long", key="long")
    texts = [f"Message {number} about **berth {number % 7}** and its cranes." for number in range(messages)]
    if longest:
        line = "The harbour master writes the log of the night, berth by berth.\n"
        texts[-2] = line * (longest // len(line)) + "THE LAST LINE"
    asked = run.say(*(message("user" if n % 2 else "assistant", text) for n, text in enumerate(texts)))
    run.call(asked, run.say(message("assistant", "All noted.")))
    return run


def test_three_thousand_messages_are_drawn_where_one_looks(show: Desk) -> None:
    viewer = show(long_talk(3000), hash=at(1, run="long")).settle()
    assert viewer.page.locator(".turn-place").count() == 3001
    assert viewer.page.locator(".turn").count() < 60
    viewer.button("Answer", exact=True).click()
    viewer.page.get_by_text("All noted.").wait_for()
    assert viewer.page.get_by_text("All noted.").is_visible()
    assert viewer.page.locator(".turn").count() < 120


def test_a_text_is_found_wherever_it_stands(show: Desk) -> None:
    viewer = show(long_talk(3000), hash=at(1, run="long")).settle()
    viewer.press("Control+f")
    field = viewer.page.get_by_label("Find in messages (Ctrl F)")
    assert field.evaluate("field => field === document.activeElement")
    field.fill("message 2517")
    status = viewer.page.locator(".find [role=status]")
    assert status.inner_text() == "1 of 1 message"
    viewer.page.get_by_text("Message 2517 about").wait_for()
    assert viewer.page.get_by_text("Message 2517 about").is_visible()
    viewer.until("CSS.highlights.get('found')?.size === 1")
    field.fill("berth 3")
    assert status.inner_text() == "1 of 429 messages"
    viewer.press("Enter", "Enter")
    assert status.inner_text() == "3 of 429 messages"
    viewer.press("Shift+Enter")
    assert status.inner_text() == "2 of 429 messages"
    field.fill("no such berth")
    assert status.inner_text() == "none"
    viewer.press("Escape")
    assert field.input_value() == ""
    viewer.until("!CSS.highlights.has('found')")


def test_five_megabytes_are_folded_and_can_be_read_to_the_end(show: Desk) -> None:
    viewer = show(long_talk(4, longest=5_000_000), hash=at(1, run="long")).settle()
    fold = viewer.page.get_by_role("button", name="show all")
    assert fold.inner_text().startswith("show all 5,000,0")
    before = viewer.page.evaluate("document.body.innerText.length")
    assert before < 50_000
    fold.click()
    assert viewer.page.evaluate("document.body.innerText.length") < 200_000
    viewer.button("Answer", exact=True).click()
    viewer.page.get_by_text("THE LAST LINE").wait_for()
    viewer.page.get_by_role("button", name="show less").click()
    assert viewer.page.get_by_text("THE LAST LINE").count() == 0


def test_what_is_found_in_a_folded_text_is_unfolded(show: Desk) -> None:
    viewer = show(long_talk(4, longest=60_000), hash=at(1, run="long")).settle()
    viewer.page.get_by_label("Find in messages (Ctrl F)").fill("the last line")
    viewer.page.get_by_text("THE LAST LINE").wait_for()


def test_a_tree_of_any_size_is_opened_bit_by_bit(show: Desk) -> None:
    run = Talk("deep", key="deep")
    deep: Any = "the bottom"
    for _ in range(400):
        deep = {"inside": deep}
    run.add("tool", "dig", 0, 5, input={"many": list(range(5000)), "deep": deep}, output=None)
    viewer = show(run, hash=at(1, run="deep")).settle()
    assert viewer.page.locator(".json-leaf").count() < 200
    viewer.page.locator("summary", has_text="many").click()
    viewer.button("show 1,000 of 4,900 more").click()
    assert viewer.page.locator(".json-leaf").count() >= 1100
    for depth in range(30):
        viewer.page.locator("details:not([open]) > summary", has_text="inside").first.click()
        assert viewer.page.locator("summary", has_text="inside").count() >= depth + 1


# What is new


def test_new_is_what_the_call_before_did_not_say(show: Desk) -> None:
    viewer = show(support(), hash=at(5, "new")).settle()
    assert panel(viewer).locator(".detail-bar > span").first.inner_text() == (
        "Since step 2 gpt-5-mini: 1 new message, system prompt changed, 2 tools changed, 1 parameter changed"
    )
    assert panel(viewer).locator("h3").all_inner_texts() == [
        "System prompt changed",
        "Tool get_order changed",
        "Tool refund offered",
        "Parameters changed",
    ]
    changed = panel(viewer).locator(".diff").first
    assert changed.locator("del").all_inner_texts() == [" and brief"]
    assert changed.locator("ins").all_inner_texts() == [", brief and clear"]
    assert "2 equal messages" in said(viewer)
    assert turns(viewer) == ["tool message 3"]
    viewer.button("2 equal messages").click()
    assert len(turns(viewer)) == 3
    viewer.button("Split").click()
    assert changed.get_attribute("data-layout") == "split"
    viewer.button("2 gpt-5-mini").click()
    assert "span=2" in viewer.hash


def test_new_is_not_there_for_the_first_call(show: Desk) -> None:
    viewer = show(support(), hash=at(2, "new")).settle()
    assert tabs(viewer) == ["Rendered", "Raw", "Attributes", "Notes", "Cost"]
    assert viewer.page.locator('[aria-selected="true"][role=tab]').inner_text() == "Rendered"


def test_new_messages_are_marked_among_all(show: Desk) -> None:
    viewer = show(support(), hash=at(7)).settle()
    marked = [turn.get_attribute("aria-label") for turn in viewer.page.locator(".turn", has_text="new").all()]
    assert marked[0] == "tool message 5"
    viewer.button("New", exact=True).click()


# The wire


def test_raw_is_what_was_sent_and_each_attempt(show: Desk) -> None:
    viewer = show(support(), hash=at(5, "raw")).settle()
    assert panel(viewer).locator("h3").all_inner_texts() == [
        "Request POST /chat/completions",
        "Attempt 1 of 3 no status",
        "Attempt 2 of 3 429 Too Many Requests",
        "Attempt 3 of 3 200 OK",
    ]
    text = said(viewer)
    assert "from the pool" in text  # in its place in the body
    assert "ReadTimeout" in text
    assert "slow down" in text
    panel(viewer).get_by_text("1 header").first.click()
    assert "x-title" in said(viewer)
    panel(viewer).get_by_role("button", name="as JSON").click()
    assert panel(viewer).get_by_role("group", name="JSON in the text").inner_text().split() == ["n", "1"]
    panel(viewer).get_by_role("button", name="Text").first.click()
    assert '"content": "from the pool"' in said(viewer)


def test_a_body_is_copied(show: Desk) -> None:
    viewer = show(support(), hash=at(5, "raw")).settle()
    viewer.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel(viewer).get_by_role("button", name="Copy body").first.click()
    viewer.page.get_by_text("Request body copied").wait_for()
    copied = json.loads(viewer.page.evaluate("navigator.clipboard.readText()"))
    assert copied["messages"] == [{"role": "system", "content": "from the pool"}, {"role": "user"}]


# Streams


def test_a_stream_is_told_in_figures_and_events(show: Desk) -> None:
    viewer = show(support(), hash=at(7, "stream")).settle()
    count = 4 + -(-len(ANSWER) // 10)
    told = measures(viewer)
    assert {name: told[name] for name in ("first event", "first token")} == {
        "first event": "400 ms",
        "first token": "420 ms",
    }
    assert float(told["tokens/s"]) > 10
    assert f"{count} of {count} events" in said(viewer)
    rows = panel(viewer).locator(".event")
    assert rows.nth(1).inner_text().split() == ["2", "420", "ms", "+20", "ms", "Be"]
    rows.nth(0).locator("summary").click()
    assert rows.nth(0).locator(".json-key").all_inner_texts() == ["role"]


def test_a_stream_is_played_paused_and_scrubbed(show: Desk) -> None:
    viewer = show(support(), hash=at(7, "stream")).settle()
    range_ = viewer.page.get_by_label("Time in the stream")
    spoken = panel(viewer).locator(".player-said")
    assert "Refund arranged" in spoken.inner_text()
    range_.fill("430")
    assert spoken.inner_text().split() == ["Reasoning", "Be"]
    range_.fill("0")
    assert spoken.inner_text() == "Nothing has been said yet."
    viewer.button("10×").click()
    viewer.button("Play").click()
    viewer.until("document.querySelector('.player-said').innerText.includes('handbook')")
    viewer.button("Play").wait_for()  # at its end it stops by itself
    ended, end = str(range_.get_attribute("aria-valuetext")).split(" of ")
    assert ended == end
    viewer.button("1×").click()
    viewer.button("Play").click()
    viewer.button("Pause").click()
    time = range_.input_value()
    viewer.page.wait_for_timeout(150)
    assert range_.input_value() == time


# Attributes, notes, cost


def test_attributes_are_what_else_is_known(show: Desk) -> None:
    run = support()
    run.details["5"]["attributes"] = {"session": "s-1", "nested": {"deep": [1, 2]}}
    viewer = show(run, hash=at(5, "attributes")).settle()
    assert panel(viewer).locator("h3").all_inner_texts() == [
        "2 attributes",
        "Parameters of the request",
        "Step",
    ]
    text = said(viewer)
    for told in ("s-1", "deep", "temperature", "openai.chat", "gpt-5-mini", "1.20 s"):
        assert told in text, told


def test_a_note_stays_marks_its_step_and_is_found_among_the_others(show: Desk) -> None:
    viewer = show(support(), hash=at(5)).settle()
    viewer.press("a")
    field = viewer.page.get_by_label("Note on step 5")
    viewer.until("document.activeElement?.id === 'note'")
    viewer.type("Why refund at once?")
    viewer.page.get_by_role("tab", name="Notes has a note").wait_for()
    noted = viewer.page.locator(".row", has=viewer.page.get_by_role("img", name="has a note"))
    assert noted.locator(".row-label").all_inner_texts() == ["gpt-5-mini"]
    viewer.open(at(2, "notes")).settle()
    assert viewer.page.get_by_label("Note on step 2").input_value() == ""
    assert "1 note on other steps" in said(viewer)
    assert "Why refund at once?" in said(viewer)
    viewer.button("5 gpt-5-mini").click()
    assert field.input_value() == "Why refund at once?"
    field.fill("")
    assert noted.count() == 0


def test_notes_go_to_another_browser_as_a_file(show: Desk, tmp_path: Path) -> None:
    viewer = show(support(), hash=at(5, "notes")).settle()
    assert viewer.button("Save notes as a file").is_disabled()
    viewer.page.get_by_label("Note on step 5").fill("kept <b>")
    with viewer.page.expect_download() as download:
        viewer.button("Save notes as a file").click()
    assert download.value.suggested_filename == "support.notes.json"
    file = tmp_path / "notes.json"
    download.value.save_as(file)
    other = show(support(), hash=at(None, "notes")).settle()
    assert "No notes on other steps" in said(other)
    other.page.get_by_label("File of notes").set_input_files(file)
    other.page.get_by_text("1 note taken in.").wait_for()
    assert "kept <b>" in said(other)
    nonsense = tmp_path / "nonsense.json"
    nonsense.write_text('{"notes": "none"}')
    other.page.get_by_label("File of notes").set_input_files(nonsense)
    other.page.get_by_text("This is no file of notes.").wait_for()


def test_cost_tells_tokens_apart_and_what_is_beneath(show: Desk) -> None:
    viewer = show(support(), hash=at(5, "cost")).settle()
    assert measures(viewer) == {
        "cost": "$0.0021",
        "input": "120",
        "output": "30",
        "from the cache": "33 %",
        "attempts": "1",
    }
    rows = {
        row.locator("th").inner_text(): row.locator(".cost-tokens").inner_text()
        for row in panel(viewer).locator(".cost-classes tr").all()
    }
    assert rows == {"other input": "80", "read from the cache": "40", "other output": "20", "reasoning": "10"}
    assert "2 failed attempts before the last one" in said(viewer)
    viewer.open(at(1, "cost")).settle()
    assert measures(viewer)["cost"] == "$0.0063"
    assert measures(viewer)["model calls"] == "3"
    viewer.button("7 gpt-5-mini").click()
    assert "span=7" in viewer.hash


def test_what_a_call_cost_may_be_unknown(show: Desk) -> None:
    run = Talk("unknown", key="unknown")
    agent = run.add("agent", "agent", 0, 100)
    run.call([], [], parent=agent, usage=None, cost=None, unpriced=True)
    run.call([], [], parent=agent)
    viewer = show(run, hash=at(2, "cost", run="unknown")).settle()
    assert measures(viewer)["cost"] == "unknown"
    assert "The answer does not tell its tokens." in said(viewer)
    viewer.open(at(1, "cost", run="unknown")).settle()
    assert measures(viewer)["cost"] == "$0.0021 and what 1 call cost that nobody knows"
    assert measures(viewer)["input"] == "120 and unknown"


# Time


def test_a_conversation_stands_as_it_stood(show: Desk) -> None:
    viewer = show(support(), hash=at(3, "conversation") + "&at=start").settle()
    assert turns(viewer)[-1] == "answer 1"
    assert "At work: step 3 get_order" in said(viewer)
    viewer.press("n")
    assert "at=end" in viewer.hash
    assert turns(viewer)[-1] == "tool message 1"
    assert "A-1042" in viewer.page.locator(".turn").last.inner_text()
    viewer.open(at(5, "conversation") + "&at=start").settle()
    assert turns(viewer)[-1] == "tool message 3"
    assert "has not answered yet" in said(viewer)
    viewer.press("n")
    assert turns(viewer)[-1] == "answer 1"
    viewer.open(at(1, "conversation") + "&at=start").settle()
    assert "No model had been asked yet." in said(viewer)
    viewer.press("Escape")
    assert "at=" not in viewer.hash
    assert "As it stood at 5.00 s, at the end of step 1 support agent" in said(viewer)


def test_an_agent_and_the_whole_run_show_their_conversation_at_its_end(show: Desk) -> None:
    viewer = show(support(), hash=at(1, "conversation")).settle()
    assert len(turns(viewer)) == 7
    viewer.open(at(None, "conversation")).settle()
    assert len(turns(viewer)) == 7


def test_of_several_conversations_one_is_chosen(show: Desk) -> None:
    run = support()
    run.call(
        run.say(message("user", "Is it fine?")),
        run.say(message("assistant", "It is.")),
        start=6000,
        label="judge",
    )
    viewer = show(run, hash=at(None, "conversation")).settle()
    assert len(turns(viewer)) == 2
    choice = viewer.page.get_by_role("combobox")
    assert choice.locator("option").all_inner_texts() == ["step 8 judge", "support agent: step 7 gpt-5-mini"]
    choice.select_option("7")
    assert len(turns(viewer)) == 7


def test_what_a_step_gave_back_is_not_shown_before_its_time(show: Desk) -> None:
    viewer = show(support(), hash=at(7) + "at=start").settle()
    assert "Not over yet at this moment." in said(viewer)
    assert turns(viewer)[-1] == "tool message 5"
    viewer.open(at(6) + "at=start").settle()
    assert "Not over yet at this moment." in said(viewer)
    assert panel(viewer).locator(".failure").count() == 0


# All of them


def test_without_a_step_the_run_is_shown(show: Desk) -> None:
    run = support()
    viewer = show(run, hash=at(None)).settle()
    assert tabs(viewer) == ["Run", "Conversation", "Notes", "Cost"]
    text = said(viewer)
    for told in ("cassettes/support.yaml", "genai-prices", "openai"):
        assert told in text, told


def test_tabs_are_chosen_by_numbers_and_arrows_and_stay(show: Desk) -> None:
    viewer = show(support(), hash=at(7)).settle()
    assert tabs(viewer) == TABS
    chosen = viewer.page.locator('[role=tab][aria-selected="true"]')
    for number, name in enumerate(TABS, 1):
        viewer.press(str(number))
        assert chosen.inner_text() == name
    chosen.focus()
    viewer.press("ArrowRight")
    assert chosen.inner_text() == "Rendered"
    viewer.press("End")
    assert chosen.inner_text() == "Cost"
    viewer.press("ArrowLeft", "ArrowLeft")
    assert "tab=attributes" in viewer.hash
    viewer.page.locator(".row").nth(1).click()
    assert chosen.inner_text() == "Attributes"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_in_any_tab(show: Desk, scheme: Literal["light", "dark"]) -> None:
    viewer = show(support(), hash=at(7), scheme=scheme).settle()
    found = []
    for number in range(1, len(TABS) + 1):
        viewer.press(str(number))
        found += [f"{TABS[number - 1]}: {problem}" for problem in viewer.accessible()]
    for place in (at(4), at(6), at(1, "conversation"), at(5, "new"), at(5, "raw"), at(None)):
        viewer.open(place).settle()
        found += [f"{place}: {problem}" for problem in viewer.accessible()]
    viewer.open("#/run/support?span=7").settle()
    assert found == []
