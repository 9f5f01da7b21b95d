"""Values as a page can hold them: whatever was recorded, any browser parses it to the same."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

from trace_ops._plain import plain

_EXACT = 2**53
"""What a browser takes for a number is a float: greater integers would become others."""
_DEEPEST = 100


def safe(value: Any) -> Any:
    """A copy of a value as JSON that browsers read alike.

    Integers that a float cannot hold, NaN and the infinities are texts, and so is what is nested too deep.
    """
    return _safe(value, 0)


def is_safe(value: Any) -> bool:
    """Whether a value of JSON is such already."""
    return _is_safe(value, 0)


def _safe(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is int:
        return value if -_EXACT <= value <= _EXACT else str(plain(value))
    if kind is float:
        return value if math.isfinite(value) else repr(value)
    if kind is not dict and kind is not list:
        return _safe(plain(value), depth)
    if depth >= _DEEPEST:
        return _text(value)
    if kind is list:
        return [_safe(item, depth + 1) for item in value]
    if all(type(key) is str for key in value):
        return {key: _safe(item, depth + 1) for key, item in value.items()}
    return _safe(plain(value), depth)


def _text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (RecursionError, TypeError, ValueError):
        return "…"


def _is_safe(value: Any, depth: int) -> bool:
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return bool(-_EXACT <= value <= _EXACT)
    if kind is float:
        return math.isfinite(value)
    if depth >= _DEEPEST:
        return False
    items: Iterable[Any] = value.values() if kind is dict else value
    return all(_is_safe(item, depth + 1) for item in items)
