"""What a program hands over, as JSON can hold it. Nothing here raises, whatever the value does."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from trace_ops.exchange import Failure

# A cassette may be nested twice as deep, with all that is around a value.
_DEEPEST = 100
# Python turns numbers of up to 4,300 digits into text, which is a little more.
_MOST_BITS = 14_000


def plain(value: Any) -> Any:
    """A copy of a value as JSON can hold it: models and dataclasses as mappings, the rest by ``repr``."""
    return read(value)[0]


def read(value: Any) -> tuple[Any, bool]:
    """The same, and whether it is the value exactly: types, keys and all."""
    reader = _Reader()
    return reader.read(value), reader.exact


def shown(value: Any) -> str:
    """The ``repr`` of a value, or only its class where it has none."""
    try:
        return str.__str__(repr(value))
    except Exception:  # noqa: BLE001 - the code of others, run only to describe it
        return f"<{type(value).__name__}>"


def failure(error: object) -> Failure:
    """An error as it is kept: an exception by its class, anything else by its text."""
    try:
        text = str.__str__(str(error))
    except Exception:  # noqa: BLE001 - the code of others, run only to describe it
        text = f"<{type(error).__name__}>"
    if isinstance(error, BaseException):
        return Failure(f"{type(error).__module__}.{type(error).__qualname__}", text)
    return Failure("error", text)


class _Reader:
    """Reads one value. ``exact`` turns false at the first thing that JSON would give back as another."""

    def __init__(self) -> None:
        self.exact = True
        self._around: list[int] = []

    def read(self, value: Any) -> Any:
        kind = type(value)
        if value is None or kind is str or kind is bool:
            return value
        if kind is int and value.bit_length() <= _MOST_BITS:
            return value
        if kind is float and math.isfinite(value):
            return value
        if id(value) in self._around or len(self._around) >= _DEEPEST:
            self.exact = False
            return f"<{kind.__name__}>"
        self._around.append(id(value))
        try:
            return self._container(value) if kind in (dict, list) else self._other(value)
        except Exception:  # noqa: BLE001 - the code of others, run only to describe the value
            self.exact = False
            return shown(value)
        finally:
            self._around.pop()

    def _container(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.read(item) for item in value]
        items = {self._key(key): self.read(item) for key, item in value.items()}
        return items if len(items) == len(value) else shown(value)  # such as {1: ..., "1": ...}

    def _key(self, key: Any) -> str:
        if type(key) is str:
            return key
        self.exact = False
        return str.__str__(key) if isinstance(key, str) else shown(key)

    def _other(self, value: Any) -> Any:
        """What only resembles plain data, or is none."""
        self.exact = False
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, int):
            number = int.__int__(value)
            return number if number.bit_length() <= _MOST_BITS else hex(number)
        if isinstance(value, float):
            real = float.__float__(value)
            return real if math.isfinite(real) else repr(real)
        if isinstance(value, dict):
            return self._container(dict(value))
        if isinstance(value, (list, tuple)):
            return self._container(list(value))
        if isinstance(value, (set, frozenset)):
            return self._container(sorted(value, key=shown))
        return shown(value) if isinstance(value, type) else self._object(value)

    def _object(self, value: Any) -> Any:
        # Asked of the class: a mock answers to every name, and remembers it.
        kind = type(value)
        if callable(getattr(kind, "model_dump", None)):
            return self.read(value.model_dump(mode="json"))
        if dataclasses.is_dataclass(value):
            return {field.name: self.read(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return self.read(value.isoformat()) if callable(getattr(kind, "isoformat", None)) else shown(value)
