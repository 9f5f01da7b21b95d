"""How numbers read, wherever they are shown: counts, dollars, time, and many of them as a line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise


def count(number: int, what: str, plural: str = "") -> str:
    """``1 call``, ``2 calls``."""
    return f"{number:,} {what if number == 1 else plural or what + 's'}"


def cost(dollars: float | None, unknown: str = "unknown") -> str:
    """Dollars to two significant digits, whole cents from a dollar on; what is not known is not zero."""
    if dollars is None:
        return unknown
    if dollars == 0 or abs(dollars) >= 1 or not math.isfinite(dollars):
        return f"${dollars:,.2f}"
    return f"${dollars:.{max(2, 1 - math.floor(math.log10(abs(dollars))))}f}"


def duration(ms: float | None) -> str:
    """Milliseconds, or seconds from one on; nothing if not known."""
    if ms is None:
        return ""
    return f"{ms:,.0f} ms" if abs(ms) < 1000 else f"{ms / 1000:,.1f} s"


_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float | None], width: int = 12) -> str:
    """Numbers in their order as bars, the greatest of them a full one; ``?`` for what is not known.

    Of more than ``width`` numbers, neighbours are summed.
    """
    if len(values) > width:
        cuts = [len(values) * at // width for at in range(width + 1)]
        values = [_sum(values[start:end]) for start, end in pairwise(cuts)]
    most = max((value for value in values if value is not None), default=0.0)
    return "".join("?" if value is None else _bar(value, most) for value in values)


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _bar(value: float, most: float) -> str:
    return _BARS[0] if most <= 0 else _BARS[max(0, math.ceil(value / most * len(_BARS)) - 1)]
