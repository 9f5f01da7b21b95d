"""How values read."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from trace_ops.cli import _render

NOW = datetime(2026, 11, 21, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("dollars", "shown"),
    [
        (None, "?"),
        (0.0, "$0.00"),
        (0.0000958, "$0.000096"),
        (0.00123, "$0.0012"),
        (0.42, "$0.42"),
        (1.005, "$1.00"),
        (1234.5, "$1,234.50"),
    ],
)
def test_a_cost_that_is_not_known_is_not_zero_and_a_small_one_is_not_either(
    dollars: float | None, shown: str
) -> None:
    assert _render.cost(dollars) == shown


@pytest.mark.parametrize(("ms", "shown"), [(None, ""), (0.4, "0 ms"), (812.4, "812 ms"), (1540.0, "1.5 s")])
def test_durations(ms: float | None, shown: str) -> None:
    assert _render.duration(ms) == shown


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
