"""The events of a streamed answer, as text and as JSON, however its body was kept."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from trace_ops.exchange import Response, Stream
from trace_ops.wire import eventstream

# What OpenAI, and many after it, send in place of JSON when there is no more.
DONE = "[DONE]"
NULLS = (":null", ": null")
# Where the padding of AWS's frames is kept when they are written as server-sent events.
_PADDING = "$p"
# More than what a float holds exactly is no count of anything.
_MOST = 2**53
_AWS_CHUNK = re.compile(rb'\{"bytes":"([A-Za-z0-9+/=]+)"')
# Not str.splitlines: JSON may hold U+2028 and its like unescaped.
_LINE_END = re.compile(r"\r\n|\n|\r")
_BLOCK_END = re.compile(r"(?<=\n\n)|(?<=\r\n\r\n)|(?<=\r\r)")


class Payload(NamedTuple):
    """The JSON of one event, and its name where it has one."""

    name: str | None
    data: Any


def payloads(response: Response) -> list[Payload] | None:
    """The events of an answer as JSON; ``None`` if it is no stream.

    Server-sent events, also those in the binary frames of AWS; JSON a line; a JSON array of objects.
    ``[DONE]`` is given as that text; what else is no JSON (comments, keep-alives) is left out.
    """
    body = response.body
    if not isinstance(body, Stream) and body.json is not None:
        return [Payload(None, item) for item in body.json] if isinstance(body.json, list) else None
    blocks = events_of(response)
    if blocks is None:
        return _lines(body.raw.decode("utf-8", "replace")) or None
    found = [payload for block in blocks if (payload := _payload(block)) is not None]
    return found or _unframed("".join(blocks))


def events_of(response: Response) -> Sequence[str] | None:
    """The event blocks of a streamed answer as text; ``None`` if its body holds none."""
    body = response.body
    if isinstance(body, Stream):
        return body.events
    if body.json is not None:
        return None
    raw = body.raw
    head = raw[:64].lstrip()
    if head.startswith((b"data:", b"event:", b":")):
        return _BLOCK_END.split(raw.decode("utf-8", "replace"))
    if b"-type\x07" in raw[:256] or _AWS_CHUNK.search(raw[:4096]) is not None:
        framed = eventstream.events_of(raw)
        return framed if framed and framed[0].startswith("event:") else list(_aws_events(raw))
    return None


def data_of(event: str) -> Any:
    """The JSON object in an event's data; an empty one if there is none."""
    payload = _payload(event)
    return payload.data if payload is not None and isinstance(payload.data, dict) else {}


def payload_of(event: str) -> Payload | None:
    """The JSON of an event, or of a line; ``None`` if there is none."""
    payload = _payload(event)
    return payload if payload is not None else next(iter(_lines(event)), None)


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


def _payload(event: str) -> Payload | None:
    name = None
    data = []
    for line in _LINE_END.split(event):
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif line.startswith("event:"):
            name = line[6:].strip()
    if data == [DONE]:
        return Payload(name, DONE)
    try:
        value = json.loads("\n".join(data)) if data else None
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict):
        value.pop(_PADDING, None)
    return Payload(name, value) if data else None


def _unframed(text: str) -> list[Payload]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return _lines(text)
    return [Payload(None, item) for item in whole] if isinstance(whole, list) else [Payload(None, whole)]


def _lines(text: str) -> list[Payload]:
    found = []
    for line in _LINE_END.split(text):
        try:
            found.append(Payload(None, json.loads(line)))
        except (ValueError, RecursionError):
            continue
    return found


def _aws_events(raw: bytes) -> Iterator[str]:
    """The events of an invoked model, where the frames around them are not whole."""
    for match in _AWS_CHUNK.finditer(raw):
        try:
            yield f"data: {base64.b64decode(match[1]).decode()}\n\n"
        except (binascii.Error, ValueError):
            continue


def dicts(events: Iterable[Payload]) -> Iterator[dict[str, Any]]:
    """The objects among the events."""
    return (event.data for event in events if isinstance(event.data, dict))
