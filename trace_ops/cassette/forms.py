"""The two ways to write an exchange: for people to read, and as fast as can be."""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import Any, Protocol

from trace_ops.cassette.bodies import encode_body
from trace_ops.cassette.conversations import Conversations
from trace_ops.cassette.headers import HeaderSets
from trace_ops.cassette.multipart import encode_parts
from trace_ops.cassette.streams import encode_stream
from trace_ops.exchange import Body, Stream


class Form(Protocol):
    """How bodies and headers are written."""

    def request(self, span: int, body: Body, content_type: str) -> dict[str, Any]:
        """The fields for the body of a request."""

    def body(self, body: Body | Stream) -> dict[str, Any]:
        """The fields for the body of a response."""

    def headers(self, headers: list[tuple[str, str]]) -> Any:
        """The value for the headers of a response."""


class ReviewForm:
    """As in a cassette: JSON parsed, streams as runs, headers by what differs."""

    def __init__(self) -> None:
        self._header_sets = HeaderSets()
        self._conversations = Conversations()

    def request(self, span: int, body: Body, content_type: str) -> dict[str, Any]:
        """Multipart by its parts, a conversation by what is new in it, else as :func:`encode_body`."""
        parts = encode_parts(body.raw, content_type) if content_type.startswith("multipart/") else None
        if parts:
            return {"request_parts": parts}
        fields = encode_body(body, "request", "request_")
        added = self._conversations.encode(span, fields.get("request"))
        if added:
            del fields["request"]
            fields |= added
        return fields

    def body(self, body: Body | Stream) -> dict[str, Any]:
        """A stream as :func:`encode_stream`, else as :func:`encode_body`."""
        return {"stream": encode_stream(body)} if isinstance(body, Stream) else encode_body(body, "body")

    def headers(self, headers: list[tuple[str, str]]) -> Any:
        """By what differs from an earlier answer."""
        return self._header_sets.encode(headers)


class RawForm:
    """As in a journal: text as it came. It reads back the same."""

    def request(self, span: int, body: Body, content_type: str) -> dict[str, Any]:
        """The text, or base64."""
        return _raw(body, "request_")

    def body(self, body: Body | Stream) -> dict[str, Any]:
        """The text or base64 of a body or of each event."""
        if not isinstance(body, Stream):
            return _raw(body, "")
        gaps = [round(at - before) for before, at in pairwise((0, *body.at_ms))]
        return {"stream": {"events": [_block(block) for block in body.events], "gaps_ms": gaps}}

    def headers(self, headers: list[tuple[str, str]]) -> Any:
        """Name by name."""
        return headers


def _raw(body: Body, prefix: str) -> dict[str, Any]:
    text = body.text
    if text is not None:
        return {f"{prefix}text": text}
    return {f"{prefix}base64": base64.b64encode(body.raw).decode()}


def _block(block: str) -> dict[str, str]:
    try:
        block.encode()
    except UnicodeEncodeError:
        return {"base64": base64.b64encode(block.encode("utf-8", "surrogatepass")).decode()}
    return {"raw": block}
