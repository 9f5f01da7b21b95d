"""Dates and times, always in UTC; one without a zone, as a person writes it, is in UTC already."""

from __future__ import annotations

from datetime import datetime, timezone


def read(text: str) -> datetime:
    """A moment from its ISO 8601 text; raises :class:`ValueError`, also where UTC has no such date."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    try:
        return _in_utc(moment)
    except OverflowError as error:
        raise ValueError(str(error)) from None


def written(moment: datetime | None, unit: str = "auto") -> str | None:
    """A moment as ISO 8601 text, to the ``unit`` that :meth:`datetime.isoformat` takes."""
    if moment is None:
        return None
    try:
        moment = _in_utc(moment)
    except OverflowError:  # at either end of the calendar: what its clock said
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.isoformat(timespec=unit)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)
