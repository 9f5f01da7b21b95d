"""Multipart bodies without their boundary, which is drawn anew for every request."""

from __future__ import annotations

import hashlib
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any


def parse(raw: bytes, content_type: str) -> dict[str, Any] | None:
    """Turn a multipart body into a mapping of part names; ``None`` if it is none.

    A text field is its text, a file its name, type, size and hash; a name that stands more than once
    has a list.
    """
    boundary = _header(f"Content-Type: {content_type}".encode()).get_param("boundary")
    if not isinstance(boundary, str) or not content_type.lower().startswith("multipart/"):
        return None
    # The body begins with a delimiter that has no line end before it.
    chunks = (b"\r\n" + raw).split(b"\r\n--" + boundary.encode())
    if len(chunks) < 3 or not chunks[-1].startswith(b"--"):
        return None
    fields: dict[str, list[Any]] = {}
    for chunk in chunks[1:-1]:
        head, found, content = chunk.partition(b"\r\n\r\n")
        if not found:
            return None
        name, value = _part(_header(head.strip(b"\r\n")), content)
        fields.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def _header(head: bytes) -> Message:
    return BytesHeaderParser().parsebytes(head + b"\r\n\r\n")


def _part(header: Message, content: bytes) -> tuple[str, Any]:
    name = _text(header.get_param("name", "", "content-disposition"))
    filename = header.get_param("filename", None, "content-disposition")
    value: dict[str, Any] = {}
    if filename is not None:
        value["filename"] = _text(filename)
    if "content-type" in header:
        value["content_type"] = str(header["content-type"])
    if filename is None:
        try:
            value["text"] = content.decode()
            return name, value["text"] if len(value) == 1 else value
        except UnicodeDecodeError:
            pass
    value["bytes"] = len(content)
    value["sha256"] = hashlib.sha256(content).hexdigest()
    return name, value


def _text(value: Any) -> str:
    # RFC 2231 values come as (charset, language, text).
    return str(value[2]) if isinstance(value, tuple) else str(value)
