"""Values as JSON that is the same in each run."""

from __future__ import annotations

import re
from typing import Any

from trace_ops._plain import read

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def stable(value: Any) -> Any:
    """A value as JSON; objects that are none without the addresses they happen to have."""
    found, is_exact = read(value)
    return found if is_exact else _without_addresses(found)


def _without_addresses(value: Any) -> Any:
    if isinstance(value, str):
        return _ADDRESS.sub("", value)
    if isinstance(value, list):
        return [_without_addresses(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_addresses(item) for key, item in value.items()}
    return value
