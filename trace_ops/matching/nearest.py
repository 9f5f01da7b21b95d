"""The recorded call that is most like one that was not recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from trace_ops.matching.canonical import Canonical
from trace_ops.matching.differences import Difference, differences
from trace_ops.matching.similarity import likeness, tokens
from trace_ops.trace import Span


@dataclass(frozen=True)
class Nearest:
    """A recorded call, whether it was played already, and where the call made now differs from it."""

    span: Span
    played: bool
    differences: list[Difference]


def nearest(call: Canonical, candidates: Iterable[tuple[Span, bool, Canonical]]) -> Nearest | None:
    """Choose the candidate that has most in common with the call; of equals the first unplayed one."""
    wanted = tokens(call.value)
    best: tuple[float, bool] | None = None
    found: tuple[Span, bool, Canonical] | None = None
    for candidate in candidates:
        rank = likeness(tokens(candidate[2].value), wanted), not candidate[1]
        if best is None or rank > best:
            best, found = rank, candidate
    if found is None:
        return None
    return Nearest(found[0], found[1], _between(found[2].value, call.value))


def _between(recorded: dict[str, Any], now: dict[str, Any]) -> list[Difference]:
    found = [
        replace(one, path=f"({part.removesuffix('s')}{' ' if one.path else ''}{one.path})")
        for part in ("method", "path", "query", "headers")
        for one in differences(recorded[part], now[part])
    ]
    in_body = differences(recorded["body"], now["body"])
    return found + [one if one.path else replace(one, path="(body)") for one in in_body]
