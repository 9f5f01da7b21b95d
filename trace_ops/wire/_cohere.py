"""Cohere's chat, version 2."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire import _chat, _content
from trace_ops.wire._events import Payload, count, dicts
from trace_ops.wire._values import finish_of, left, mapping, model_in, parts_of, said, take
from trace_ops.wire.messages import (
    ChatRequest,
    ChatResponse,
    Finish,
    Message,
    Part,
    ReasoningPart,
    Role,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)

API = "cohere.chat.v2"

FINISH: dict[str, Finish] = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "MAX_TOKENS": "length",
    "ERROR_LIMIT": "length",
    "TOOL_CALL": "tool_calls",
    "ERROR_TOXIC": "content_filter",
    "ERROR": "error",
    "TIMEOUT": "error",
}
_PLAN = "tool_plan"


def request(body: dict[str, Any], path: str = "") -> ChatRequest:
    """What a model is asked."""
    rest = dict(body)
    model = take(rest, "model", str) or model_in(path)
    messages = take(rest, "messages", list) or []
    return ChatRequest(
        api=API,
        model=model,
        messages=tuple(message(given, f"messages.{at}") for at, given in enumerate(messages)),
        tools=tuple(_chat.tool(given) for given in take(rest, "tools", list) or []),
        parameters=rest,
    )


def response(body: dict[str, Any]) -> ChatResponse:
    """What a model answered; which model it was, only the request says."""
    rest = dict(body)
    given = take(rest, "message", dict)
    word = take(rest, "finish_reason", str)
    there = given is not None or word is not None
    return ChatResponse(
        api=API,
        model=None,
        messages=(message(given or {}, "message", "assistant"),) if there else (),
        finish=(finish_of(word, FINISH),) if there else (),
        finish_words=(word,) if there else (),
        usage=usage(rest.get("usage")),
        error=rest.pop("error", None),
        extra=rest,
    )


def assemble(events: Iterable[Payload]) -> ChatResponse:
    """A streamed answer, put together."""
    whole: dict[str, Any] = {}
    said_so_far = _Said()
    for event in dicts(events):
        kind = event.get("type")
        delta = mapping(event, "delta")
        if kind == "message-start":
            whole.update(_unread(event))
            said_so_far.start(mapping(delta, "message"))
        elif kind == "message-end":
            whole.update({**_unread(event), **delta})
        elif isinstance(kind, str) and delta:
            at = event.get("index")
            said_so_far.add(kind, at if isinstance(at, int) else 0, mapping(delta, "message"))
        elif kind not in ("content-end", "tool-call-end", "citation-end"):
            whole.setdefault("events", []).append(event)
    if whole or said_so_far.begun:
        whole["message"] = said_so_far.message()
    found = response(whole)
    return replace(found, complete=None not in (found.finish_words or (None,)) and found.error is None)


def is_answer(body: dict[str, Any]) -> bool:
    """Whether a body is an answer, or an event of one."""
    if body.get("type") in ("message-start", "content-start", "content-delta", "tool-plan-delta"):
        return True
    return isinstance(body.get("message"), dict) and isinstance(body.get("finish_reason"), str)


class _Said:
    """The message of a stream as far as it came."""

    def __init__(self) -> None:
        self.begun = False
        self._message: dict[str, Any] = {}
        self._content: dict[int, dict[str, Any]] = {}
        self._calls: dict[int, dict[str, Any]] = {}
        self._citations: list[Any] = []

    def start(self, message: dict[str, Any]) -> None:
        self.begun = True
        # It begins with empty lists, and so says no more than that there will be a message.
        self._message = {key: value for key, value in message.items() if value != []}

    def add(self, kind: str, at: int, message: dict[str, Any]) -> None:
        self.begun = True
        for key, value in message.items():
            if key == "content" and isinstance(value, dict):
                _grow(self._content.setdefault(at, {}), value)
            elif key == "tool_calls" and isinstance(value, dict):
                _grow(self._calls.setdefault(at, {}), value)
            elif key == "citations" and kind == "citation-start":
                self._citations.append(value)
            else:
                _grow(self._message, {key: value})

    def message(self) -> dict[str, Any]:
        whole = dict(self._message)
        for key, items in (("content", self._content), ("tool_calls", self._calls)):
            if items:
                whole[key] = [item for _, item in sorted(items.items())]
        if self._citations:
            whole["citations"] = self._citations
        return whole


def usage(given: Any) -> Usage | None:
    """The tokens that are billed.

    The prompts that Cohere writes around a request are counted as ``tokens``, and most of the cached
    ones are theirs, but nobody pays for them.
    """
    if not isinstance(given, dict):
        return None
    for key in ("billed_units", "tokens"):
        units = mapping(given, key)
        read, written = count(units.get("input_tokens")), count(units.get("output_tokens"))
        if read is not None or written is not None:
            reasoning = count(mapping(given, "tokens").get("reasoning_tokens"))
            return Usage(read, written, reasoning=reasoning)
    return None


def message(given: Any, path: str, otherwise: Role = "user") -> Message:
    """One message of a conversation."""
    if not isinstance(given, dict):
        return Message(otherwise, (UnknownPart("message", given),), path=path)
    rest = dict(given)
    role = _content.role(rest, otherwise)
    if role == "tool":
        content = rest.pop("content", None)
        if isinstance(content, list):
            content = [found for item in content for found in part(item)]
        result = ToolResultPart(take(rest, "tool_call_id", str), content)
        return Message(role, (result,), path=path, extra=left(rest))
    plan = take(rest, _PLAN, str)
    parts: list[Part] = [ReasoningPart(plan, {"type": _PLAN})] if plan else []
    parts += parts_of(rest.pop("content", None), part)
    parts += [_called(call) for call in take(rest, "tool_calls", list) or []]
    return Message(role, tuple(parts), path=path, extra=left(rest))


def part(given: Any) -> list[Part]:
    """One part of a message's content."""
    if isinstance(given, dict) and given.get("type") == "thinking":
        rest = dict(given)
        del rest["type"]
        found = said(rest, "thinking", ReasoningPart)
        return [found if found is not None else UnknownPart("thinking", given)]
    # A text that is empty stands where the API wants some content beside calls of tools.
    if (
        isinstance(given, dict)
        and given.get("type") == "text"
        and given.get("text") == ""
        and len(given) == 2
    ):
        return []
    return _content.part(given)


def _called(given: Any) -> Part:
    called = _chat.tool_call(given)
    # Tools without parameters are called with null, or with nothing.
    if isinstance(called, ToolCallPart) and called.arguments is None:
        return replace(called, arguments={})
    return called


def _grow(whole: dict[str, Any], delta: dict[str, Any]) -> None:
    for key, value in delta.items():
        known = whole.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            _grow(known, value)
        elif isinstance(value, dict):
            whole[key] = {}
            _grow(whole[key], value)
        elif isinstance(value, str) and isinstance(known, str) and key in _GROWING:
            whole[key] = known + value
        elif value is not None or key not in whole:
            whole[key] = value


_GROWING = frozenset({"text", "thinking", "arguments", _PLAN})


def _unread(event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in ("type", "delta")}
