"""AWS event streams (``application/vnd.amazon.eventstream``), written as server-sent events.

Bedrock frames each event of a stream in binary. Those of invoke hold their JSON in base64 beside some
padding, which stands in the event's data as its last key; those of Converse, and exceptions, hold it as it
is. As text it is readable, and secrets in it can be found. Only frames that come back to the byte are
written so. A last frame that was cut off is a comment.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_PADDING = "$p"
_EXCEPTION = "exception "
# The one kind of event whose JSON is in base64.
_WRAPPED = "chunk"
_CUT_OFF = ": cut off "
_STRING = 7
_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def events_of(raw: bytes) -> list[str] | None:
    """The frames of a body as server-sent events; ``None`` if any would not come back to the byte."""
    events = []
    position = 0
    while position < len(raw):
        size = int.from_bytes(raw[position : position + 4], "big")
        frame = raw[position : position + max(size, 16)]
        event = _cut_off(frame) if len(frame) < max(size, 16) else _event(frame)
        if event is None or frame_of(event) != frame:
            return None
        events.append(event)
        position += len(frame)
    return events


def frame_of(event: str) -> bytes:
    """The frame that :func:`events_of` wrote as this event."""
    if event.startswith(_CUT_OFF):
        return base64.b64decode(event[len(_CUT_OFF) :])
    name, _, data = event.removesuffix("\n\n").partition("\ndata: ")
    kind = name.removeprefix("event: ")
    if kind.startswith(_EXCEPTION):
        return _frame(_headers("exception", kind.removeprefix(_EXCEPTION)), data.encode())
    if kind != _WRAPPED:
        return _frame(_headers("event", kind), data.encode())
    inner = json.loads(data)
    outer: dict[str, Any] = {}
    padding = inner.pop(_PADDING, None)
    outer["bytes"] = base64.b64encode(_compact(inner).encode()).decode()
    if padding is not None:
        outer["p"] = padding
    return _frame(_headers("event", kind), _compact(outer).encode())


def _headers(message: str, kind: str) -> dict[str, str]:
    return {f":{message}-type": kind, ":content-type": "application/json", ":message-type": message}


def _cut_off(frame: bytes) -> str:
    return f"{_CUT_OFF}{base64.b64encode(frame).decode()}\n\n"


def _event(frame: bytes) -> str | None:
    size = int.from_bytes(frame[4:8], "big")
    head, payload = frame[12 : 12 + size], frame[12 + size : -4]
    try:
        outer = json.loads(payload)
        failed, kind = _header(head, b":exception-type"), _header(head, b":event-type")
        if failed is None and kind == _WRAPPED:
            inner = json.loads(base64.b64decode(outer["bytes"]))
            if "p" in outer:
                inner[_PADDING] = outer["p"]
            return f"event: {kind}\ndata: {_compact(inner)}\n\n"
        text = payload.decode()
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None
    if "\n" in text or "\r" in text:
        return None
    return f"event: {kind if failed is None else _EXCEPTION + failed}\ndata: {text}\n\n"


def _header(head: bytes, name: bytes) -> str | None:
    key = bytes([len(name)]) + name + bytes([_STRING])
    start = head.find(key) + len(key)
    if start < len(key):
        return None
    size = int.from_bytes(head[start : start + 2], "big")
    return head[start + 2 : start + 2 + size].decode()


def _frame(headers: dict[str, str], payload: bytes) -> bytes:
    head = b"".join(
        bytes([len(name)]) + name.encode() + struct.pack(">BH", _STRING, len(value)) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack(">II", 16 + len(head) + len(payload), len(head))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + head + payload
    return message + struct.pack(">I", zlib.crc32(message))
