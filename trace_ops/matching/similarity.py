"""How much two JSON values have in common."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

Tokens = Counter[tuple[str, ...]]


def tokens(value: Any) -> Tokens:
    """Count the leaves of a value, each by its place; texts by their words too.

    Positions in lists do not count, so that one message more does not make all that follow differ.
    """
    return Counter(_tokens(value, ""))


def likeness(one: Tokens, other: Tokens) -> float:
    """Say how much is shared: 0.0 nothing, 1.0 all."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def _tokens(value: Any, place: str) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        yield (place, "{}")
        for key, child in value.items():
            yield from _tokens(child, f"{place}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _tokens(item, place + ".*")
    elif isinstance(value, str):
        yield (place, value)
        words = value.split()
        if len(words) > 1:
            for word in words:
                yield (place, "word", word)
    else:
        yield (place, json.dumps(value))
