"""Numbers for values, the same for equal ones: so what repeats is found, and stands once in a page."""

from __future__ import annotations

from typing import Any

from trace_ops.cassette.sharing import key_of

_WORTH_IT = 60
"""What is shorter is written again."""


class Prints:
    """The values seen so far.

    A value that was numbered is not looked at again: the bodies of a cassette share what repeats. So all
    values must outlive this, and stay as they are.
    """

    def __init__(self) -> None:
        self._of_object: dict[int, int] = {}
        self._of_value: dict[str | bytes, int] = {}
        self._sizes: list[int] = []

    def of(self, value: Any) -> int:
        """The number of a value."""
        if type(value) is str:
            return self._number(value, len(value))
        number = self._of_object.get(id(value))
        if number is None:
            number = self._of_object[id(value)] = self._read(value)
        return number

    def is_worth_it(self, number: int) -> bool:
        """Whether a value is long enough to be referred to."""
        return self._sizes[number] >= _WORTH_IT

    def _read(self, value: Any) -> int:
        try:
            key = key_of(value)
        except ValueError:  # nested deeper than its key can be made
            key = f"object {id(value)}".encode()
        return self._number(key, len(key))

    def _number(self, key: str | bytes, size: int) -> int:
        number = self._of_value.setdefault(key, len(self._sizes))
        if number == len(self._sizes):
            self._sizes.append(size)
        return number
