"""Server-sent events: secrets inside one event, and secrets cut over the deltas of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from trace_ops import _json_text

Text = Callable[[str], str]
Parts = Callable[[Sequence[str]], list[str]]
Leaf = tuple[int, tuple[Any, ...]]

_PLACES = ("index", "output_index", "content_index", "summary_index", "item_id")


def scrub(events: Sequence[str], text: Text, parts: Parts) -> list[str]:
    """Scrub event blocks; only those in which something was found are written anew, in the style they had."""
    scrubbed = [text(event) for event in events]
    payloads = [_payload(event) for event in scrubbed]
    runs: dict[Any, list[Leaf]] = {}
    for number, payload in enumerate(payloads):
        if payload is not None:
            _collect(payload[1], number, (), (), runs)
    changed: set[int] = set()
    for leaves in runs.values():
        if len(leaves) > 1:
            old = [_get(payloads[number], path) for number, path in leaves]
            for (number, path), before, after in zip(leaves, old, parts(old), strict=True):
                if before != after:
                    _set(payloads[number], path, after)
                    changed.add(number)
    for number in changed:
        scrubbed[number] = _written(scrubbed[number], payloads[number])
    return scrubbed


def _payload(event: str) -> tuple[str, Any] | None:
    """The JSON of an event's data, as text and parsed; ``None`` if it has none."""
    lines = [line for line in event.splitlines() if line.startswith("data:")]
    if len(lines) != 1:
        return None
    text = lines[0][5:].removeprefix(" ")
    value = _json_text.parse(text) if text[:1] in ("{", "[") else None
    return None if value is None else (text, value)


def _collect(
    value: Any, number: int, path: tuple[Any, ...], place: tuple[Any, ...], runs: dict[Any, list[Leaf]]
) -> None:
    """Group the string leaves by where they stand; numbered items go by their number."""
    if isinstance(value, str):
        runs.setdefault((place, _shape(path)), []).append((number, path))
    elif isinstance(value, dict):
        here = place + tuple((key, value[key]) for key in _PLACES if isinstance(value.get(key), (int, str)))
        if isinstance(value.get("type"), str) and not path:
            here += (value["type"],)
        for key, item in value.items():
            _collect(item, number, (*path, key), here, runs)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            _collect(item, number, (*path, position), place, runs)


def _shape(path: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple("*" if isinstance(step, int) else step for step in path)


def _get(payload: tuple[str, Any] | None, path: tuple[Any, ...]) -> Any:
    assert payload is not None
    value = payload[1]
    for step in path:
        value = value[step]
    return value


def _set(payload: tuple[str, Any] | None, path: tuple[Any, ...], new: str) -> None:
    assert payload is not None
    value = payload[1]
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = new


def _written(event: str, payload: tuple[str, Any] | None) -> str:
    assert payload is not None
    text, value = payload
    style = _json_text.detect(text, _json_text.parse(text)) or _json_text.COMPACT
    return event.replace(text, _json_text.render(value, style), 1)
