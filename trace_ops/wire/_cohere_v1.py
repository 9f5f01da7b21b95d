"""Cohere's chat, version 1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from trace_ops.wire._cohere import FINISH, usage
from trace_ops.wire._events import Payload, dicts
from trace_ops.wire._values import finish_of, left, mapping, model_in, take
from trace_ops.wire.messages import (
    ChatRequest,
    ChatResponse,
    Message,
    Part,
    Role,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
    UnknownPart,
)

API = "cohere.chat"

_ROLES: dict[str, Role] = {"USER": "user", "CHATBOT": "assistant", "SYSTEM": "system", "TOOL": "tool"}
_TYPED = ("event_type", "is_finished")


def request(body: dict[str, Any], path: str = "") -> ChatRequest:
    """What a model is asked: the history, then what is new, which may be results of tools."""
    rest = dict(body)
    model = take(rest, "model", str) or model_in(path)
    history = take(rest, "chat_history", list) or []
    messages = [message(given, f"chat_history.{at}") for at, given in enumerate(history)]
    text, preamble = take(rest, "message", str), take(rest, "preamble", str)
    if text:
        messages.append(Message("user", (TextPart(text),), path="message"))
    if results := take(rest, "tool_results", list):
        messages.append(Message("tool", tuple(_result(item) for item in results), path="tool_results"))
    return ChatRequest(
        api=API,
        model=model,
        messages=tuple(messages),
        system=(TextPart(preamble),) if preamble else (),
        tools=tuple(_tool(given) for given in take(rest, "tools", list) or []),
        parameters=rest,
    )


def response(body: dict[str, Any]) -> ChatResponse:
    """What a model answered; which model it was, only the request says."""
    rest = dict(body)
    text, calls = take(rest, "text", str), take(rest, "tool_calls", list)
    word = take(rest, "finish_reason", str)
    cited = take(rest, "citations", list)
    parts: list[Part] = [TextPart(text, {"citations": cited} if cited else None)] if text else []
    parts += [call(given) for given in calls or []]
    if cited and not text:
        rest["citations"] = cited
    there = bool(parts) or text is not None or word is not None
    finish = finish_of(word, FINISH)
    return ChatResponse(
        api=API,
        model=None,
        messages=(Message("assistant", tuple(parts), path="text"),) if there else (),
        # It says that it is complete where it asks for tools.
        finish=("tool_calls" if calls and finish == "stop" else finish,) if there else (),
        finish_words=(word,) if there else (),
        usage=usage(rest.get("meta")),
        error=rest.pop("error", None),
        extra=rest,
    )


def assemble(events: Iterable[Payload]) -> ChatResponse:
    """A streamed answer, put together; its last event holds the whole of it again."""
    whole: dict[str, Any] = {}
    for event in dicts(events):
        kind = event.get("event_type")
        told = {key: value for key, value in event.items() if key not in _TYPED}
        if kind == "stream-end":
            whole.update(mapping(told, "response"))
            whole.update({key: value for key, value in told.items() if key != "response"})
        elif kind == "text-generation" and isinstance(told.get("text"), str):
            whole["text"] = whole.get("text", "") + told.pop("text")
            whole.update(told)
        elif kind == "tool-calls-chunk":
            continue  # Pieces of what the event after them says in full.
        else:
            for key, value in told.items():
                known = whole.get(key)
                if isinstance(known, list) and isinstance(value, list):
                    whole[key] = [*known, *value]
                else:
                    whole[key] = value
    found = response(whole)
    return replace(found, complete=None not in (found.finish_words or (None,)) and found.error is None)


def is_answer(body: dict[str, Any]) -> bool:
    """Whether a body is an answer, or the first event of one."""
    whole = isinstance(body.get("text"), str) and "generation_id" in body
    return whole or body.get("event_type") == "stream-start"


def message(given: Any, path: str) -> Message:
    """One message of the history."""
    if not isinstance(given, dict):
        return Message("user", (UnknownPart("message", given),), path=path)
    rest = dict(given)
    word = rest.get("role")
    role = _ROLES.get(word.upper()) if isinstance(word, str) else None
    if role is not None:
        del rest["role"]
    text = take(rest, "message", str)
    parts: list[Part] = [TextPart(text)] if text else []
    parts += [call(given) for given in take(rest, "tool_calls", list) or []]
    parts += [_result(item) for item in take(rest, "tool_results", list) or []]
    return Message(role or "user", tuple(parts), path=path, extra=left(rest))


def call(given: Any) -> Part:
    """A call of a tool."""
    rest = dict(given) if isinstance(given, dict) else {}
    name = take(rest, "name", str)
    if name is None:
        return UnknownPart("tool_call", given)
    called = rest.pop("parameters", None)
    return ToolCallPart(take(rest, "id", str), name, {} if called is None else called, extra=left(rest))


def _result(given: Any) -> Part:
    """A result of a tool, which names its call by repeating it."""
    rest = dict(given) if isinstance(given, dict) else {}
    called = dict(mapping(rest, "call"))
    if "outputs" not in rest:
        return UnknownPart("tool_result", given)
    outputs = rest.pop("outputs")
    rest.pop("call", None)
    name, identity = take(called, "name", str), take(called, "id", str)
    extra = left({**rest, **({"call": called} if called else {})})
    return ToolResultPart(identity, outputs, name, extra=extra)


def _tool(given: Any) -> ToolDefinition:
    rest = dict(given) if isinstance(given, dict) else {"value": given}
    name, description = take(rest, "name", str), take(rest, "description", str)
    schema = rest.pop("parameter_definitions", None)
    return ToolDefinition("tool" if name is None else name, description, schema, rest or None)
