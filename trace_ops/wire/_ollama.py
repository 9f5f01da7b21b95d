"""Ollama's chat and generate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire import _chat, _content
from trace_ops.wire._events import Payload, count, dicts
from trace_ops.wire._values import blob, finish_of, left, mapping, parts_of, take
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

CHAT, GENERATE = "ollama.chat", "ollama.generate"

_FINISH: dict[str, Finish] = {"stop": "stop", "length": "length"}
# What generate says beside its answer, and chat in a message.
_SAID = ("thinking", "tool_calls", "images")
_GROWING = ("content", "thinking", "response")


def request(body: dict[str, Any], path: str = "") -> ChatRequest:
    """What a model is asked: a conversation, or a prompt."""
    rest = dict(body)
    model = take(rest, "model", str)
    given = take(rest, "messages", list)
    messages = [message(item, f"messages.{at}") for at, item in enumerate(given or [])]
    api = CHAT if given is not None or path.rstrip("/").endswith("/chat") else GENERATE
    system: list[Part] = []
    if api == GENERATE:
        system = parts_of(take(rest, "system", str), _content.part)
        prompt, pictures = take(rest, "prompt", str), take(rest, "images", list) or []
        parts = (*parts_of(prompt, _content.part), *map(_picture, pictures))
        messages = [Message("user", parts, path="prompt")] if parts else []
    return ChatRequest(
        api=api,
        model=model,
        messages=tuple(messages),
        system=tuple(system),
        tools=tuple(_chat.tool(item) for item in take(rest, "tools", list) or []),
        parameters=rest,
    )


def response(body: dict[str, Any]) -> ChatResponse:
    """What a model answered."""
    rest = dict(body)
    model, given = take(rest, "model", str), take(rest, "message", dict)
    api, path = CHAT, "message"
    text = take(rest, "response", str)
    if given is None and text is not None:
        api, path = GENERATE, "response"
        given = {"content": text, **{key: rest.pop(key) for key in _SAID if key in rest}}
    word = take(rest, "done_reason", str)
    # Older servers say no more than that they are done.
    done = take(rest, "done", bool) is True
    there = given is not None or word is not None
    said = (message(given or {}, path, "assistant"),) if there else ()
    finish = finish_of(word, _FINISH) or ("stop" if done else None)
    asks = any(isinstance(part, ToolCallPart) for found in said for part in found.parts)
    return ChatResponse(
        api=api,
        model=model,
        messages=said,
        finish=("tool_calls" if asks and finish == "stop" else finish,) if said else (),
        finish_words=(word,) if said else (),
        usage=usage(rest),
        error=rest.pop("error", None),
        complete=done or "done" not in body,
        extra=rest,
    )


def assemble(events: Iterable[Payload]) -> ChatResponse:
    """A streamed answer, put together: each event is an answer that holds what is new in it."""
    whole: dict[str, Any] = {}
    for event in dicts(events):
        for key, value in event.items():
            if key == "message" and isinstance(value, dict):
                whole[key] = dict(mapping(whole, key))
                for name, piece in value.items():
                    _grow(whole[key], name, piece)
            else:
                _grow(whole, key, value)
    found = response(whole)
    return replace(found, complete=found.complete and whole.get("done") is True and found.error is None)


def usage(given: dict[str, Any]) -> Usage | None:
    """The tokens of an answer; a prompt that was read before is not counted again by the server."""
    read, written = count(given.get("prompt_eval_count")), count(given.get("eval_count"))
    return None if read is None and written is None else Usage(read, written)


def message(given: Any, path: str, otherwise: Role = "user") -> Message:
    """One message of a conversation."""
    if not isinstance(given, dict):
        return Message(otherwise, (UnknownPart("message", given),), path=path)
    rest = dict(given)
    role = _content.role(rest, otherwise)
    content = rest.pop("content", None)
    if role == "tool":
        name, identity = take(rest, "tool_name", str), take(rest, "tool_call_id", str)
        return Message(role, (ToolResultPart(identity, content, name),), path=path, extra=left(rest))
    thought = take(rest, "thinking", str)
    parts: list[Part] = [ReasoningPart(thought)] if thought else []
    parts += parts_of(content, _content.part)
    parts += map(_picture, take(rest, "images", list) or [])
    parts += map(_chat.tool_call, take(rest, "tool_calls", list) or [])
    return Message(role, tuple(parts), path=path, extra=left(rest))


def _picture(data: Any) -> Part:
    return blob("image", None, data) if isinstance(data, str) else UnknownPart("image", data)


def is_chat(body: dict[str, Any]) -> bool:
    """Whether a body is an answer, or a piece of one, of chat."""
    return isinstance(body.get("message"), dict) and "done" in body


def is_generated(body: dict[str, Any]) -> bool:
    """Whether a body is an answer, or a piece of one, of generate."""
    return isinstance(body.get("response"), str) and "done" in body


def _grow(whole: dict[str, Any], key: str, value: Any) -> None:
    known = whole.get(key)
    if isinstance(known, list) and isinstance(value, list):
        whole[key] = known + value
        return
    grows = key in _GROWING and isinstance(known, str) and isinstance(value, str)
    if grows:
        whole[key] = known + value
    elif value is not None or key not in whole:
        whole[key] = value
