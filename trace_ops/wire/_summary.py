"""Read what matters to a trace from one recorded call."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property

from trace_ops.exchange import Body, Exchange, Failure, Response, Stream
from trace_ops.trace import Usage
from trace_ops.wire import _anthropic, _chat, _responses
from trace_ops.wire._api import api_of, read_response
from trace_ops.wire._events import events_of
from trace_ops.wire._values import Read, model_in, outline, word_of


@dataclass(frozen=True)
class Summary:
    """What an answer says of itself; whatever it does not say is ``None``.

    ``tools`` are the names of the tools that the answer asks the caller to run, in order. ``finish`` is
    the provider's own word for why it ended. ``error`` is what the answer, or the event that ended its
    stream, says went wrong, though its status is that of a success. ``text``, the text of the first choice,
    is put together only when asked for.
    """

    model: str | None = None
    usage: Usage | None = None
    tools: list[str] = field(default_factory=list)
    finish: str | None = None
    error: Failure | None = None
    exchange: Exchange | None = field(default=None, repr=False, compare=False)

    @cached_property
    def text(self) -> str | None:
        """The text of the answer, ``None`` if it has none."""
        found = None if self.exchange is None else read_response(self.exchange)
        return found.text or None if found is not None else None


def complaint(body: Body | Stream) -> str:
    """The message in the answer of an API that failed; empty if there is none."""
    value = body.json if isinstance(body, Body) else None
    for name in ("error", "message", "detail"):
        value = value.get(name, value) if isinstance(value, dict) else value
    return value if isinstance(value, str) else ""


def summarise(exchange: Exchange) -> Summary:
    """Summarise a call, to an embeddings endpoint also.

    Never raises: what is not understood, failed calls among it, gives a summary of what the request says.
    """
    seen: Read = (None, None, [], None)
    try:
        if isinstance(exchange.outcome, Response) and exchange.outcome.status < 400:
            seen = _read(exchange, exchange.outcome)
    except (AttributeError, KeyError, TypeError, IndexError, ValueError):
        pass
    model, usage, tools, finish = seen
    asked = [name for tool in tools if (name := word_of(tool))]
    model = word_of(model) or _requested_model(exchange)
    return Summary(model, usage, asked, word_of(finish), fault(exchange), exchange)


def _read(exchange: Exchange, response: Response) -> Read:
    events = events_of(response)
    if events is not None:
        api = api_of(exchange)
        scan = _SCANS.get(api) if api is not None else _chat.read_stream
        if scan is not None:
            return scan(events)
    found = read_response(exchange)
    body = response.body.json if found is None and events is None else None  # type: ignore[union-attr]
    if isinstance(body, dict):
        # Embeddings count their tokens as chat does.
        found = _chat.response(body)
    return (None, None, [], None) if found is None else outline(found)


def fault(exchange: Exchange) -> Failure | None:
    """What an answer of a status of success, or an event of its stream, says went wrong; never raises."""
    response = exchange.outcome
    if not isinstance(response, Response) or response.status >= 400:
        return None
    try:
        return _fault(exchange, response)
    except (AttributeError, KeyError, TypeError, IndexError, ValueError):
        return None


def _fault(exchange: Exchange, response: Response) -> Failure | None:
    events = events_of(response)
    # An error ends a stream, or is followed by the mark of its end alone.
    said = "".join(events[-2:]) if events else response.body.text if isinstance(response.body, Body) else None
    if said is None or not any(word in said for word in _TROUBLE):
        return None
    found = read_response(exchange)
    error = None if found is None else found.error
    if not error:
        return None
    told = error if isinstance(error, dict) else {"message": error}
    kind, message = told.get("type") or told.get("code") or told.get("status"), told.get("message")
    return Failure(str(kind or "error"), str(message or json.dumps(error, ensure_ascii=False)))


# The events of a stream are many, and few of them say more than a word of the text.
_SCANS = {
    "openai.chat": _chat.read_stream,
    "openai.completions": _chat.read_stream,
    "openai.responses": _responses.read_stream,
    "anthropic.messages": _anthropic.read_stream,
}


# One of these is in whatever tells of an error, and in much else.
_TROUBLE = ("error", "exception", "failed")


def _requested_model(exchange: Exchange) -> str | None:
    request = exchange.request
    body = request.body.json if request.body is not None else None
    model = body.get("model") if isinstance(body, dict) else None
    if isinstance(model, str):
        return model
    return model_in(request.path)
