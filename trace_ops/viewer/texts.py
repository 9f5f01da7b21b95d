"""All that was said in a step, text by text: what a filter looks for, and what a search finds.

``viewer/vectors/filters.json`` holds what this and the page agree on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trace_ops.viewer.data import Attempt, Call, Details, Part, RawBody

_PARTS = frozenset("text refusal reasoning tool_call tool_call_response blob uri file unknown".split())


def texts_of(details: Details, number: int) -> Iterator[str]:
    """The texts of a step: messages, input, output and attributes, and what went wrong.

    Of a call that is in no format that is known, the bodies. Keys of objects are texts too, and so are
    numbers, but for lists of nothing else.
    """
    step = details["spans"].get(number)
    if step is not None:
        for value in (step["input"], step["output"], step["attributes"]):
            yield from json_texts(value)
        if step["call"] is not None:
            yield from _of_call(details, step["call"])


def reasons(details: Details, number: int) -> bool:
    """Whether an answer holds a model's thoughts."""
    step = details["spans"].get(number)
    call = step["call"] if step is not None else None
    answered = call["response"]["messages"] if call is not None and call["response"] is not None else ()
    return any(part["type"] == "reasoning" for at in answered for part in details["messages"][at]["parts"])


def json_texts(value: Any) -> Iterator[str]:
    """The texts in a value: keys, texts, numbers, true and false."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from json_texts(inner)
    elif isinstance(value, list):
        if not all(type(item) in (int, float) for item in value):
            for item in value:
                yield from json_texts(item)
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        yield str(int(value))
    elif value is not None:
        yield str(value)


def _of_call(details: Details, call: Call) -> Iterator[str]:
    asked, answered = call["request"], call["response"]
    if asked is None:
        yield from _of_body(details, call["body"])
    else:
        system = [] if asked["system"] is None else [asked["system"]]
        yield from _of_messages(details, [*system, *asked["messages"]])
    for attempt in call["attempts"]:
        yield from _of_attempt(details, attempt, answered is None)
    if answered is not None:
        yield from _of_messages(details, answered["messages"])
        yield from json_texts(answered["error"])


def _of_attempt(details: Details, attempt: Attempt, is_unread: bool) -> Iterator[str]:
    if attempt["failure"] is not None:
        yield from (attempt["failure"]["type"], attempt["failure"]["message"])
    if is_unread or (attempt["status"] or 0) >= 400:
        yield from _of_body(details, attempt["body"])
        yield from (event["text"] for event in attempt["events"] or ())


def _of_messages(details: Details, numbers: list[int]) -> Iterator[str]:
    for number in numbers:
        yield from _of_parts(details["messages"][number]["parts"])


def _of_parts(parts: list[Part]) -> Iterator[str]:
    for part in parts:
        kind = part["type"]
        if kind in ("text", "refusal", "reasoning"):
            if part["content"] is not None:
                yield part["content"]
        elif kind == "tool_call":
            yield part["name"]
            yield from json_texts(part["arguments"])
        elif kind == "tool_call_response":
            yield from _of_result(part)
        elif kind in ("uri", "file"):
            yield part["uri" if kind == "uri" else "file_id"]
        elif kind == "unknown":
            yield from json_texts(part["value"])


def _of_result(part: Part) -> Iterator[str]:
    if part["name"] is not None:
        yield part["name"]
    response = part["response"]
    if is_parts(response):
        yield from _of_parts(response)
    else:
        yield from json_texts(response)


def is_parts(response: Any) -> bool:
    """Whether the result of a tool is a list of parts, rather than a value of its own."""
    return isinstance(response, list) and all(
        isinstance(item, dict) and item.get("type") in _PARTS for item in response
    )


def _of_body(details: Details, body: RawBody | None) -> Iterator[str]:
    if body is None:
        return
    if "text" in body:
        yield body["text"]
    elif "json" in body:
        yield from json_texts(body["json"])
        for number in body.get("places", {}).values():
            yield from json_texts(details["values"][number])
