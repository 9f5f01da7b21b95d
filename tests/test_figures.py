"""How numbers read."""

from __future__ import annotations

import math

import pytest

from trace_ops import _figures


@pytest.mark.parametrize(
    ("dollars", "shown"),
    [
        (None, "unknown"),
        (0.0, "$0.00"),
        (0.0000958, "$0.000096"),
        (0.00123, "$0.0012"),
        (0.42, "$0.42"),
        (1.005, "$1.00"),
        (1234.5, "$1,234.50"),
        (-0.0012, "$-0.0012"),
        (-1234.5, "$-1,234.50"),
        (math.inf, "$inf"),
        (math.nan, "$nan"),
    ],
)
def test_a_cost_that_is_not_known_is_not_zero_and_a_small_one_is_not_either(
    dollars: float | None, shown: str
) -> None:
    assert _figures.cost(dollars) == shown


@pytest.mark.parametrize(
    ("ms", "shown"), [(None, ""), (0.4, "0 ms"), (812.4, "812 ms"), (1540.0, "1.5 s"), (-2000, "-2.0 s")]
)
def test_durations(ms: float | None, shown: str) -> None:
    assert _figures.duration(ms) == shown


def test_one_is_not_many() -> None:
    assert [_figures.count(number, "call") for number in (0, 1, 2_000)] == [
        "0 calls",
        "1 call",
        "2,000 calls",
    ]
    assert _figures.count(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ([], ""),
        ([0.0, 0.0], "▁▁"),
        ([1.0, 2.0, 4.0, 8.0], "▁▂▄█"),
        ([0.0, None, 1e-9], "▁?█"),
        ([1.0] * 24, "█" * 12),
        ([0.0] * 20 + [4.0] * 4, "▁" * 10 + "██"),
        ([None, *[1.0] * 23], "?" + "█" * 11),
    ],
)
def test_many_numbers_are_a_line(values: list[float | None], line: str) -> None:
    assert _figures.sparkline(values) == line
