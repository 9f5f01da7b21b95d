"""The shape of an answer: which fields are there, and of which types."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

_NAMES = {str: "a text", bool: "a truth value", int: "a number", float: "a number", type(None): "null"}
_MOST_DEEP = 100


@dataclass
class Shape:
    """What stands at one place, in any of the values looked at.

    ``kinds`` are the types. Items of a list are one place, apart for each ``type`` they say they are of:
    which kinds of items an answer has is its contents, what such an item looks like is its shape.
    """

    kinds: set[str] = field(default_factory=set)
    fields: dict[str, Shape] = field(default_factory=dict)
    items: dict[str, Shape] = field(default_factory=dict)

    def see(self, value: Any, said: Collection[str], depth: int = 0) -> None:
        """Take a value in. ``said`` are the keys whose values are contents, wherever they stand."""
        if isinstance(value, dict):
            self.kinds.add("an object")
            for key, item in value.items() if depth < _MOST_DEEP else ():
                if key not in said:
                    self.fields.setdefault(key, Shape()).see(item, said, depth + 1)
        elif isinstance(value, list):
            self.kinds.add("a list")
            for item in value if depth < _MOST_DEEP else ():
                kind = item.get("type") if isinstance(item, dict) else None
                place = self.items.setdefault(kind if isinstance(kind, str) else "", Shape())
                place.see(item, said, depth + 1)
        else:
            self.kinds.add(_NAMES.get(type(value), "null"))


def shape_of(values: Iterable[Any], said: Collection[str] = ()) -> Shape:
    """The shape of some values, taken together."""
    shape = Shape()
    for value in values:
        shape.see(value, said)
    return shape


def differences(recorded: Shape, now: Shape, path: str = "") -> Iterator[tuple[str, str]]:
    """Where two shapes differ, and how in words.

    A null stands for any text, number or truth value: providers leave fields empty as they see fit.
    """
    before, after = _typed(recorded.kinds), _typed(now.kinds)
    if before and now.kinds == {"null"} and before & {"an object", "a list"}:
        after = now.kinds
    if before and after and not after <= before:
        yield path, f"is {_either(after)}, recorded {_either(before)}"
        return
    if recorded.fields and now.fields:
        for key in recorded.fields.keys() - now.fields.keys():
            yield _join(path, key), "is gone"
        for key in now.fields.keys() - recorded.fields.keys():
            yield _join(path, key), "is new"
    for key in recorded.fields.keys() & now.fields.keys():
        yield from differences(recorded.fields[key], now.fields[key], _join(path, key))
    for kind in recorded.items.keys() & now.items.keys():
        yield from differences(
            recorded.items[kind], now.items[kind], _join(path, f"*({kind})" if kind else "*")
        )


def _typed(kinds: set[str]) -> set[str]:
    return kinds - {"null"}


def _either(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))


def _join(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step
