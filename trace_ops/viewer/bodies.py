"""Raw bodies; parts of them that repeat stand once, in a pool."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from trace_ops.exchange import Body, Stream
from trace_ops.viewer.data import RawBody
from trace_ops.viewer.prints import Prints
from trace_ops.viewer.values import is_safe


class Bodies:
    """The bodies of a run, counted before any is written.

    What may stand in the pool is what a body has at its top, such as the tools of a request, and the items of
    lists there, such as its messages.
    """

    def __init__(self, prints: Prints, bodies: Iterable[Body | Stream | None]) -> None:
        self.pool: list[Any] = []
        self._prints = prints
        self._places: dict[int, int] = {}
        self._safe: dict[int, bool] = {}
        self._times = Counter(
            number
            for body in bodies
            if isinstance(body, Body) and type(body.json) is dict
            for number in self._candidates(body.json)
        )

    def raw(self, body: Body | Stream | None) -> RawBody | None:
        """A body under the name of the form it has."""
        if not isinstance(body, Body):
            return None
        value = body.json
        if type(value) is dict and self._is_safe(value):
            return self._shared(value)
        if value is not None and is_safe(value):
            return {"json": value}
        if not body.raw:
            return None
        text = body.text
        return {"text": text} if text is not None else {"base64": base64.b64encode(body.raw).decode()}

    def _candidates(self, body: dict[str, Any]) -> Iterator[int]:
        for value in body.values():
            if isinstance(value, (str, dict, list)):
                yield self._prints.of(value)
            if type(value) is list:
                yield from (self._prints.of(item) for item in value if isinstance(item, (str, dict, list)))

    def _shared(self, body: dict[str, Any]) -> RawBody:
        whole: dict[str, Any] = {}
        places: dict[str, int] = {}
        for key, value in body.items():
            pointer = f"/{key.replace('~', '~0').replace('/', '~1')}"
            number = self._place(value)
            if number is not None:
                whole[key], places[pointer] = None, number
            elif type(value) is list:
                numbers = [self._place(item) for item in value]
                whole[key] = [
                    item if number is None else None for item, number in zip(value, numbers, strict=True)
                ]
                shared = ((at, number) for at, number in enumerate(numbers) if number is not None)
                places |= {f"{pointer}/{at}": number for at, number in shared}
            else:
                whole[key] = value
        return {"json": whole, "places": places} if places else {"json": whole}

    def _place(self, value: Any) -> int | None:
        """Where a value stands in the pool, if it repeats."""
        if not isinstance(value, (str, dict, list)):
            return None
        number = self._prints.of(value)
        if self._times[number] < 2 or not self._prints.is_worth_it(number):
            return None
        if number not in self._places:
            self._places[number] = len(self.pool)
            self.pool.append(value)
        return self._places[number]

    def _is_safe(self, body: dict[str, Any]) -> bool:
        """Whether the JSON of a body comes to a browser as it is; what repeats is looked at once."""
        return all(
            all(map(self._is_safe_part, value)) if type(value) is list else self._is_safe_part(value)
            for value in body.values()
        )

    def _is_safe_part(self, value: Any) -> bool:
        if not isinstance(value, (dict, list)):
            return is_safe(value)
        number = self._prints.of(value)
        if number not in self._safe:
            self._safe[number] = is_safe(value)
        return self._safe[number]
