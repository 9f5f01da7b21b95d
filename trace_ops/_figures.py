"""How numbers read, wherever they are shown: counts, dollars, time."""

from __future__ import annotations

import math


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
