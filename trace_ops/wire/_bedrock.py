"""Bedrock's Converse, and the invoke bodies of Amazon Nova, which have its shape."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from trace_ops.trace import Usage
from trace_ops.wire._bedrock_parts import part
from trace_ops.wire._events import Payload, count
from trace_ops.wire._values import arguments, finish_of, left, mapping, parts_of, take
from trace_ops.wire.messages import (
    ChatRequest,
    ChatResponse,
    Finish,
    Message,
    Role,
    ToolDefinition,
    ToolResultPart,
    UnknownPart,
)

API = "bedrock.converse"

_FINISH: dict[str, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "malformed_model_output": "error",
    "malformed_tool_use": "error",
}
_IN_PATH = re.compile(r"/model/(.+?)/(?:converse|invoke)")
_EVENTS = frozenset(
    "messageStart contentBlockStart contentBlockDelta contentBlockStop messageStop metadata".split()
)
# What Bedrock adds to hide how long an event is.
_PADDING = "p"


def request(body: dict[str, Any], path: str = "", api: str = API) -> ChatRequest:
    """What a model is asked; the path names it."""
    rest = dict(body)
    config = dict(take(rest, "toolConfig", dict) or {})
    tools = take(config, "tools", list) or []
    if config:
        rest["toolConfig"] = config
    return ChatRequest(
        api=api,
        model=model_in(path) or take(rest, "modelId", str),
        messages=tuple(
            message(given, f"messages.{at}") for at, given in enumerate(take(rest, "messages", list) or [])
        ),
        system=tuple(parts_of(rest.pop("system", None), part, "system")),
        tools=tuple(tool(given) for given in tools),
        parameters=rest,
    )


def response(body: dict[str, Any], api: str = API) -> ChatResponse:
    """What a model answered; which model it was, only the request says."""
    rest = dict(body)
    output = dict(take(rest, "output", dict) or {})
    given = take(output, "message", dict)
    if output:
        rest["output"] = output
    word = take(rest, "stopReason", str)
    said = [message(given, "output.message", "assistant")] if given is not None else []
    if not said and word is not None:
        said = [Message("assistant", (), path="output.message")]
    return ChatResponse(
        api=api,
        model=None,
        messages=tuple(said),
        finish=(finish_of(word, _FINISH),) if said else (),
        finish_words=(word,) if said else (),
        usage=usage(rest.get("usage")),
        error=rest.pop("error", None),
        extra=rest,
    )


def assemble(events: Iterable[Payload], api: str = API) -> ChatResponse:
    """A streamed answer, put together."""
    whole: dict[str, Any] = {}
    said: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    for event in events:
        name, data = event_of(event)
        index = data.pop("contentBlockIndex", None)
        at = index if isinstance(index, int) else max(blocks, default=0)
        if name == "messageStart":
            said.update(data)
        elif name in ("contentBlockStart", "contentBlockDelta"):
            block = blocks.setdefault(at, {})
            for delta in data.values():
                _grow(block, delta)
        elif name in ("messageStop", "metadata"):
            whole.update(data)
        elif name.startswith("exception"):
            whole["error"] = {"type": name.removeprefix("exception").strip(), **data}
        elif name != "contentBlockStop" and data:
            whole.setdefault("events", []).append({name: data})
    if said or blocks:
        content = [found for _, block in sorted(blocks.items()) for found in _whole(block)]
        whole["output"] = {"message": {"role": "assistant", **said, "content": content}}
    found = response(whole, api)
    return replace(found, complete="stopReason" in whole and found.error is None)


def is_request(body: dict[str, Any]) -> bool:
    """Whether a body asks in this shape, as Nova's do."""
    return isinstance(body.get("messages"), list) and ("inferenceConfig" in body or "schemaVersion" in body)


def is_answer(body: dict[str, Any]) -> bool:
    """Whether a body is an answer, or an event of one."""
    whole = "stopReason" in body and isinstance(mapping(body, "output").get("message"), dict)
    return whole or any(isinstance(body.get(name), dict) for name in _EVENTS - {"metadata"})


