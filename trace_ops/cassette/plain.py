"""Any Python value as plain data: what a tool took or gave is not always JSON."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time
from enum import Enum
from typing import Any

_DEEPEST = 50
_LONGEST_INT = 10_000


def plain(value: Any) -> Any:
    """The value as null, booleans, numbers, text, lists and mappings with text for keys.

    Tuples and sets become lists, dataclasses and pydantic models mappings; of what has no such form only
    the name of the class is kept. Lone surrogates are escaped, since no text file can hold them.
    """
    return _plain(value, ())


def valid_text(text: str) -> str:
    """The text with lone surrogates escaped."""
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode()


def _plain(value: Any, within: tuple[int, ...]) -> Any:
    kind = type(value)
    if kind is str:
        return valid_text(value)
    if value is None or kind is bool or kind is float:
        return value
    if kind is int:
        return value if value.bit_length() < _LONGEST_INT else hex(value)
    if id(value) in within or len(within) >= _DEEPEST:
        return _nameless(value)
    return _converted(value, (*within, id(value)))


def _converted(value: Any, within: tuple[int, ...]) -> Any:
    if isinstance(value, Mapping):
        return {valid_text(str(key)): _plain(item, within) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, within) for item in value]
    if isinstance(value, AbstractSet):
        return sorted((_plain(item, within) for item in value), key=repr)
    if isinstance(value, Enum):
        return _plain(value.value, within)
    if isinstance(value, (bool, int, float, str)):
        return _plain(next(base for base in (int, float, str) if isinstance(value, base))(value), within)
    if isinstance(value, (bytes, bytearray)):
        return _bytes(bytes(value))
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    try:
        dumped = _dumped(value)
    except Exception:  # noqa: BLE001 - it is the code of a stranger, and recording must not fail for it
        dumped = _nameless(value)
    return _plain(dumped, within)


def _dumped(value: Any) -> Any:
    if isinstance(value, type):
        return _nameless(value)
    if dataclasses.is_dataclass(value):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return dump(mode="json")
    # Paths, UUIDs and decimals say what they are; the text that every object has holds its address.
    text = str(value)
    return _nameless(value) if f" at {id(value):#x}" in text.lower() else text


def _bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()


def _nameless(value: Any) -> str:
    kind = value if isinstance(value, type) else type(value)
    return f"<{kind.__module__}.{kind.__qualname__}>"
