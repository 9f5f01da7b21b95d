"""OpenAI Responses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire import _chat
from trace_ops.wire._content import part
from trace_ops.wire._events import Payload, count, data_of, dicts
from trace_ops.wire._items import message, parts_of_item
from trace_ops.wire._output import output_of
from trace_ops.wire._values import (
    Read,
    finish_of,
    kind_of,
    mapping,
    model_in,
    outline,
    parts_of,
    take,
    word_of,
)
from trace_ops.wire.messages import ChatRequest, ChatResponse, Finish, Message, Part

API = "openai.responses"

FINISH: dict[str, Finish] = {
    "completed": "stop",
    "max_output_tokens": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
    "failed": "error",
}
_UNFINISHED = ("in_progress", "queued")
_LAST = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")


def request(body: dict[str, Any], path: str = "") -> ChatRequest:
    """What a model is asked: a message for each item of the input."""
    rest = dict(body)
    model = take(rest, "model", str) or model_in(path)
    given = rest.pop("input", None)
    if isinstance(given, list):
        messages = tuple(message(item, f"input.{at}") for at, item in enumerate(given))
    else:
        parts = tuple(parts_of(given, part, "input"))
        messages = (Message("user", parts, path="input"),) if parts else ()
    return ChatRequest(
        api=API,
        model=model,
        messages=messages,
        system=tuple(parts_of(rest.pop("instructions", None), part, "instructions")),
        tools=tuple(_chat.tool(tool) for tool in take(rest, "tools", list) or []),
        parameters=rest,
    )


def response(body: dict[str, Any]) -> ChatResponse:
    """What a model answered: all items of the output are one message."""
    rest = dict(body)
    model = take(rest, "model", str)
    output = take(rest, "output", list)
    status = rest.get("status")
    word = word_of(mapping(rest, "incomplete_details").get("reason") or status)
    finish = None if word in _UNFINISHED else finish_of(word, FINISH)
    answer = _answer(output or [])
    if finish == "stop" and any(not call.server for call in answer.tool_calls):
        finish = "tool_calls"
    answered = output is not None
    return ChatResponse(
        api=API,
        model=model,
        messages=(answer,) if answered else (),
        finish=(finish,) if answered else (),
        finish_words=(word,) if answered else (),
        usage=usage(rest.get("usage")),
        error=rest.pop("error", None),
        complete=status not in _UNFINISHED,
        extra=rest,
    )


def assemble(events: Iterable[Payload]) -> ChatResponse:
    """A streamed answer: its last event holds it all; one that was cut short is put together."""
    seen = list(dicts(events))
    whole: dict[str, Any] = {}
    last = False
    error: Any = None
    for event in seen:
        kind = event.get("type")
        if kind == "error":
            error = event.get("error") or event
        elif isinstance(event.get("response"), dict):
            whole = {**whole, **event["response"]}
            last = last or kind in _LAST
    if not (last and whole.get("output")):
        # Some gateways leave the output out of the last event.
        whole["output"] = output_of(seen) or whole.get("output") or []
    found = response(whole)
    return replace(found, complete=last and error is None, error=error or found.error)


def _answer(output: list[Any]) -> Message:
    """All items as one message; ids and states of those that are messages stay by their number."""
    parts: list[Part] = []
    extra: dict[str, Any] = {}
    for at, item in enumerate(output):
        if kind_of(item, "") == "message":
            turn = message(item, "output")
            parts += turn.parts
            if turn.extra:
                extra[str(at)] = turn.extra
        else:
            parts += parts_of_item(item)
    return Message("assistant", tuple(parts), path="output", extra=extra or None)


def read_stream(events: Sequence[str]) -> Read:
    """Sum up a stream: its last event holds the whole answer; one cut short is read piece by piece."""
    last = next((event for event in reversed(events) if any(name in event for name in _LAST)), None)
    whole = data_of(last).get("response") if last is not None else None
    if isinstance(whole, dict) and whole.get("output"):
        return outline(response(whole))
    telling = (event for event in events if '.delta"' not in event)
    return outline(assemble(Payload(None, data_of(event)) for event in telling))


def usage(given: Any) -> Usage | None:
    """The usage object of Responses."""
    if not isinstance(given, dict):
        return None
    read_in, written = count(given.get("input_tokens")), count(given.get("output_tokens"))
    details = mapping(given, "input_tokens_details")
    if read_in is None and written is None:
        return None
    return Usage(
        input=read_in,
        output=written,
        cache_read=count(details.get("cached_tokens")),
        cache_write=count(details.get("cache_write_tokens")),
        reasoning=count(mapping(given, "output_tokens_details").get("reasoning_tokens")),
    )
