"""Response headers in a document: after the first answer, only what differs from an earlier one."""

from __future__ import annotations

from typing import Any

from trace_ops.cassette.fields import DocumentError, describe
from trace_ops.cassette.reader import Place
from trace_ops.cassette.sharing import SMALLEST

Headers = list[tuple[str, str]]

_REMEMBERED = 16


class HeaderSets:
    """The header sets written so far that later ones may be told by."""

    def __init__(self) -> None:
        self._sets: list[dict[str, str]] = []

    def encode(self, headers: Headers) -> Any:
        """A mapping, ``[earlier mapping, changes]``, or pairs if a name occurs twice."""
        own = dict(headers)
        if len(own) != len(headers):
            return [list(pair) for pair in headers]
        best: dict[str, Any] | None = None
        base: dict[str, str] = {}
        for earlier in self._sets:
            changes = _changes(earlier, own)
            if changes is not None and (best is None or _size(changes) < _size(best)):
                best, base = changes, earlier
        if best is not None and not best:
            return base
        if best is not None and _size(best) <= _size(own) * 0.6:
            return [base, best]
        if _size(own) > SMALLEST:
            self._sets = [*self._sets[-_REMEMBERED + 1 :], own]
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
    changes: dict[str, Any] = {name: None for name in base if name not in own}
    changes |= {name: value for name, value in own.items() if base.get(name) != value}
    kept = [name for name in base if name in own]
    return changes if [*kept, *(name for name in own if name not in base)] == list(own) else None


def _size(headers: dict[str, Any]) -> int:
    return sum(len(name) + len(value or "") + 4 for name, value in headers.items())


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
