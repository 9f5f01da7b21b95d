"""What came of a call, so that two can be compared to the type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def outcome(call: Callable[[], Any]) -> Any:
    """The result of a call, or its error."""
    try:
        return call()
    except Exception as error:
        return error


def compared(value: Any) -> Any:
    """A value with the types of all that is in it."""
    kind = type(value)
    if isinstance(value, BaseException):
        return kind, str(value)
    if isinstance(value, dict):
        return kind, {key: compared(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return kind, [compared(item) for item in value]
    if hasattr(value, "model_dump"):
        return kind, {name: compared(getattr(value, name)) for name in type(value).model_fields}
    if hasattr(value, "dtype"):
        return kind, str(value.dtype), value.shape, value.tolist()
    return kind, value
