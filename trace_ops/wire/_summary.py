"""Read what matters to a trace from one recorded call."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from trace_ops.exchange import Exchange, Response, Stream
from trace_ops.trace import Usage
from trace_ops.wire import _anthropic, _chat, _responses

_AWS_CHUNK = re.compile(rb'\{"bytes":"([A-Za-z0-9+/=]+)"')
_BLOCK_END = re.compile(r"(?<=\n\n)|(?<=\r\n\r\n)|(?<=\r\r)")


@dataclass(frozen=True)
class Summary:
    """What an answer says of itself; whatever it does not say is ``None``.

    ``tools`` are the names of the tools that the answer asks the caller to run, in order. ``finish`` is
    the provider's own word for why it ended. ``text``, the text of the first choice, is put together
    only when asked for.
    """

    model: str | None = None
    usage: Usage | None = None
    tools: list[str] = field(default_factory=list)
    finish: str | None = None
    exchange: Exchange | None = field(default=None, repr=False, compare=False)

    @cached_property
    def text(self) -> str | None:
        """The text of the answer, ``None`` if it has none."""
        if self.exchange is None or not isinstance(self.exchange.outcome, Response):
            return None
        try:
            return _text(self.exchange.outcome)
        except (AttributeError, KeyError, TypeError, IndexError, ValueError):
            return None


def summarise(exchange: Exchange) -> Summary:
    """Summarise a call to a chat, completions, responses, embeddings or messages endpoint.

    Never raises: what is not understood, failed calls among it, gives a summary of what the request says.
    """
    seen: _chat.Read = (None, None, [], None)
    try:
        if isinstance(exchange.outcome, Response) and exchange.outcome.status < 400:
            seen = _read(exchange.outcome)
    except (AttributeError, KeyError, TypeError, IndexError, ValueError):
        pass
    model, usage, tools, finish = seen
    asked = [name for tool in tools if (name := _text_only(tool))]
    return Summary(
        _text_only(model) or _requested_model(exchange), usage, asked, _text_only(finish), exchange
    )


def _text_only(given: Any) -> str | None:
    """What an answer gives for a text: it may give anything."""
    return given if isinstance(given, str) else None


def _read(response: Response) -> tuple[str | None, Usage | None, list[str], str | None]:
    events = _events(response)
    if events is None:
        return _read_json(response.body.json)  # type: ignore[union-attr]
    kind = _kind(events)
    if kind == "responses":
        return _responses.read_stream(events)
    return _anthropic.read_stream(events) if kind == "messages" else _chat.read_stream(events)


def _read_json(body: Any) -> tuple[str | None, Usage | None, list[str], str | None]:
    if not isinstance(body, dict):
        return None, None, [], None
    if body.get("object") == "response" or isinstance(body.get("output"), list):
        return _responses.read(body)
    if body.get("type") == "message" or "stop_reason" in body:
        return _anthropic.read(body)
    return _chat.read(body)


def _text(response: Response) -> str | None:
    events = _events(response)
    if events is None:
        body = response.body.json  # type: ignore[union-attr]
        if body.get("object") == "response" or isinstance(body.get("output"), list):
            return _responses.text(body)
        return _anthropic.text(body) if isinstance(body.get("content"), list) else _chat.text(body)
    kind = _kind(events)
    if kind == "responses":
        return _responses.stream_text(events)
    return _anthropic.stream_text(events) if kind == "messages" else _chat.stream_text(events)


def _events(response: Response) -> Sequence[str] | None:
    """The event blocks of a streamed answer, however its body was kept; ``None`` if it is one JSON text."""
    body = response.body
    if isinstance(body, Stream):
        return body.events
    raw = body.raw
    head = raw[:64].lstrip()
    if head.startswith((b"data:", b"event:", b":")):
        return _BLOCK_END.split(raw.decode("utf-8", "replace"))
    if b"vnd.amazon.eventstream" in raw[:4096] or _AWS_CHUNK.search(raw[:4096]) is not None:
        return list(_aws_events(raw))
    return None


def _aws_events(raw: bytes) -> Iterable[str]:
    for match in _AWS_CHUNK.finditer(raw):
        try:
            yield f"data: {base64.b64decode(match[1]).decode()}\n\n"
        except (binascii.Error, ValueError):
            continue


def _kind(events: Sequence[str]) -> str:
    for event in events[:20]:
        if '"response.' in event or "event: response." in event:
            return "responses"
        if "message_start" in event or "content_block" in event:
            return "messages"
        if '"choices"' in event:
            return "chat"
    return "chat"


def _requested_model(exchange: Exchange) -> str | None:
    request = exchange.request
    body = request.body.json if request.body is not None else None
    model = body.get("model") if isinstance(body, dict) else None
    if isinstance(model, str):
        return model
    in_path = re.search(r"/(?:models?|deployments)/([^/:]+(?::\d+)?)", request.path)
    return in_path[1].replace("%3A", ":") if in_path else None
