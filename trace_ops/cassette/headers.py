"""Response headers in a document: after the first answer, only what differs from an earlier one."""

from __future__ import annotations

from typing import Any

from trace_ops.cassette.fields import DocumentError, describe
from trace_ops.cassette.reader import Place
from trace_ops.cassette.sharing import SMALLEST

Headers = list[tuple[str, str]]

_REMEMBERED = 4


class HeaderSets:
    """The header sets written so far that later ones may be told by."""

    def __init__(self) -> None:
        self._by_names: dict[tuple[str, ...], dict[str, str]] = {}
        self._latest: list[dict[str, str]] = []

    def encode(self, headers: Headers) -> Any:
        """A mapping, ``[earlier mapping, changes]``, or pairs if a name occurs twice."""
        own = dict(headers)
        if len(own) != len(headers):
            return [list(pair) for pair in headers]
        names = tuple(own)
        alike = self._by_names.get(names)
        for earlier in self._latest if alike is None else (alike,):
            changes = _changes(earlier, own)
            if changes is not None and _size(changes) <= _size(own) * 0.6:
                return [earlier, changes] if changes else earlier
        if _size(own) > SMALLEST * 2:
            self._by_names[names] = own
            self._latest = [own, *self._latest[: _REMEMBERED - 1]]
        return own


def decode_headers(value: Any, place: Place) -> Headers:
    """The headers that :meth:`HeaderSets.encode` wrote, in their order."""
    if type(value) is dict:
        return _pairs(value, place)
    if type(value) is not list:
        raise DocumentError(f"{describe(value)} where headers belong", place)
    if value and type(value[0]) is dict:
        return _merged(value, place)
    return [_pair(item, (*place, index)) for index, item in enumerate(value)]


def _changes(base: dict[str, str], own: dict[str, str]) -> dict[str, Any] | None:
    """What turns one set into the other; ``None`` if the order cannot be had that way."""
    changes: dict[str, Any] = {name: value for name, value in own.items() if base.get(name) != value}
    if base.keys() == own.keys():
        return changes if list(base) == list(own) else None
    changes = {**{name: None for name in base if name not in own}, **changes}
    kept = [name for name in base if name in own]
    return changes if [*kept, *(name for name in own if name not in base)] == list(own) else None


def _size(headers: dict[str, Any]) -> int:
    return sum(map(len, headers)) + sum(len(value or "") for value in headers.values()) + 4 * len(headers)


def _merged(value: list[Any], place: Place) -> Headers:
    merged: dict[str, str] = {}
    for index, changes in enumerate(value):
        if type(changes) is not dict:
            raise DocumentError(f"{describe(changes)} where a mapping belongs", (*place, index))
        for name, text in changes.items():
            if text is None:
                merged.pop(name, None)
            else:
                merged[name] = _text(text, (*place, index, name))
    return list(merged.items())


def _pairs(value: dict[str, Any], place: Place) -> Headers:
    return [(name, _text(text, (*place, name))) for name, text in value.items()]


def _pair(item: Any, place: Place) -> tuple[str, str]:
    if type(item) is not list or len(item) != 2:
        raise DocumentError(f"{describe(item)} where a name and a value belong", place)
    return _text(item[0], (*place, 0)), _text(item[1], (*place, 1))


def _text(value: Any, place: Place) -> str:
    if type(value) is not str:
        raise DocumentError(f"{describe(value)} where text belongs", place)
    return value
