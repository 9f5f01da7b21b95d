"""Typed access to plain data that somebody else wrote."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar

from trace_ops.cassette.reader import Place

T = TypeVar("T")
_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false", dict: "a mapping"}
_NONE: Any = object()
_NAMES |= {list: "a list", type(None): "null"}


class DocumentError(Exception):
    """The data is not what the format says; ``place`` is where."""

    def __init__(self, problem: str, place: Place) -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = place


class Fields:
    """The fields of one mapping; raises :class:`DocumentError` for what is missing, wrong or unknown."""

    __slots__ = ("_values", "place")

    def __init__(self, values: Any, known: AbstractSet[str], place: Place) -> None:
        if type(values) is not dict:
            raise DocumentError(f"{describe(values)} where a mapping belongs", place)
        if not values.keys() <= known:
            unknown = min(values.keys() - known)
            raise DocumentError(f"unknown field {unknown!r}", (*place, unknown))
        self._values: dict[str, Any] = values
        self.place = place

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def any(self, name: str) -> Any:
        """The value as it is, ``None`` if there is none."""
        return self._values.get(name)

    def need(self, name: str, kind: type[T]) -> T:
        """The value of a field that has to be there."""
        if name not in self._values:
            raise DocumentError(f"field {name!r} is missing", self.place)
        return self._checked(name, kind)

    def get(self, name: str, kind: type[T], default: Any = None) -> Any:
        """The value of a field, or the default if there is none."""
        return self._checked(name, kind) if name in self._values else default

    def one_of(self, name: str, choices: AbstractSet[str], default: Any = _NONE) -> Any:
        """The value of a field that allows some words only; without a default it has to be there."""
        if default is not _NONE and name not in self._values:
            return default
        value = self.need(name, str)
        if value not in choices:
            raise self.wrong(name, f"{value!r} is none of {', '.join(sorted(choices))}")
        return value

    def number(self, name: str, default: float | None = None) -> Any:
        """A finite whole or fractional number."""
        value = self._values.get(name, default)
        if value is default and name not in self._values:
            return default
        if type(value) is int and abs(value) < 2**53:
            return float(value)
        if type(value) is float and abs(value) < 1e300:
            return value
        raise self.wrong(name, f"{describe(value)} where a number belongs")

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty if there is none."""
        values = self.get(name, list, [])
        for index, value in enumerate(values):
            if type(value) is not str:
                raise DocumentError(f"{describe(value)} where text belongs", (*self.place, name, index))
        return list(values)

    def text_map(self, name: str) -> dict[str, str]:
        """A mapping of texts to texts; empty if there is none."""
        values = self.get(name, dict, {})
        for key, value in values.items():
            if type(value) is not str:
                raise DocumentError(f"{describe(value)} where text belongs", (*self.place, name, key))
        return dict(values)

    def items(self, name: str, build: Callable[[Any, Place], T]) -> list[T]:
        """A list, built item by item; empty if there is none."""
        values = self.get(name, list, [])
        place = (*self.place, name)
        return [build(value, (*place, index)) for index, value in enumerate(values)]

    def only(self, *names: str) -> str | None:
        """Which one of the fields is there; more than one is an error."""
        found = [name for name in names if name in self._values]
        if len(found) > 1:
            raise self.wrong(found[1], f"fields {found[0]!r} and {found[1]!r} exclude each other")
        return found[0] if found else None

    def wrong(self, name: str, problem: str) -> DocumentError:
        """An error about one field."""
        return DocumentError(problem, (*self.place, name))

    def _checked(self, name: str, kind: type[T]) -> T:
        value = self._values[name]
        if type(value) is not kind:
            raise self.wrong(name, f"{describe(value)} where {_NAMES[kind]} belongs")
        return value


def describe(value: Any) -> str:
    """What a value is, for an error message."""
    return _NAMES.get(type(value), type(value).__name__)
