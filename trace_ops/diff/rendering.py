"""A run as text that two versions of it can be compared by: no times, no ids, nothing said twice."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator
from typing import Any

from trace_ops import wire
from trace_ops._plain import plain
from trace_ops.diff import messages
from trace_ops.diff.phrases import label
from trace_ops.exchange import Body, Exchange, Response
from trace_ops.trace import Span, Trace
from trace_ops.wire.messages import Message, Part, ToolCallPart, ToolDefinition

_LONG = 100
_SENTENCE = re.compile(r"(?<=[.!?]) +")


def text(trace: Trace) -> str:
    """Write every step with what went in and came out of it; of a conversation, only what is new."""
    seen: set[Hashable] = set()
    lines: list[str] = []
    for span in trace:
        lines += ["", label(span)] if lines else [label(span)]
        lines += (f"  {line}" for line in _step(span, seen))
    return "".join(f"{line}\n" for line in lines)


def _step(span: Span, seen: set[Hashable]) -> Iterator[str]:
    if span.exchange is None:
        yield from _value("in", span.input)
        yield from _value("out", span.output)
    else:
        yield from _asked(span.exchange, seen)
        yield from _answered(span.exchange, seen)
    failure = messages.failed(span)
    if failure:
        yield from _text("error", ": ".join(filter(None, failure)))


def _asked(exchange: Exchange, seen: set[Hashable]) -> Iterator[str]:
    request = wire.read_request(exchange)
    if request is None:
        yield from _value("request", exchange.request.body.json if exchange.request.body else None)
        return
    if request.system:
        yield from _new("system", Message("system", request.system), seen)
    for message in request.messages:
        yield from _new(message.role, message, seen)
    offered = [(f"offers {tool.name}", _definition(tool)) for tool in request.tools]
    for what, value in [*offered, ("parameters", messages.parameters(request) or None)]:
        told = (what, _json(plain(value)))
        if told not in seen:
            seen.add(told)
            yield from _value(what, value)


def _definition(tool: ToolDefinition) -> list[Any]:
    return [value for value in (tool.description, tool.parameters, tool.extra) if value is not None]


def _answered(exchange: Exchange, seen: set[Hashable]) -> Iterator[str]:
    answer = wire.read_response(exchange)
    if answer is None:
        outcome = exchange.outcome
        if isinstance(outcome, Response) and outcome.status < 400 and isinstance(outcome.body, Body):
            yield from _value("answer", outcome.body.json)
        return
    for message in answer.messages:
        # The next request hands it on.
        seen.add(messages.key(message))
        yield from _text("answer", _shown(message))
    finish = [str(word) for word in answer.finish if word not in ("stop", "tool_calls", None)]
    if finish:
        yield f"finish: {', '.join(finish)}"


def _new(role: str, message: Message, seen: set[Hashable]) -> Iterator[str]:
    key = messages.key(message)
    if key not in seen:
        seen.add(key)
        yield from _text(role, _shown(message))


def _shown(message: Message) -> str:
    return "\n".join(map(_part, message.parts))


def _part(part: Part) -> str:
    if isinstance(part, ToolCallPart):
        return f"asks for {part.name} {_json(plain(part.arguments))}"
    value = plain(messages.shown_part(part))
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _value(what: str, value: Any) -> Iterator[str]:
    if value is not None:
        value = plain(value)
        yield from _text(what, value if isinstance(value, str) else _json(value))


def _text(what: str, told: str) -> Iterator[str]:
    """A text with its line breaks, and one after each sentence of a long line: so a change stays small."""
    lines = [piece for line in told.split("\n") for piece in _sentences(line)]
    yield f"{what}: {lines[0]}"
    yield from (f"  {line}".rstrip() for line in lines[1:])


def _sentences(line: str) -> list[str]:
    return _SENTENCE.split(line) if len(line) > _LONG else [line]
