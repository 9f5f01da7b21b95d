"""How values read."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from trace_ops.cli import _render

NOW = datetime(2026, 11, 21, tzinfo=timezone.utc)


def test_a_cost_that_is_not_known_is_a_question() -> None:
    assert (_render.cost(None), _render.cost(0.0)) == ("?", "$0.00")


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        (timedelta(seconds=-5), "now"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=90), "1 h"),
        (timedelta(days=10), "10 d"),
        (timedelta(days=800), "2 y"),
    ],
)
def test_ages(ago: timedelta, shown: str) -> None:
    assert _render.age(NOW - ago, NOW) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\n  b\tc", "a b c"), ("x" * 30, "x" * 9 + "…"), ("\x1b[2Jgone", "[2Jgone"), ("", "")],
)
def test_a_preview_is_one_line(text: str, shown: str) -> None:
    assert _render.one_line(text, 10) == shown


def test_control_characters_are_shown_as_escapes() -> None:
    assert _render.visible("a\n\x1b[2J\x9b1m") == "a\n\\x1b[2J\\x9b1m"
