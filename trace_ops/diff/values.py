"""Recorded values as they are compared: by their JSON, whatever they hold."""

from __future__ import annotations

import json
from typing import Any

from trace_ops._plain import plain, shown
from trace_ops.exchange import Body, Stream
from trace_ops.matching import Difference, differences

# Changes of more leaves are told as one change of the whole.
MOST_LEAVES = 20
# Of a longer text, the beginning tells what it is like.
MOST_CHARACTERS = 4000

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode


def text_of(value: Any) -> str:
    """A text that is the same for equal values only; a string is told apart from what it may spell."""
    try:
        return _encode(value)
    except (TypeError, ValueError, RecursionError):  # a trace made by hand may hold any object
        return shown(plain(value))


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal. Not by ``==`` alone: NaN stands in recorded bodies too."""
    if one is other:
        return True
    if type(one) is not type(other):
        return text_of(one) == text_of(other)
    try:
        if one == other:
            return True
    except (RecursionError, ValueError, TypeError):  # objects in a trace made by hand
        pass
    return text_of(one) == text_of(other) if _may_hold_nan(one) else False


def _may_hold_nan(value: Any) -> bool:
    return not isinstance(value, (str, int))


def same_body(one: Body | Stream | None, other: Body | Stream | None) -> bool:
    """Whether two bodies are the same to the letter. ``False`` may still mean the same in other bytes."""
    if one is other:
        return True
    if isinstance(one, Stream) or isinstance(other, Stream):
        return (
            isinstance(one, Stream) and isinstance(other, Stream) and list(one.events) == list(other.events)
        )
    if one is None or other is None:
        return False
    return one.same_as(other)


def leaves(before: Any, after: Any, path: str = "") -> list[Difference]:
    """Where two values differ, by leaf; one difference of the whole where there are many, or other types."""
    before, after = plain(before), plain(after)
    if type(before) is not type(after) or not isinstance(before, (dict, list)):
        return [] if same(before, after) else [Difference(path, before, after)]
    found = [leaf for leaf in differences(before, after, path) if not same(leaf.recorded, leaf.now)]
    if len(found) > MOST_LEAVES:
        return [Difference(path, before, after)]
    return found


def share(one: Any, other: Any) -> float:
    """How many of the words of two values are in both, 0 to 1."""
    before, after = _words(one), _words(other)
    return 2 * len(before & after) / (len(before) + len(after)) if before or after else 1.0


def _words(value: Any) -> set[str]:
    text = value if isinstance(value, str) else text_of(value)
    return set(text[:MOST_CHARACTERS].split())
