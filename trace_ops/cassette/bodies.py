"""Bodies in a document: parsed JSON where that is exact, else text, else base64."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from trace_ops._json_text import COMPACT, JsonStyle
from trace_ops.cassette.fields import Fields
from trace_ops.exchange import Body

_DEEPEST = 50
"""JSON nested deeper than this is kept as text: what reads the file later has limits too."""


def encode_body(body: Body, json: str, prefix: str = "") -> dict[str, Any]:
    """The fields that hold a body; ``json`` names the one for parsed JSON."""
    style = body.style
    if style is not None and is_shallow(body.raw, body.json):
        fields = {} if style == COMPACT else {f"{prefix}format": str(style)}
        return {**fields, json: body.json}
    text = body.text
    if text is not None:
        return {f"{prefix}text": text}
    return {f"{prefix}base64": base64.b64encode(body.raw).decode()}


def decode_body(fields: Fields, json: str, prefix: str = "") -> Body | None:
    """The body that the fields hold, ``None`` if there is none."""
    found = fields.only(json, f"{prefix}text", f"{prefix}base64")
    name = f"{prefix}format"
    if found == json:
        return Body.from_json(fields.any(json), decode_style(fields, name, COMPACT))
    if name in fields:
        raise fields.wrong(name, f"it belongs to field {json!r}, which is missing")
    if found is None:
        return None
    return Body(fields.need(found, str).encode() if found.endswith("text") else decode_base64(fields, found))


def decode_style(fields: Fields, name: str, default: JsonStyle) -> JsonStyle:
    """The JSON style that a field names."""
    if name not in fields:
        return default
    try:
        return JsonStyle.from_text(fields.need(name, str))
    except ValueError as error:
        raise fields.wrong(name, str(error)) from None


def decode_base64(fields: Fields, name: str) -> bytes:
    """The bytes that a field holds in base64."""
    try:
        return base64.b64decode(fields.need(name, str), validate=True)
    except (binascii.Error, ValueError):
        raise fields.wrong(name, "not base64") from None


def is_shallow(raw: bytes, value: Any) -> bool:
    """Whether JSON, of which ``raw`` is the text, is nested no deeper than any reader can be asked to go."""
    return raw.count(b"[") + raw.count(b"{") <= _DEEPEST or _depth(value, 0) <= _DEEPEST


def _depth(value: Any, depth: int) -> int:
    if depth > _DEEPEST or not isinstance(value, (dict, list)):
        return depth
    items = value.values() if isinstance(value, dict) else value
    return max((_depth(item, depth + 1) for item in items), default=depth + 1)
