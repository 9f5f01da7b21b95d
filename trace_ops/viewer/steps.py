"""How one step of a run reads: its name in a list, a line of what it says, what went wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from trace_ops import wire
from trace_ops.exchange import Body, Exchange, Failure, Outcome, Response, Stream
from trace_ops.trace import Span
from trace_ops.wire.messages import ChatRequest, ChatResponse, Message, ToolCallPart

_PREVIEW = 200
_VALUE = 80
_GENERATING = ("llm", "embedding")


def one_line(text: str, limit: int) -> str:
    """The beginning of a text on one line, control characters shown as spaces."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: 2 * limit]).split())
    return line if len(line) <= limit and len(text) <= 2 * limit else f"{line[: limit - 1]}…"


def plain(value: object) -> str:
    """A text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def model_of(span: Span, asked: ChatRequest | None = None) -> str | None:
    """The model of a call; the one it asked for if it failed."""
    if span.model is not None or span.exchange is None:
        return span.model
    asked = asked or wire.read_request(span.exchange)
    return None if asked is None else asked.model


def label(span: Span, model: str | None) -> str:
    """What a step is called in a list: the model, the tool, the agent."""
    return model if model and span.kind in _GENERATING else span.name


def attempts(exchange: Exchange | None) -> list[Outcome]:
    """What came of a call each time it was tried; nothing while it runs, or where it was refused."""
    if exchange is None:
        return []
    final = exchange.outcome
    is_none = isinstance(final, Failure) and final.type == "none"
    return [*exchange.retried, *([] if is_none else [final])]


def failure(span: Span) -> Failure | None:
    """What went wrong with a step: an exception, an answer with a status, a broken stream."""
    if span.error is not None:
        return span.error
    outcome = span.exchange.outcome if span.exchange is not None and span.ms is not None else None
    if isinstance(outcome, Response):
        if outcome.status >= 400:
            text = outcome.body.text if isinstance(outcome.body, Body) else None
            said = wire.complaint(outcome.body) or one_line(text or "", _PREVIEW)
            return Failure(f"status {outcome.status}", said)
        return outcome.failure
    return outcome


def first_ms(span: Span) -> float | None:
    """From the start of a step to the first event of its stream."""
    outcome = span.exchange.outcome if span.exchange is not None else None
    if not isinstance(outcome, Response) or not isinstance(outcome.body, Stream) or not outcome.body.at_ms:
        return None
    first = float(outcome.body.at_ms[0])
    if span.ms is None:
        return first
    # The stream counts from its own request, and what was tried before that took time too. Where a run was
    # replayed, the stream has the times of its recording.
    before = max(0.0, span.ms - outcome.elapsed_ms) if span.exchange and span.exchange.retried else 0.0
    return min(before + first, span.ms)


def preview(span: Span, asked: Message | None = None, answer: ChatResponse | None = None) -> str:
    """One line: what an answer says or asks for, else what was asked; or what went in and came out."""
    if answer is not None and answer.messages:
        said = answer.text or ", ".join(map(called, answer.tool_calls))
        if said:
            return one_line(said, _PREVIEW)
    if asked is not None:
        return one_line(asked.text, _PREVIEW)
    if span.exchange is not None:
        body = span.exchange.request.body
        return one_line(" · ".join(_texts(body.json if body is not None else None)), _PREVIEW)
    return passed(span, _PREVIEW // 2)


def passed(span: Span, limit: int) -> str:
    """What went into a step and what came out of it, each cut to a limit; nothing if neither is known."""
    given = "" if span.input is None else one_line(plain(span.input), limit)
    got = "" if span.output is None else f"→ {one_line(plain(span.output), limit)}"
    return f"{given} {got}".strip()


def called(call: ToolCallPart) -> str:
    """A call of a tool as one writes it: ``get_weather(city: "Rome")``."""
    given = call.arguments
    if isinstance(given, dict):
        inside = ", ".join(f"{name}: {one_line(_value(value), _VALUE)}" for name, value in given.items())
    else:
        inside = one_line(plain(given), _VALUE)
    return f"{call.name}({inside})"


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _texts(value: Any) -> Iterator[str]:
    """The texts in what is asked of an API, the names of models aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner) if key != "model" else ()
    elif isinstance(value, list):
        yield from _each(value)


def _each(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        yield from _texts(value)
