"""AWS event-stream framing (``application/vnd.amazon.eventstream``), as Bedrock streams."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Mapping

_STRING = 7


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message: prelude, its CRC, headers, payload, CRC of all."""
    head = b"".join(
        bytes([len(name)]) + name.encode() + struct.pack(">BH", _STRING, len(value)) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack(">II", 12 + len(head) + len(payload) + 4, len(head))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + head + payload
    return message + struct.pack(">I", zlib.crc32(message))


def chunk(data: bytes) -> bytes:
    """A ``chunk`` event with ``data`` in base64, padded as Bedrock does to hide lengths."""
    padding = "abcdefghijklmnopqrstuvwxyz"[: len(data) % 26 + 1]
    payload = json.dumps({"bytes": base64.b64encode(data).decode(), "p": padding}, separators=(",", ":"))
    headers = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
    return frame(headers, payload.encode())


def exception(kind: str, message: str) -> bytes:
    """An exception in place of the next event."""
    headers = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return frame(headers, json.dumps({"message": message}).encode())
