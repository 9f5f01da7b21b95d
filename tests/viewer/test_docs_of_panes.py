"""docs/panes.md, held to the page: its keys and its tabs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.viewer import test_compare, test_session
from tests.viewer.browser import Desk, Viewer
from tests.viewer.talk import support

DOCS = Path(__file__).parents[2] / "docs" / "panes.md"


def _table(section: str, head: str) -> list[tuple[str, str]]:
    text = DOCS.read_text("utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    rows = text.partition(f"| {head} |")[2].partition("\n\n")[0]
    return re.findall(r"^\| (.+?) \| (.+?) \|$", rows.partition("|---|---|\n")[2], re.MULTILINE)


def _listed(viewer: Viewer, group: str) -> list[tuple[str, str]]:
    viewer.settle().press("?")
    lines = viewer.page.locator(".help-group", has=viewer.page.locator("h3", has_text=group))
    return [
        (
            " ".join(f"`{key}`" for key in line.locator("kbd").all_inner_texts()),
            line.locator("dd").inner_text(),
        )
        for line in lines.locator(".help-line").all()
    ]


@pytest.mark.parametrize(
    ("section", "group", "html"),
    [
        ("A comparison", "Comparison", lambda: test_compare.changed(answer="Other.")),
        ("A session", "Tests", test_session.report),
    ],
)
def test_the_keys_are_those_that_the_page_lists(
    show: Desk, section: str, group: str, html: Callable[[], str]
) -> None:
    assert _listed(show(html=html()), group) == _table(section, "key | does")


def test_the_keys_and_tabs_of_a_step_are_those_of_the_page(show: Desk) -> None:
    viewer = show(support(), hash="#/run/support?span=7&at=end")
    listed = _listed(viewer, "Detail")
    numbered = [(keys, what) for keys, what in listed if keys[1:-1].isdecimal()]
    tabs = [tab for tab, _ in _table("A step", "tab | shows")]
    assert [what for _, what in numbered] == tabs
    assert [keys for keys, _ in numbered] == [f"`{number}`" for number in range(1, len(tabs) + 1)]
    rest = [entry for entry in listed if entry not in numbered]
    assert sorted([(f"`1` to `{len(tabs)}`", "the tabs, in their order"), *rest]) == sorted(
        _table("A step", "key | does")
    )
