"""A run as text that two versions of it can be compared by: no times, no ids, nothing said twice."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from trace_ops import wire
from trace_ops._plain import plain
from trace_ops.diff import messages
from trace_ops.diff.phrases import label
from trace_ops.exchange import Body, Exchange, Response
from trace_ops.trace import Span, Trace
from trace_ops.wire.messages import ChatRequest, Message


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
    for what, value in (("tools", _tools(request)), ("parameters", messages.parameters(request))):
        told = (what, json.dumps(plain(value), sort_keys=True))
        if value and told not in seen:
            seen.add(told)
            yield from _value(what, value)


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


def _tools(request: ChatRequest) -> list[Any]:
    return [
        [tool.name, tool.description, tool.parameters, tool.extra] if tool.extra else
        [tool.name, tool.description, tool.parameters]
        for tool in request.tools
    ]  # fmt: skip


def _shown(message: Message) -> str:
    value = plain(messages.shown(message))
    if isinstance(value, str):
        return value
    return "\n".join(
        part if isinstance(part, str) else json.dumps(part, ensure_ascii=False) for part in value
    )


def _value(what: str, value: Any) -> Iterator[str]:
    if value is not None:
        value = plain(value)
        yield from _text(
            what, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
        )


def _text(what: str, told: str) -> Iterable[str]:
    first, *others = told.split("\n")
    return [f"{what}: {first}", *(f"  {line}".rstrip() for line in others)]
