"""Multipart requests in a document: part by part, if that gives the same bytes."""

from __future__ import annotations

import base64
import re
from functools import partial
from typing import Any

from trace_ops.cassette.bodies import decode_base64
from trace_ops.cassette.document import MultipartDocument
from trace_ops.cassette.fields import DocumentError, Fields
from trace_ops.cassette.reader import Place

_BOUNDARY = re.compile(r'multipart/[\w-]+;.*?\bboundary="?([^";,\s]+)"?', re.IGNORECASE)
_KNOWN = MultipartDocument.__annotations__.keys()
_KNOWN_PART = {"headers", "text", "base64"}


def encode_parts(raw: bytes, content_type: str) -> dict[str, Any] | None:
    """The parts of a multipart body; ``None`` if they do not make up exactly its bytes."""
    found = _BOUNDARY.match(content_type)
    if found is None:
        return None
    blocks = raw.split(b"--" + found[1].encode())
    parts = [_encode_part(block) for block in blocks[1:-1]]
    if blocks[0] or blocks[-1] != b"--\r\n" or not parts or _render(found[1], parts) != raw:
        return None
    return {"boundary": found[1], "parts": parts}


def decode_parts(value: Any, place: Place) -> bytes:
    """The body that :func:`encode_parts` took apart."""
    fields = Fields(value, _KNOWN, place)
    boundary = fields.need("boundary", str)
    fields.need("parts", list)
    return _render(boundary, fields.items("parts", _decode_part))


def _encode_part(block: bytes) -> dict[str, Any]:
    head, _, content = block[2:-2].partition(b"\r\n\r\n")
    lines = [line.partition(": ") for line in head.decode("utf-8", "replace").split("\r\n")]
    headers = {name: value for name, _, value in lines}
    try:
        return {"headers": headers, "text": content.decode()}
    except UnicodeDecodeError:
        return {"headers": headers, "base64": base64.b64encode(content).decode()}


def _decode_part(value: Any, place: Place) -> dict[str, Any]:
    fields = Fields(value, _KNOWN_PART, place)
    if fields.only("text", "base64") is None:
        raise DocumentError("a part without content", place)
    if "base64" in fields:
        decode_base64(fields, "base64")
    fields.get("text", str)
    return {
        "headers": fields.text_map("headers"),
        **{n: fields.any(n) for n in ("text", "base64") if n in fields},
    }


def _render(boundary: str, parts: list[dict[str, Any]]) -> bytes:
    mark = b"--" + boundary.encode()
    return b"".join(map(partial(_render_part, mark), parts)) + mark + b"--\r\n"


def _render_part(mark: bytes, part: dict[str, Any]) -> bytes:
    head = "\r\n".join(f"{name}: {value}" for name, value in part["headers"].items()).encode()
    content = part["text"].encode() if "text" in part else base64.b64decode(part["base64"])
    return b"%b\r\n%b\r\n\r\n%b\r\n" % (mark, head, content)
