"""Limits as they are written: a number, or a change against the recording (``+10%``)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from trace_ops.errors import UsageError

_RELATIVE = re.compile(r"(?P<sign>[+-])(?P<percent>\d+(?:\.\d+)?) ?%")


@dataclass(frozen=True)
class Relative:
    """A limit that depends on the recording: so many per cent more, or less (below 0)."""

    percent: float

    def of(self, recorded: float) -> float:
        """The limit, given what was recorded."""
        # Rounded, or else 10% more than 100 would be 110.00000000000001.
        return round(recorded * (100 + self.percent) / 100, 9)

    def __str__(self) -> str:
        return f"{self.percent:+g}%"


Limit = float | Relative
"""What a number must not exceed."""


def limit(option: str, value: Any, *, whole: bool = False) -> int | float | Relative:
    """Read a limit; raises :class:`UsageError` that names the option. ``whole`` refuses fractions."""
    if isinstance(value, Relative):
        return value
    if isinstance(value, str):
        return _relative(option, value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageError(f"{option}={value!r}: a limit is a number, or relative to the recording as '+10%'")
    if not math.isfinite(value) or value < 0:
        raise UsageError(f"{option}={value!r}: a limit is a number from 0 on")
    if whole and value != int(value):
        raise UsageError(f"{option}={value!r}: what is counted is limited by a whole number")
    return value


def _relative(option: str, text: str) -> Relative:
    match = _RELATIVE.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            f"{option}={text!r}: a limit is a number, without quotes, or relative to the recording "
            "as '+10%' or '-5%'"
        )
    percent = float(match["sign"] + match["percent"])
    if not -100 <= percent < math.inf:
        raise UsageError(f"{option}={text!r}: not less than -100% of the recording")
    return Relative(percent)


def count(option: str, value: Any, *, least: int = 0) -> int:
    """Read a whole number that is not relative to anything."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UsageError(f"{option}={value!r}: a whole number from {least} on")
    return value