def usage(given: Any) -> Usage | None:
    """The usage of an answer; cached tokens are not part of its input tokens."""
    if not isinstance(given, dict):
        return None
    fresh, written = count(given.get("inputTokens")), count(given.get("outputTokens"))
    if fresh is None and written is None:
        return None
    read, wrote = (
        count(given.get(f"cache{way}InputTokens", given.get(f"cache{way}InputTokenCount")))
        for way in ("Read", "Write")
    )
    cached = (read or 0) + (wrote or 0)
    if count(given.get("totalTokens")) == (fresh or 0) + (written or 0):
        cached = 0
    return Usage(None if fresh is None else fresh + cached, written, read, wrote)


def model_in(path: str) -> str | None:
    """The model, or the profile of one, that a path names."""
    found = _IN_PATH.search(path)
    return unquote(found[1]) if found else None


def message(given: Any, path: str, otherwise: Role = "user") -> Message:
    """One message of a conversation; one that holds the results of tools only is the tools'."""
    if not isinstance(given, dict):
        return Message(otherwise, (UnknownPart("message", given),), path=path)
    rest = dict(given)
    parts = tuple(parts_of(rest.pop("content", None), part))
    word, role = rest.get("role"), otherwise
    if word in ("user", "assistant", "system"):
        role = rest.pop("role")
    if role == "user" and parts and all(isinstance(found, ToolResultPart) for found in parts):
        role = "tool"
    return Message(role, parts, path=path, extra=left(rest))


def tool(given: Any) -> ToolDefinition:
    """A tool as it is offered: with a schema, one of the model's own, or a mark for the cache."""
    if not isinstance(given, dict) or len(given) != 1:
        return ToolDefinition("tool", extra=given)
    [(kind, value)] = given.items()
    rest = dict(value) if isinstance(value, dict) else {"value": value}
    name, description = take(rest, "name", str), take(rest, "description", str)
    schema = take(rest, "inputSchema", dict)
    if schema is not None and set(schema) == {"json"}:
        schema = schema["json"]
    if kind != "toolSpec":
        rest = {kind: rest}
    return ToolDefinition(kind if name is None else name, description, schema, rest or None)


def event_of(event: Payload) -> tuple[str, dict[str, Any]]:
    """The name and the data of an event; the name may be the only key of the data."""
    data = dict(event.data) if isinstance(event.data, dict) else {}
    data.pop(_PADDING, None)
    name = next((key for key in data if key in _EVENTS), None)
    if name is not None and isinstance(data[name], dict):
        inner = data.pop(name)
        return name, {**inner, **data}
    return event.name or "", data


def _grow(block: dict[str, Any], delta: Any) -> None:
    if not isinstance(delta, dict):
        return
    for key, value in delta.items():
        known = block.get(key)
        if key == "citation":
            cited = block.setdefault("citations", [])
            if isinstance(cited, list):
                cited.append(value)
        elif isinstance(value, str) and isinstance(known, str) and key in ("text", "input", "signature"):
            block[key] = known + value
        elif isinstance(value, dict):
            block[key] = dict(known) if isinstance(known, dict) else {}
            _grow(block[key], value)
        elif isinstance(value, list) and isinstance(known, list):
            block[key] = known + value
        elif isinstance(value, list) and isinstance(known, dict):
            # The result of a tool begins as an object, and goes on as pieces of its content.
            content = known.get("content")
            known["content"] = [*(content if isinstance(content, list) else []), *value]
        else:
            block[key] = value


def _whole(block: dict[str, Any]) -> list[dict[str, Any]]:
    """A block as it would stand in an answer that is not streamed."""
    call = block.get("toolUse")
    if isinstance(call, dict):
        return [{"toolUse": {**call, "input": arguments(call.get("input", ""))}}]
    result = block.get("toolResult")
    if isinstance(result, list):
        return [{"toolResult": {"content": result}}]
    thought = block.get("reasoningContent")
    if isinstance(thought, dict) and ("text" in thought or "signature" in thought):
        spoken = {key: thought[key] for key in ("text", "signature") if key in thought}
        others = {key: value for key, value in thought.items() if key not in spoken}
        return [{"reasoningContent": {"reasoningText": spoken, **others}}]
    if "citations" in block:
        rest = {key: value for key, value in block.items() if key != "text"}
        return [{"citationsContent": {"content": [{"text": block.get("text", "")}], **rest}}]
    return [block] if block else []
