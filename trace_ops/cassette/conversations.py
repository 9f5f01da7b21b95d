"""Requests in a document: one that goes on from an earlier one is told by what it adds.

Each turn of an agent sends the whole conversation again. Aliases would make that a line a message and turn;
told by what is added, a turn reads as what is new in it, and a long run stays linear.
"""

from __future__ import annotations

import marshal
from typing import Any

from trace_ops.cassette.fields import DocumentError, Fields, describe

_REMEMBERED = 16
_WORTH_IT = 2
_MOST_ITEMS = 50_000_000
"""Short lines could claim ever longer conversations; more items than this in all are refused."""

_Prints = dict[str, "bytes | list[bytes]"]


class Conversations:
    """The requests written so far that later ones may go on from."""

    def __init__(self) -> None:
        self._recent: dict[tuple[str, ...], list[tuple[int, _Prints]]] = {}

    def encode(self, span: int, request: Any) -> dict[str, Any] | None:
        """``request_as`` and ``request_adds``; ``None`` if the request has to be written whole."""
        if type(request) is not dict or not any(type(value) is list for value in request.values()):
            return None
        prints = {key: _prints(value) for key, value in request.items()}
        recent = self._recent.setdefault(tuple(request), [])
        best = max(((_common(old, prints), earlier) for earlier, old in recent), default=(0, 0))
        recent[:] = [*recent[1 - _REMEMBERED :], (span, prints)]
        common, earlier = best
        if common < _WORTH_IT:
            return None
        old = next(found for number, found in recent if number == earlier)
        added = {key: request[key][len(old[key]) :] for key in request if type(request[key]) is list}
        return {"request_as": earlier, "request_adds": {key: items for key, items in added.items() if items}}


class Requests:
    """The requests read so far, for those that go on from them."""

    def __init__(self) -> None:
        self._by_span: dict[int, Any] = {}
        self._items = 0

    def keep(self, span: int, request: Any) -> None:
        """Remember the JSON of a request."""
        self._by_span[span] = request

    def decode(self, fields: Fields) -> Any:
        """The request that :meth:`Conversations.encode` took apart."""
        earlier = self._by_span.get(fields.need("request_as", int))
        if type(earlier) is not dict:
            raise fields.wrong("request_as", "no span before this one that has such a request")
        whole = dict(earlier)
        for key, items in fields.need("request_adds", dict).items():
            place = (*fields.place, "request_adds", key)
            if type(items) is not list or type(whole.get(key)) is not list:
                raise DocumentError(f"{describe(items)} that cannot be added to the earlier request", place)
            whole[key] = [*whole[key], *items]
            self._items += len(whole[key])
            if self._items > _MOST_ITEMS:
                raise DocumentError(f"more than {_MOST_ITEMS} items in all requests", place)
        return whole


def _prints(value: Any) -> bytes | list[bytes]:
    """What is equal for equal JSON only; see ``sharing``."""
    if type(value) is list:
        return [marshal.dumps(item, 2) for item in value]
    return marshal.dumps(value, 2)


def _common(old: _Prints, new: _Prints) -> int:
    """How many list items a request takes over from an earlier one; 0 if it does not go on from it."""
    common = 0
    grown = False
    for key, before in old.items():
        now = new[key]
        if before == now:
            continue
        if type(before) is not list or type(now) is not list or not before or now[: len(before)] != before:
            return 0
        common += len(before)
        grown = True
    return common if grown else 0
