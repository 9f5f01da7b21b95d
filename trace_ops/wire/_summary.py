"""Read what matters to a trace from one recorded call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from trace_ops.exchange import Exchange, Response
from trace_ops.trace import Usage
from trace_ops.wire import _anthropic, _chat, _responses
from trace_ops.wire._api import read_response
from trace_ops.wire._events import events_of
from trace_ops.wire._values import Read, model_in, word_of


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
        found = None if self.exchange is None else read_response(self.exchange)
        return found.text or None if found is not None else None


def summarise(exchange: Exchange) -> Summary:
    """Summarise a call to a chat, completions, responses, embeddings or messages endpoint.

    Never raises: what is not understood, failed calls among it, gives a summary of what the request says.
    """
    seen: Read = (None, None, [], None)
    try:
        if isinstance(exchange.outcome, Response) and exchange.outcome.status < 400:
            seen = _read(exchange.outcome)
    except (AttributeError, KeyError, TypeError, IndexError, ValueError):
        pass
    model, usage, tools, finish = seen
    asked = [name for tool in tools if (name := word_of(tool))]
    return Summary(word_of(model) or _requested_model(exchange), usage, asked, word_of(finish), exchange)


def _read(response: Response) -> Read:
    events = events_of(response)
    if events is None:
        return _read_json(response.body.json)  # type: ignore[union-attr]
    kind = _kind(events)
    if kind == "responses":
        return _responses.read_stream(events)
    return _anthropic.read_stream(events) if kind == "messages" else _chat.read_stream(events)


def _read_json(body: Any) -> Read:
    if not isinstance(body, dict):
        return None, None, [], None
    if body.get("object") == "response" or isinstance(body.get("output"), list):
        return _responses.read(body)
    if body.get("type") == "message" or "stop_reason" in body:
        return _anthropic.read(body)
    return _chat.read(body)


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
    return model_in(request.path)
