"""Dates and times are in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.cli.samples import chat
from trace_ops import _moments
from trace_ops.cassette import Cassette, dumps, loads
from trace_ops.exporters import row, trace_record
from trace_ops.trace import Trace

EAST, WEST = (timezone(timedelta(hours=hours)) for hours in (5, -5))


@pytest.mark.parametrize("text", ["2026-11-21T07:00:00", "2026-11-21T07:00:00Z", "2026-11-21T12:00:00+05:00"])
def test_a_moment_is_read_in_utc_whatever_its_zone(text: str) -> None:
    moment = _moments.read(text)

    assert moment == datetime(2026, 11, 21, 7, tzinfo=timezone.utc)
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["", "yesterday", "0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00"])
def test_what_utc_has_no_date_for_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError):
        _moments.read(text)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 21, 7), "2026-11-21T07:00:00+00:00"),  # noqa: DTZ001
        (datetime(2026, 11, 21, 7, tzinfo=EAST), "2026-11-21T02:00:00+00:00"),
        (datetime(1, 1, 1, tzinfo=EAST), "0001-01-01T00:00:00+00:00"),
        (datetime(9999, 12, 31, 23, tzinfo=WEST), "9999-12-31T23:00:00+00:00"),
    ],
)
def test_any_moment_that_a_trace_holds_can_be_written_and_read_again(moment: datetime, text: str) -> None:
    trace = Trace("run", moment, [chat(1)])

    assert trace_record(trace)["recorded"] == row(trace, trace.spans[0])["recorded"] == text
    assert loads(dumps(Cassette(trace))).trace.recorded == _moments.read(text)
