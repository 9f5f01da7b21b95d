"""A run as moments in time."""

from __future__ import annotations

import pytest

from tests.cli.samples import chat, tool
from tests.cli.stepping.runs import weather
from trace_ops.cli.stepping.moments import Moments
from trace_ops.trace import Span


def _told(spans: list[Span]) -> list[tuple[int, str, float]]:
    return [(moment.span, moment.edge, moment.at) for moment in Moments(spans).all]


def test_a_step_in_which_nothing_else_happens_is_one_moment_at_its_end() -> None:
    assert _told(weather()) == [
        (1, "begins", 0.0),
        (2, "whole", 210.0),
        (3, "whole", 350.0),
        (4, "whole", 700.0),
        (1, "ends", 900.0),
        (5, "whole", 1050.0),
    ]


def test_steps_side_by_side_begin_and_end_in_the_order_of_time() -> None:
    spans = [
        Span(1, "tool", "slow", start_ms=0.0, ms=100.0),
        Span(2, "tool", "fast", start_ms=10.0, ms=20.0),
        Span(3, "tool", "late", start_ms=90.0, ms=50.0),
    ]

    assert _told(spans) == [
        (1, "begins", 0.0),
        (2, "whole", 30.0),
        (3, "begins", 90.0),
        (1, "ends", 100.0),
        (3, "ends", 140.0),
    ]


def test_at_one_time_inner_steps_end_first_and_outer_ones_begin_first() -> None:
    spans = [
        Span(1, "agent", "outer", start_ms=0.0, ms=10.0),
        Span(2, "tool", "inner", parent=1, start_ms=0.0, ms=10.0),
        Span(3, "tool", "next", start_ms=10.0, ms=0.0),
    ]

    assert _told(spans) == [
        (1, "begins", 0.0),
        (2, "whole", 10.0),
        (1, "ends", 10.0),
        (3, "whole", 10.0),
    ]


def test_a_step_that_still_ran_only_begins() -> None:
    moments = Moments([Span(1, "agent", "running"), tool(2, "look", 1, 2, parent=1)])

    assert [(moment.span, moment.edge) for moment in moments.all] == [(1, "begins"), (2, "whole")]
    assert not moments.ended(1, moments.all[-1])


def test_what_was_spent_is_what_had_ended() -> None:
    moments = Moments(weather())
    spent = [moments.spent(moment) for moment in moments.all]

    assert [sum_.input + sum_.output for sum_ in spent] == [0, 17, 17, 34, 34, 34]
    assert spent[3].cost == pytest.approx(0.00025)
    assert [sum_.errors for sum_ in spent] == [0, 0, 0, 0, 0, 1]


def test_a_cost_that_is_not_known_is_said() -> None:
    moments = Moments([chat(1, cost_usd=None)])

    assert moments.spent(moments.all[0]).shown == "?"


def test_what_has_begun_and_ended_by_a_moment() -> None:
    moments = Moments(weather())
    third = moments.all[2]

    assert [moments.begun(number, third) for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert [moments.ended(number, third) for number in (1, 2, 3, 4)] == [False, True, True, False]
