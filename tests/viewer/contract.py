"""The contract with the page, read from its TypeScript, and whether data keep it.

Only what ``data.ts`` uses is understood: interfaces, unions, arrays, tuples, records, literals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

DATA = Path(__file__).parents[2] / "viewer" / "src" / "core" / "data.ts"

Check: TypeAlias = Callable[[Any, str], Iterator[str]]
"""Yields what is wrong with a value, with where it stands."""

_TOKEN = re.compile(r"\s*(//[^\n]*|/\*.*?\*/|\w+|\"[^\"]*\"|.)", re.DOTALL)
_PRIMITIVES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
}


class Contract:
    """The types of a file by their names."""

    def __init__(self, path: Path = DATA) -> None:
        tokens = [token for token in _TOKEN.findall(path.read_text("utf-8")) if token.strip()]
        self._tokens = [token for token in tokens if not token.startswith(("//", "/*"))]
        self._at = 0
        self.types: dict[str, Check] = {}
        self.fields: dict[str, list[str]] = {}
        while self._at < len(self._tokens):
            self._declaration()

    def problems(self, name: str, value: Any) -> list[str]:
        """What is wrong with a value of a type; fields too many count."""
        return list(self.types[name](value, name))

    def _declaration(self) -> None:
        self._need("export")
        kind, name = self._next(), self._next()
        if kind == "interface":
            self.types[name] = self._object(name)
        else:
            assert kind == "type", kind
            self._need("=")
            self.types[name] = self._union()
            self._need(";")

    def _union(self) -> Check:
        self._skip("|")
        options = [self._array()]
        while self._skip("|"):
            options.append(self._array())
        return options[0] if len(options) == 1 else _any_of(options)

    def _array(self) -> Check:
        found = self._primary()
        while self._peek() == "[":
            self._need("[")
            self._need("]")
            found = _list_of(found)
        return found

    def _primary(self) -> Check:
        token = self._peek()
        if token == "{":
            return self._object()
        self._next()
        if token == "[":
            items = [self._union()]
            while self._skip(","):
                items.append(self._union())
            self._need("]")
            return _tuple_of(items)
        if token == "(":
            inner = self._union()
            self._need(")")
            return inner
        if token[0] == '"':
            return _literal(token[1:-1])
        if token.isdecimal():
            return _literal(int(token))
        if token == "Record":
            self._need("<")
            key = self._next()
            self._need(",")
            values = self._union()
            self._need(">")
            return _record(key, values)
        if token in _PRIMITIVES:
            return _primitive(token)
        return lambda value, where: self.types[token](value, where)

    def _object(self, name: str = "") -> Check:
        fields: dict[str, tuple[Check, bool]] = {}
        others: Check | None = None
        self._need("{")
        while not self._skip("}"):
            if self._skip("["):
                while self._next() != "]":
                    pass
                self._need(":")
                others = self._union()
            else:
                field = self._next()
                optional = self._skip("?")
                self._need(":")
                fields[field] = (self._union(), optional)
            _ = self._skip(";") or self._skip(",")
        if name:
            self.fields[name] = list(fields)
        return _object_of(fields, others)

    def _peek(self) -> str:
        return self._tokens[self._at]

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip(self, token: str) -> bool:
        found = self._peek() == token
        self._at += found
        return found

    def _need(self, token: str) -> None:
        found = self._next()
        assert found == token, f"{token} expected, not {found}"


def _primitive(name: str) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:
        if not _PRIMITIVES[name](value):
            yield f"{where}: {name} expected, not {value!r:.60}"

    return check


def _literal(wanted: Any) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:
        if value != wanted or type(value) is not type(wanted):
            yield f"{where}: {wanted!r} expected, not {value!r:.60}"

    return check


def _any_of(options: list[Check]) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:
        found = [list(option(value, where)) for option in options]
        if all(found):
            # One of which only something within is wrong is the one that was meant.
            is_other = [each[0].startswith(f"{where}: ") and "expected" in each[0] for each in found]
            yield from min(zip(is_other, found), key=lambda pair: (pair[0], len(pair[1])))[1]

    return check


def _list_of(item: Check) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{where}: a list expected, not {value!r:.60}"
            return
        for at, each in enumerate(value):
            yield from item(each, f"{where}.{at}")

    return check


def _tuple_of(items: list[Check]) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, list) or len(value) != len(items):
            yield f"{where}: {len(items)} items expected, not {value!r:.60}"
            return
        for at, (item, each) in enumerate(zip(items, value)):
            yield from item(each, f"{where}.{at}")

    return check


def _record(key: str, values: Check) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{where}: an object expected, not {value!r:.60}"
            return
        for name, each in value.items():
            if key == "number" and not name.isdecimal():
                yield f"{where}: {name!r} is no number"
            yield from values(each, f"{where}.{name}")

    return check


def _object_of(fields: dict[str, tuple[Check, bool]], others: Check | None) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{where}: an object expected, not {value!r:.60}"
            return
        for name, (field, optional) in fields.items():
            if name in value:
                yield from field(value[name], f"{where}.{name}")
            elif not optional:
                yield f"{where}: {name} is missing"
        for name, each in value.items():
            if name not in fields and others is not None:
                yield from others(each, f"{where}.{name}")
            elif name not in fields:
                yield f"{where}: {name} is in no contract"

    return check
