"""The output of a Responses stream, put together from its events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# What an event grows: the list of pieces in an item and the number of the piece, and the text in it.
GROWS: dict[str, tuple[str, str, str]] = {
    "response.output_text": ("content", "content_index", "text"),
    "response.refusal": ("content", "content_index", "refusal"),
    "response.reasoning_text": ("content", "content_index", "text"),
    "response.reasoning_summary_text": ("summary", "summary_index", "text"),
    "response.function_call_arguments": ("", "", "arguments"),
    "response.mcp_call_arguments": ("", "", "arguments"),
    "response.custom_tool_call_input": ("", "", "input"),
    "response.code_interpreter_call_code": ("", "", "code"),
}
_PIECE_TYPES = {
    "response.output_text": "output_text",
    "response.refusal": "refusal",
    "response.reasoning_text": "reasoning_text",
    "response.reasoning_summary_text": "summary_text",
}
_PARTS = {
    "response.content_part": ("content", "content_index"),
    "response.reasoning_summary_part": ("summary", "summary_index"),
}
_MOST_PIECES = 10_000


def output_of(events: Iterable[dict[str, Any]]) -> list[Any]:
    """The items of the output as far as the events tell of them."""
    items: dict[int, dict[str, Any]] = {}
    for event in events:
        kind = event.get("type")
        at = event.get("output_index")
        if not isinstance(kind, str):
            continue
        about, _, what = kind.rpartition(".")
        if about == "response.output_item":
            if isinstance(event.get("item"), dict):
                items[at if isinstance(at, int) else len(items)] = dict(event["item"])
        elif isinstance(at, int):
            _apply(items.setdefault(at, {}), about, what, event)
    return [item for _, item in sorted(items.items())]


def _apply(item: dict[str, Any], about: str, what: str, event: dict[str, Any]) -> None:
    if about in GROWS:
        pieces, number, field = GROWS[about]
        target = _piece(item, pieces, event.get(number)) if pieces else item
        if pieces:
            target.setdefault("type", _PIECE_TYPES[about])
        value = event.get("delta" if what == "delta" else field)
        if isinstance(value, str):
            known = target.get(field)
            grows = what == "delta" and isinstance(known, str)
            target[field] = f"{known}{value}" if grows else value
    elif about in _PARTS and isinstance(event.get("part"), dict):
        pieces, number = _PARTS[about]
        _piece(item, pieces, event.get(number)).update(event["part"])
    elif about == "response.output_text.annotation":
        target = _piece(item, "content", event.get("content_index"))
        known = target.get("annotations")
        target["annotations"] = [*(known if isinstance(known, list) else []), event.get("annotation")]


def _piece(item: dict[str, Any], pieces: str, number: Any) -> dict[str, Any]:
    """The piece of an item, made if it is not there; a copy, for events are not changed."""
    known = item.get(pieces)
    among = item[pieces] = list(known) if isinstance(known, list) else []
    at = number if isinstance(number, int) and 0 <= number < _MOST_PIECES else 0
    while len(among) <= at:
        among.append({})
    among[at] = dict(among[at]) if isinstance(among[at], dict) else {}
    found: dict[str, Any] = among[at]
    return found
