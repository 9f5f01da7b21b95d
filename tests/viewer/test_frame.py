"""The frame of a run in a browser: what it shows, every key, how to ask for less, how it is read aloud."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Literal

import pytest

from tests.viewer.browser import Desk
from tests.viewer.pages import page
from tests.viewer.sample import Sample, bundle, growing, large, research, three

FOLDED = [
    "research assistant",
    ".gpt-5",
    ".search x3",
    ".gpt-5-mini",
    ".look up berths",
    "..text-embedding-3-small",
    "..harbour_docs",
    "..search x12",
    "..enough found?",
    ".port expert",
    "..claude-sonnet-4-5",
    "..claude-sonnet-4-5",
    "..claude-haiku-9",
    "..port_authority",
    ".ask a person",
    ".gpt-5",
]
AT = "#/run/research"


def test_a_run_opens_from_a_file_with_its_figures(show: Desk) -> None:
    viewer = show(research())
    assert viewer.page.locator("h1").inner_text() == "Research assistant: berths in Genoa"
    assert viewer.page.locator(".top .badge").inner_text() == "recorded"
    assert {name: viewer.figure(name) for name in ("Duration", "LLM calls", "Tool calls", "Errors")} == {
        "Duration": "1 m 36 s",
        "LLM calls": "6",
        "Tool calls": "16",
        "Errors": "3",
    }
    assert [viewer.figure(name) for name in ("Tokens in", "cached", "out")] == ["6,012", "5,120", "400"]
    assert viewer.figure("Cost") == "unknown"
    assert viewer.figure("Models").startswith("claude-haiku-9, claude-sonnet-4-5, gpt-5")
    assert viewer.rows == FOLDED


def test_rows_say_sums_and_failures_from_the_root_on(show: Desk) -> None:
    viewer = show(research())
    rows = viewer.page.locator(".row")
    root = rows.nth(0)
    assert root.locator(".row-sum").all_inner_texts() == ["Σ 6.4k\ntokens", "Σ $0.052+?"]
    assert root.locator(".row-inside").inner_text().split() == ["3", "errors", "beneath"]
    failed = [
        row.locator(".row-label").inner_text()
        for row in rows.all()
        if row.get_attribute("data-failed") == "true"
    ]
    assert failed == ["research assistant", "port expert", "claude-sonnet-4-5", "port_authority"]
    badges = viewer.page.locator(".row", has_text="status 529").locator(".badge").all_inner_texts()
    assert badges == ["status 529", "3 tries"]


@pytest.mark.parametrize(
    ("start", "keys", "expected"),
    [
        ("", "j", 1),
        ("", "j j j k", 2),
        ("?span=2", "ArrowDown", "2"),
        ("?span=2", "ArrowUp", 1),
        ("?span=2", "End", 29),
        ("?span=29", "Home", 1),
        ("?span=2", "PageDown", 29),
        ("?span=29", "PageUp", 1),
        ("?span=7", "ArrowRight", 8),
        ("?span=8", "ArrowLeft", 7),
        ("?span=2", "h", 1),
        ("?span=9", "u", 7),
        ("?span=2", "u u", 1),
        ("?span=2", "t", 6),
        ("?span=6", "T", 2),
        ("?span=3", "s", 4),
        ("?span=10", "S", 5),
        ("?span=1", "e", 23),
        ("?span=23", "N N", 27),
        ("?span=29", "P", 27),
        ("?span=24", "]", 25),
        ("?span=25", "]", 26),
        ("?span=26", "[", 25),
        ("?span=26", "[ [", 24),
        ("?span=6", "]", 23),
        ("?span=2", "]", 3),
    ],
)
def test_keys_move_through_a_run(show: Desk, start: str, keys: str, expected: int | str) -> None:
    viewer = show(research(), hash=AT + start)
    viewer.press(*keys.split())
    if expected == "2":  # a group: its first step
        expected = 3
    assert re.search(rf"span={expected}\b", viewer.hash), viewer.hash


def test_repeated_steps_are_one_row_until_it_is_opened(show: Desk) -> None:
    viewer = show(research(), hash=AT + "?span=6")
    group = viewer.page.locator(".row", has_text="× 12")
    assert group.get_attribute("aria-expanded") == "false"
    group.click()
    viewer.press("ArrowRight")
    assert group.get_attribute("aria-expanded") == "true"
    assert viewer.rows[7:10] == ["..search x12", "...search", "...search"]
    viewer.press("j", "j", "j")
    assert "span=12" in viewer.hash
    viewer.press("ArrowLeft", "ArrowLeft")
    assert group.get_attribute("aria-expanded") == "false"
    assert group.get_attribute("aria-selected") == "true"
    group.locator(".row-caret").click()
    assert len(viewer.rows) == len(FOLDED) + 12
    viewer.press("C")
    assert viewer.rows == ["research assistant", *(row for row in FOLDED if re.match(r"\.\w", row))]
    viewer.press("E")
    assert len(viewer.rows) == len(FOLDED) + 3 + 12
    viewer.press("Home", "Enter")
    assert viewer.rows == ["research assistant"]


def test_a_step_that_is_folded_away_is_unfolded_by_whoever_goes_there(show: Desk) -> None:
    viewer = show(research(), hash=AT + "?span=12")
    assert viewer.page.locator('.row[aria-selected="true"]').get_attribute("id") == "row-s12"
    viewer.press("C", "u", "C", "]", "e")
    assert viewer.page.locator('.row[aria-selected="true"]').count() == 1


def test_time_travel_goes_event_by_event(show: Desk) -> None:
    viewer = show(research(), hash=AT + "?span=2")
    said = viewer.page.locator(".travel-said")
    viewer.press("n")
    assert said.inner_text() == "2/58 40 ms: gpt-5 begins"
    assert "span=2&at=start" in viewer.hash
    later = viewer.page.locator('.row[data-aside="true"]')
    assert later.count() == len(FOLDED) - 2
    viewer.press("n")
    assert said.inner_text() == "3/58 5.24 s: gpt-5 ends"
    viewer.press("n", "p", "p")
    assert said.inner_text() == "2/58 40 ms: gpt-5 begins"
    assert viewer.page.locator(".minimap-moment").count() == 1
    viewer.press("Escape")
    assert "at=" not in viewer.hash
    assert later.count() == 0
    viewer.page.get_by_role("slider", name="Event").fill("57")
    assert said.inner_text() == "58/58 1 m 36 s: research assistant ends"
    viewer.button("Previous event").click()
    assert said.inner_text() == "57/58 1 m 36 s: gpt-5 ends"


def test_a_filter_leaves_what_fits_and_what_leads_to_it(show: Desk) -> None:
    viewer = show(research())
    viewer.press("/")
    viewer.type("tool:search")
    viewer.page.get_by_text("16 of 29").wait_for()
    assert viewer.rows[:3] == ["research assistant", ".gpt-5", ".search"]
    assert (
        viewer.page.locator('.row[data-aside="true"]').all_inner_texts()[0].startswith("research assistant")
    )
    assert viewer.figure("Tool calls") == "15 of 16"
    assert viewer.figure("LLM calls") == "1 of 6"
    viewer.press("Escape", "Escape")
    assert viewer.rows == FOLDED
    assert viewer.page.evaluate("document.activeElement.tagName") == "BODY"


def test_what_is_wrong_with_a_filter_is_shown_where_it_is(show: Desk) -> None:
    viewer = show(research(), hash=AT + "?filter=kind:llm")
    viewer.press("/", "End")
    viewer.type(" is:erorr")
    problem = viewer.page.locator(".filter-problem")
    problem.wait_for()
    assert problem.locator("mark").inner_text() == "erorr"
    assert problem.locator("p").inner_text().endswith("unpriced, not erorr")
    assert viewer.page.locator("#filter-state").inner_text().startswith("At character 13: is: is one of")
    assert viewer.page.get_by_label("Filter", exact=True).get_attribute("aria-invalid") == "true"
    assert len(viewer.rows) == 8, "what was asked before it went wrong still holds"
    viewer.press(*["Backspace"] * 4)
    viewer.type("rror")
    problem.wait_for(state="detached")
    assert viewer.rows == ["research assistant", ".port expert", "..claude-sonnet-4-5"]


def test_kinds_are_counted_live_and_asked_for_by_a_press(show: Desk) -> None:
    viewer = show(research())
    kinds = viewer.page.get_by_role("group", name="Kinds of steps")
    assert kinds.get_by_role("button", name="tool 16").get_attribute("aria-pressed") == "false"
    kinds.get_by_role("button", name="model call 6").click()
    kinds.get_by_role("button", name="retrieval 1").click()
    assert "filter=kind:llm,retrieval" in viewer.hash
    kinds.get_by_role("button", name="errors 1").click()
    assert kinds.get_by_role("button", name="tool 1").count() == 1
    assert viewer.rows == ["research assistant", ".port expert", "..claude-sonnet-4-5"]
    for name in ("errors 1", "retrieval 1", "model call 6"):
        kinds.get_by_role("button", name=name).click()
    assert viewer.rows == FOLDED


def test_texts_are_found_when_they_are_there(show: Desk) -> None:
    viewer = show(research(), hash=AT + '?filter="nine all day"')
    viewer.page.get_by_text("1 of 29").wait_for()
    assert viewer.rows == ["research assistant", ".gpt-5"]


def test_a_stretch_of_time_is_chosen_with_the_mouse(show: Desk) -> None:
    viewer = show(research())
    box = viewer.page.locator(".minimap").bounding_box()
    assert box is not None
    y = box["y"] + 30

    def x(ms: float) -> float:
        return box["x"] + 12 + ms / 96_400 * (box["width"] - 24)

    mouse = viewer.page.mouse
    mouse.move(x(36_500), y)
    mouse.down()
    mouse.move(x(50_000), y, steps=4)
    mouse.up()
    expected = [
        "research assistant",
        ".port expert",
        "..claude-sonnet-4-5",
        "..claude-sonnet-4-5",
        "..claude-haiku-9",
        "..port_authority",
    ]
    assert viewer.rows == expected
    assert viewer.figure("Duration").endswith("of 1 m 36 s")
    mouse.move(x(43_000), y)
    mouse.down()
    mouse.move(x(3_000), y, steps=4)
    mouse.up()
    assert viewer.rows[:2] == ["research assistant", ".gpt-5"]
    start, end = (float(time) for time in re.findall(r"range=([\d.]+)-([\d.]+)", viewer.hash)[0])
    assert start == 0
    assert 13_000 < end < 14_000
    viewer.press("Escape")
    assert viewer.rows == FOLDED
    mouse.click(x(90_000), y)
    assert viewer.selected == "gpt-5"
    assert "span=29" in viewer.hash


def test_a_stretch_of_time_is_chosen_with_keys(show: Desk) -> None:
    viewer = show(research(), hash=AT + "?span=23")
    viewer.press("f")
    assert "range=36000-55000" in viewer.hash
    assert len(viewer.rows) == 6
    start = viewer.page.get_by_role("slider", name="Range from")
    start.press("ArrowRight")
    assert start.get_attribute("aria-valuetext") == "37.0 s"
    start.press("Home")
    viewer.page.get_by_role("slider", name="Range to").press("End")
    assert "range" not in viewer.hash
    viewer.press("f", "0")
    assert "range" not in viewer.hash
    viewer.page.locator(".row", has_text="port expert").dblclick(position={"x": 400, "y": 10})
    assert "range=36000-55000" in viewer.hash


def test_time_is_zoomed_with_keys_and_with_the_wheel(show: Desk) -> None:
    viewer = show(research(), hash=AT + "?span=25")
    viewer.press("+", "+")
    assert "range=24027.778-66872.222" in viewer.hash
    viewer.press("-", "-")
    assert "range" not in viewer.hash
    box = viewer.page.locator(".minimap").bounding_box()
    assert box is not None
    viewer.page.mouse.move(box["x"] + box["width"] - 12, box["y"] + 30)
    viewer.page.mouse.wheel(0, -100)
    assert "range=32133.333-96400" in viewer.hash
    viewer.page.mouse.wheel(0, 100)
    assert "range" not in viewer.hash
    viewer.page.mouse.move(600, 400)
    viewer.page.keyboard.down("Control")
    viewer.page.mouse.wheel(0, -100)
    assert re.search(r"range=\d", viewer.hash)
    viewer.page.mouse.wheel(0, 100)
    viewer.page.keyboard.up("Control")
    assert "range" not in viewer.hash


def test_the_axis_fits_what_is_seen_the_selection_or_the_whole(show: Desk) -> None:
    viewer = show(large(400), hash="#/run/large400?span=20", size=(1440, 700))
    fit = viewer.times()
    viewer.press("End")
    last = viewer.times()
    assert last[0] > fit[1], "the axis follows the rows in sight"
    viewer.press("z")
    assert viewer.button("Selection").get_attribute("aria-pressed") == "true"
    selection = viewer.times()
    viewer.press("z")
    assert "axis=whole" in viewer.hash
    whole = viewer.times()
    assert whole[0] == 0
    assert whole[1] >= last[1]
    assert selection[1] - selection[0] < last[1] - last[0] < whole[1]
    viewer.press("z")
    assert "axis" not in viewer.hash


def test_idle_time_is_squeezed(show: Desk) -> None:
    viewer = show(research())
    before = viewer.page.locator(".minimap canvas").evaluate("canvas => canvas.toDataURL()")
    viewer.press("g")
    assert "gaps=1" in viewer.hash
    assert viewer.button("Squeeze idle").get_attribute("aria-pressed") == "true"
    assert viewer.page.locator(".minimap canvas").evaluate("canvas => canvas.toDataURL()") != before


def test_links_are_named_at_both_ends_and_walked(show: Desk) -> None:
    viewer = show(research(), hash=AT + "?span=25")
    links = viewer.page.get_by_role("navigation", name="Links of this step")
    assert [re.sub(r"\s+", " ", text) for text in links.get_by_role("button").all_inner_texts()] == [
        "retry of claude-sonnet-4-5 #24",
        "fell back to claude-haiku-9 #26",
        "goes on in claude-haiku-9 #26",
    ]
    assert viewer.page.locator(".row-linked").all_inner_texts() == ["retry", "fallback"]
    links.get_by_role("button").nth(1).click()
    assert "span=26" in viewer.hash


def test_a_place_is_found_again(show: Desk) -> None:
    hash = AT + "?span=26&at=end&filter=kind:llm&range=30000-60000&axis=whole&gaps=1"
    viewer = show(research(), three(), hash=hash)
    assert viewer.hash == hash
    assert viewer.rows == [
        "research assistant",
        ".port expert",
        "..claude-sonnet-4-5",
        "..claude-sonnet-4-5",
        "..claude-haiku-9",
    ]
    assert viewer.selected == "claude-haiku-9"
    assert viewer.button("Whole").get_attribute("aria-pressed") == "true"
    assert viewer.page.locator(".travel-said").inner_text().endswith("claude-haiku-9 ends")
    viewer.page.evaluate("location.hash = '#/run/three?span=2'")
    viewer.page.get_by_text("test_weather").wait_for()
    assert viewer.selected == "get_weather"
    viewer.back()
    viewer.page.get_by_text("Research assistant").first.wait_for()
    assert viewer.selected == "claude-haiku-9"


@pytest.mark.parametrize(
    "hash",
    [
        "#/run/none",
        "#/run/%3Cimg%20src=x%3E",
        "#/run/three?span=99&at=end&range=9-1&axis=x&tab=%3Cb%3E",
        "#nonsense",
        "#/session",
        "#/compare/x",
    ],
)
def test_a_hash_that_cannot_be_does_no_harm(show: Desk, hash: str) -> None:
    viewer = show(three(), hash=hash)
    assert viewer.rows == ["gpt-5-mini", "get_weather", "gpt-5-mini"]
    assert viewer.selected is None


def test_a_link_to_a_step_is_copied_or_shown(show: Desk) -> None:
    viewer = show(three(), hash="#/run/three?span=2")
    viewer.press("y")
    notice = viewer.page.locator(".notice[data-shown=true]")
    notice.wait_for()
    assert re.match(
        r"Link copied|This browser lets nothing be copied from here: file://.*span=2$", notice.inner_text()
    )


def test_the_keys_are_listed_and_nothing_else_hears_them(show: Desk) -> None:
    viewer = show(three(), hash="#/run/three?span=1")
    viewer.press("?")
    dialog = viewer.page.get_by_role("dialog", name="Keys")
    listed = dialog.locator(".help-groups kbd").all_inner_texts()
    assert {"j", "k", "n", "p", "[", "]", "t", "u", "s", "/", "y", "?", "Esc", "Shift N"} <= set(listed)
    assert len(listed) == len(set(listed))
    viewer.press("j")
    assert "span=1" in viewer.hash
    viewer.press("Escape")
    assert dialog.count() == 0
    viewer.press("j")
    assert "span=2" in viewer.hash
    viewer.button("Keys (?)").click()
    dialog.get_by_role("button", name="Close").click()
    assert dialog.count() == 0


def test_the_tree_is_a_treegrid(show: Desk) -> None:
    viewer = show(research(), hash=AT + "?span=2")
    grid = viewer.page.get_by_role("treegrid", name="Steps")
    assert grid.get_attribute("aria-rowcount") == str(len(FOLDED) + 1)
    rows = grid.get_by_role("row")
    group = rows.filter(has_text="× 12")
    said = {
        name: group.get_attribute(f"aria-{name}")
        for name in ("level", "posinset", "setsize", "expanded", "selected", "rowindex")
    }
    assert said == {
        "level": "3",
        "posinset": "3",
        "setsize": "4",
        "expanded": "false",
        "selected": "false",
        "rowindex": "9",
    }
    call = rows.filter(has_text="I shall ask")
    assert call.get_by_role("img", name="model call").count() == 1
    assert (
        call.get_by_role("gridcell").last.get_attribute("aria-label")
        == "at 40 ms, took 5.20 s, first token after 1.73 s, lane 0"
    )
    assert [row.get_attribute("tabindex") for row in rows.all()[1:]].count("0") == 1
    for _ in range(40):
        viewer.press("Tab")
        if viewer.page.evaluate("document.activeElement.getAttribute('role')") == "row":
            break
    assert viewer.page.evaluate("document.activeElement.id") == "row-s2"
    viewer.press("ArrowDown", "ArrowDown")
    assert viewer.page.evaluate("document.activeElement.id") == "row-s6"
    outline = viewer.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["plain", "busy", "wrong", "narrow", "keys", "library"])
def test_axe_finds_nothing_wrong(show: Desk, scheme: Literal["light", "dark"], state: str) -> None:
    hash = {
        "busy": AT + "?span=25&at=start&filter=-tool:x&range=100-90000&gaps=1",
        "wrong": AT + "?filter=is:x",
        "library": "#/library?sort=cost",
    }.get(state, AT + "?span=24")
    viewer = show(
        research(),
        three(),
        growing(),
        hash=hash,
        scheme=scheme,
        size=(1024, 700) if state == "narrow" else (1440, 900),
    )
    if state == "keys":
        viewer.press("?")
    viewer.page.wait_for_timeout(300)
    assert viewer.accessible() == []


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_the_theme_is_the_systems_until_another_is_chosen(
    show: Desk, scheme: Literal["light", "dark"], other: str
) -> None:
    viewer = show(three(), scheme=scheme)
    theme = "document.documentElement.dataset.theme"
    assert viewer.page.evaluate(theme) == scheme
    before = viewer.page.locator(".minimap canvas").evaluate("canvas => canvas.toDataURL()")
    viewer.press("D")
    assert viewer.page.evaluate(theme) == other
    viewer.page.wait_for_timeout(200)
    assert viewer.page.locator(".minimap canvas").evaluate("canvas => canvas.toDataURL()") != before
    assert viewer.open().page.evaluate(theme) == other
    viewer.button(f"Change to {scheme}").click()
    assert viewer.page.evaluate(theme) == scheme


def test_paper_is_light_and_holds_all_rows(show: Desk) -> None:
    viewer = show(large(300), scheme="dark")
    viewer.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    viewer.page.emulate_media(media="print")
    viewer.page.wait_for_timeout(200)
    assert viewer.page.evaluate("document.documentElement.dataset.theme") == "light"
    assert len(viewer.rows) > 200
    assert not viewer.page.locator(".toolbar").is_visible()
    viewer.page.emulate_media(media="screen")
    viewer.page.evaluate("dispatchEvent(new Event('afterprint'))")
    viewer.page.wait_for_timeout(200)
    assert viewer.page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert len(viewer.rows) < 100


def test_ten_thousand_steps_are_a_screenful_of_rows(show: Desk) -> None:
    viewer = show(large(10_000), packed=True)
    viewer.page.locator(".row").first.wait_for()
    assert len(viewer.rows) < 80
    viewer.page.locator(".row").first.click()
    viewer.press("End")
    count = int(viewer.page.locator(".tree").get_attribute("aria-rowcount") or 0)
    focused = "document.activeElement.ariaRowIndex"
    assert viewer.page.evaluate(focused) == str(count)
    viewer.page.locator(".tree").evaluate("tree => { tree.scrollTop = 0 }")
    viewer.page.wait_for_timeout(200)
    assert viewer.page.evaluate(focused) == str(count), "scrolling does not take the focus away"
    assert len(viewer.rows) < 80
    viewer.press("ArrowUp")
    assert viewer.page.evaluate(focused) == str(count - 1)


def test_what_runs_is_said_to_and_grows(show: Desk) -> None:
    run = growing()
    viewer = show(run)
    assert viewer.page.locator(".row .badge").all_inner_texts() == ["running", "running"]
    assert viewer.page.locator(".top .badge").inner_text() == "running"
    assert viewer.figure("Duration") == "2.70 s"
    live = show(run, live=True)
    first = live.page.locator(".stat dd").first.inner_text()
    live.page.wait_for_timeout(1200)
    assert live.page.locator(".stat dd").first.inner_text() != first


def test_panes_are_sized_with_keys_and_narrow_ones_leave_out_sums(show: Desk) -> None:
    viewer = show(three())
    tree = viewer.page.get_by_role("separator", name="Width of the tree")
    before = int(tree.get_attribute("aria-valuenow") or 0)
    tree.press("ArrowRight")
    assert int(tree.get_attribute("aria-valuenow") or 0) == before + 16
    assert viewer.page.locator(".row-sum").first.is_visible()
    for _ in range(20):
        tree.press("ArrowLeft")
    assert not viewer.page.locator(".row-sum").first.is_visible()
    step = viewer.page.get_by_role("separator", name="Width of the step")
    width = viewer.page.locator(".run > .detail").bounding_box()
    step.press("ArrowLeft")
    wider = viewer.page.locator(".run > .detail").bounding_box()
    assert width is not None
    assert wider is not None
    assert round(wider["width"] - width["width"]) == 16


def test_hostile_names_are_text(show: Desk) -> None:
    run = Sample("<img src=x onerror=alert(1)>", key="hostile", verdict="</script><script>alert(2)</script>")
    names = (
        "<script>alert(3)</script>",
        "abc\u202edef",
        "a\u0000b\u200bc",
        "x\ny\tz",
        "\ud83d",
        "z" * 5000,
        "مرحبا",
        "",
    )
    for number, name in enumerate(names):
        run.add(
            "tool",
            name,
            number,
            1,
            preview=f"<b>{name}",
            error={"type": "<i>E", "message": '"><svg onload=alert(4)>'},
        )
    run.llm("javascript:alert(5)", 20, 5)
    viewer = show(run)
    labels = viewer.page.locator(".row-label").all_inner_texts()
    assert labels[:5] == [
        "<script>alert(3)</script>",
        "abc\\u202edef",
        "a\\u0000b\\u200bc",
        "x y z",
        "\\ud83d",
    ]
    assert len(labels[5]) < 400
    assert viewer.page.locator("h1").inner_text() == "<img src=x onerror=alert(1)>"
    assert viewer.page.locator(".row b, .row i, .row script, h1 img").count() == 0
    assert (
        viewer.page.locator(".row-label").first.evaluate("node => getComputedStyle(node).unicodeBidi")
        == "isolate"
    )


def test_a_run_whose_texts_cannot_be_read_is_still_shown(show: Desk) -> None:
    html = page(three())
    broken = re.sub(r'(id="details:three">)[^<]*', r"\1{not json", html)
    assert broken != html
    viewer = show(html=broken)
    assert viewer.rows == ["gpt-5-mini", "get_weather", "gpt-5-mini"]


def test_a_page_without_its_data_says_so(show: Desk) -> None:
    html = page(three())
    viewer = show(html=re.sub(r'(id="run:three">)[^<]*', r"\1", html))
    assert viewer.page.get_by_role("alert").inner_text() != ""


def test_an_empty_run_says_so(show: Desk) -> None:
    viewer = show(Sample("nothing", key="empty"))
    assert viewer.page.locator(".tree-none").inner_text() == "Nothing was recorded in this run."
    viewer.press("j", "n", "p", "End", "e", "]", "f", "z", "E")
    viewer.press("/")
    viewer.type("kind:llm")
    viewer.page.get_by_text("No step is like that.")


def test_runs_are_listed_sorted_and_opened(show: Desk) -> None:
    viewer = show(research(), three(), growing())
    names = viewer.page.locator("tbody th a")
    assert names.all_inner_texts() == ["Research assistant: berths in Genoa", "test_weather", "Nightly watch"]
    viewer.button("Cost").click()
    assert names.all_inner_texts() == ["test_weather", "Nightly watch", "Research assistant: berths in Genoa"]
    assert viewer.page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    viewer.press("/")
    viewer.type("weather")
    assert names.all_inner_texts() == ["test_weather"]
    assert viewer.hash == "#/library?filter=weather&sort=cost"
    names.first.click()
    assert viewer.page.locator("h1").inner_text() == "test_weather"
    viewer.page.get_by_role("link", name="Runs").click()
    assert names.count() == 3


def test_runs_lead_to_each_other(show: Desk) -> None:
    viewer = show(research(), three(), growing(), hash="#/run/three")
    assert viewer.page.title() == "test_weather · TraceOps"
    assert viewer.page.locator(".beside").inner_text() == "2 of 3"
    viewer.press("J")
    assert viewer.page.locator("h1").inner_text() == "Nightly watch"
    assert viewer.button("Next run").is_disabled()
    viewer.press("J", "K", "K")
    assert viewer.page.locator("h1").inner_text() == "Research assistant: berths in Genoa"
    viewer.button("Next run").click()
    assert viewer.hash == "#/run/three"
    viewer.back()
    assert viewer.hash == "#/run/research"


def test_runs_that_a_server_gets_are_listed_as_they_come(show: Desk) -> None:
    viewer = show(three(), research(), live=True, hash="#/library")
    grown = json.dumps(bundle(three(), research(), growing(), live=True))
    viewer.page.evaluate("text => { document.getElementById('bundle').textContent = text }", grown)
    viewer.page.get_by_text("Nightly watch").wait_for()


def test_a_program_that_was_changed_does_not_run(show: Desk) -> None:
    html = page(three())
    packed = re.search(r'id="program">([^<]+)', html)
    assert packed is not None
    program = gzip.decompress(base64.b64decode(packed[1]))
    changed = base64.b64encode(gzip.compress(program + b"\nalert(1)")).decode()
    viewer = show(html=html.replace(packed[1], changed), wait=False)
    viewer.page.wait_for_timeout(500)
    assert viewer.page.locator("#app").inner_html() == ""
    assert ["Content Security Policy" in trouble for trouble in viewer.troubles] == [True]
    viewer.troubles.clear()
