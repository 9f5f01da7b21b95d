"""Server-sent event blocks as JSON."""

from __future__ import annotations

import json
from typing import Any

NULLS = (":null", ": null")
# More than what a float holds exactly is no count of anything.
_MOST = 2**53


def data_of(event: str) -> Any:
    """The JSON object in an event's data; an empty one if there is none."""
    lines = [line[5:].removeprefix(" ") for line in event.splitlines() if line.startswith("data:")]
    try:
        value = json.loads("\n".join(lines))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def says(event: str, name: str) -> bool:
    """Whether an event gives a field a value other than null; a look at its text only."""
    quoted = f'"{name}"'
    at = event.find(quoted)
    while at >= 0:
        end = at + len(quoted)
        if not event.startswith(NULLS, end):
            return True
        at = event.find(quoted, end)
    return False


def count(value: Any) -> int | None:
    """A number of tokens; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _MOST:
        return None
    return int(value)
