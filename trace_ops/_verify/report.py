"""Drift, told to a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from trace_ops._verify.drift import SEVERITIES, Drift

_WIDTH = max(map(len, SEVERITIES))


def counts(drift: Iterable[Drift]) -> str:
    """How much there is of each severity: ``1 in schema, 3 in text``."""
    return tally(one.severity for one in drift)


def tally(severities: Iterable[str]) -> str:
    """The same, where nothing but the severities is known."""
    found = Counter(severities)
    return ", ".join(f"{found[severity]} in {severity}" for severity in SEVERITIES if found[severity])


def lines(drift: Sequence[Drift]) -> Iterator[str]:
    """All of it, call by call in recorded order."""
    ordered = sorted(drift, key=lambda one: one.span)
    for (span, name), group in groupby(ordered, key=lambda one: (one.span, one.name)):
        yield f"span {span} ({name})"
        for one in group:
            yield f"  {one.severity:<{_WIDTH}}  {one.what}" + ("" if one.fails else "  (does not fail)")
            yield from (f"  {'':<{_WIDTH}}    {line}" for line in one.detail)
