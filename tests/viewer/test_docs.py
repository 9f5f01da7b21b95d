"""docs/looking.md and the help, held to the page: the keys of a run, and how a filter is written."""

from __future__ import annotations

import re
from pathlib import Path

from tests.viewer.browser import Desk
from tests.viewer.sample import research, three

DOCS = Path(__file__).parents[2] / "docs" / "looking.md"
# The pane on the right has keys of its own.
GROUPS = ("Page", "Rows", "Steps", "Time", "Filter")


def _table(section: str) -> list[tuple[str, str]]:
    text = DOCS.read_text("utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| (`.+?`) \| (.+?) \|$", text, re.MULTILINE)


def test_the_keys_are_those_that_the_page_lists(show: Desk) -> None:
    viewer = show(research(), three(), hash="#/run/research")
    viewer.press("?")
    listed = []
    for group in GROUPS:
        lines = viewer.page.locator(".help-group", has=viewer.page.locator("h3", has_text=group)).locator(
            ".help-line"
        )
        for line in lines.all():
            keys = " ".join(f"`{key}`" for key in line.locator("kbd").all_inner_texts())
            listed.append((keys, line.locator("dd").inner_text()))
    assert sorted(listed) == sorted(_table("Keys"))


def test_the_help_has_filters_with_every_field(show: Desk) -> None:
    viewer = show(research(), hash="#/run/research")
    viewer.press("?")
    lines = viewer.page.locator(".help-grammar .help-line")
    words = " ".join(lines.all_inner_texts())
    examples = lines.locator("code").all_inner_texts()
    viewer.press("Escape")
    field = viewer.page.get_by_label("Filter", exact=True)
    for example in examples:
        field.fill(example)
        viewer.page.wait_for_timeout(100)
        assert field.get_attribute("aria-invalid") == "false", example
    field.fill("nothing:x")
    known = viewer.page.locator(".filter-problem p").inner_text()
    fields = re.findall(r"only (.+?);", known)[0].split(", ")
    assert [name for name in fields if not re.search(rf"\b{name}\b", words)] == []
