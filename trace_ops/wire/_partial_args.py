"""Arguments of a function call that Vertex AI streams value by value, each with a path to its place.

The paths are those of RFC 9535, of which names and indexes are used: ``$.stops[0].city``.
"""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d{1,4})\]|\[(?:'([^']*)'|\"([^\"]*)\")\]")
_VALUES = ("stringValue", "numberValue", "boolValue")
_MOST_STEPS = 30


def arguments_of(pieces: list[Any]) -> dict[str, Any]:
    """The arguments that the pieces make; texts with the same path grow.

    A piece whose path leads nowhere stands under the path as it is.
    """
    whole: dict[str, Any] = {}
    for piece in pieces:
        if not isinstance(piece, dict) or not isinstance(path := piece.get("jsonPath"), str):
            whole.setdefault("partialArgs", []).append(piece)
            continue
        value = next((piece[key] for key in _VALUES if key in piece), None)
        steps = _steps(path)
        if not steps or not _put(whole, steps, value):
            whole[path] = _grown(whole.get(path), value)
    return whole


def _steps(path: str) -> list[str | int]:
    if not path.startswith("$") or _STEP.sub("", path[1:]):
        return []
    found = [
        int(index) if index else name or quoted or double
        for name, index, quoted, double in _STEP.findall(path)
    ]
    return found if len(found) <= _MOST_STEPS else []


def _put(whole: Any, steps: list[str | int], value: Any) -> bool:
    """Put a value in its place, if the places on the way are, or can be made, what the steps say."""
    here = whole
    for at, step in enumerate(steps):
        if isinstance(here, dict) and isinstance(step, str):
            here.setdefault(step, None)
        elif isinstance(here, list) and isinstance(step, int):
            here.extend([None] * (step + 1 - len(here)))
        else:
            return False
        if at + 1 == len(steps):
            here[step] = _grown(here[step], value)
            return True
        if here[step] is None:
            here[step] = [] if isinstance(steps[at + 1], int) else {}
        here = here[step]
    return False


def _grown(known: Any, value: Any) -> Any:
    return known + value if isinstance(known, str) and isinstance(value, str) else value
