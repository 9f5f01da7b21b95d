"""Anthropic messages, on whichever cloud."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire._events import Payload, count, data_of, dicts
from trace_ops.wire._values import (
    Read,
    address,
    arguments,
    blob,
    finish_of,
    kind_of,
    left,
    mapping,
    model_in,
    parts_of,
    said,
    take,
    uploaded,
    word_of,
)
from trace_ops.wire.messages import (
    ChatRequest,
    ChatResponse,
    Finish,
    Message,
    Part,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
    UnknownPart,
)

API = "anthropic.messages"

FINISH: dict[str, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
_CALL, _RESULT = "_tool_use", "_tool_result"


def request(body: dict[str, Any], path: str = "") -> ChatRequest:
    """What a model is asked."""
    rest = dict(body)
    model = take(rest, "model", str) or model_in(path)
    messages = take(rest, "messages", list) or []
    return ChatRequest(
        api=API,
        model=model,
        messages=tuple(message(given, f"messages.{at}") for at, given in enumerate(messages)),
        system=tuple(parts_of(rest.pop("system", None), part, "system")),
        tools=tuple(tool(given) for given in take(rest, "tools", list) or []),
        parameters=rest,
    )


def response(body: dict[str, Any]) -> ChatResponse:
    """What a model answered."""
    rest = dict(body)
    model = take(rest, "model", str)
    content = rest.pop("content", None)
    word = take(rest, "stop_reason", str)
    if rest.get("role") == "assistant":
        del rest["role"]
    answered = content is not None or word is not None
    message = Message("assistant", tuple(parts_of(content, part)), path="content")
    return ChatResponse(
        api=API,
        model=model,
        messages=(message,) if answered else (),
        finish=(finish_of(word, FINISH),) if answered else (),
        finish_words=(word,) if answered else (),
        usage=usage(rest.get("usage")),
        error=rest.pop("error", None),
        extra=rest,
    )


def assemble(events: Iterable[Payload]) -> ChatResponse:
    """A streamed answer, put together."""
    whole: dict[str, Any] = {}
    blocks: dict[Any, dict[str, Any]] = {}
    complete = False
    for event in dicts(events):
        kind = event.get("type")
        index = event.get("index")
        at = index if isinstance(index, int) else len(blocks)
        if kind == "message_start":
            whole = {**whole, **mapping(event, "message")}
        elif kind == "content_block_start":
            blocks[at] = dict(mapping(event, "content_block"))
        elif kind == "content_block_delta":
            _grow(blocks.setdefault(at, {}), mapping(event, "delta"))
        elif kind == "message_delta":
            _close(whole, event)
        elif kind == "message_stop":
            complete = True
            whole.update(_unread(event, "type"))
        elif kind == "error":
            whole["error"] = event.get("error", event)
        elif kind not in ("ping", "content_block_stop"):
            whole.setdefault("events", []).append(event)
    if whole or blocks:
        whole["content"] = [_whole(block) for _, block in sorted(blocks.items())]
    return replace(response(whole), complete=complete and "error" not in whole)


def message(given: Any, path: str) -> Message:
    """One message of a conversation; one that holds the results of tools only is the tools'."""
    if not isinstance(given, dict):
        return Message("user", (UnknownPart("message", given),), path=path)
    rest = dict(given)
    parts = tuple(parts_of(rest.pop("content", None), part))
    word = rest.get("role")
    role: Role = "user"
    if word == "user":
        del rest["role"]
        results = bool(parts) and all(isinstance(found, ToolResultPart) for found in parts)
        role = "tool" if results else "user"
    elif word in ("assistant", "system"):
        del rest["role"]
        role = "assistant" if word == "assistant" else "system"
    return Message(role, parts, path=path, extra=left(rest))


def part(given: Any, *, inside: bool = False) -> list[Part]:
    """The part that a block of content is; ``inside`` the result of a tool."""
    if isinstance(given, str):
        return [TextPart(given)] if given else []
    if not isinstance(given, dict):
        return [UnknownPart("content", given)]
    kind = given.get("type")
    if kind == "text" and len(given) == 2 and isinstance(text := given.get("text"), str):
        # Nearly all of what is said, so not by way of a copy.
        return [TextPart(text)]
    rest = dict(given)
    rest.pop("type", None)
    found: Part | None = None
    if kind == "text":
        found = said(rest, "text", TextPart)
    elif kind == "tool_use":
        found = _tool_part(kind, rest)
    elif kind == "thinking":
        found = said(rest, "thinking", ReasoningPart)
    elif kind == "redacted_thinking":
        found = ReasoningPart(None, left(rest))
    elif kind in ("image", "document"):
        found = _media(rest, kind)
    elif kind == "container_upload":
        file_id = take(rest, "file_id", str)
        found = None if file_id is None else uploaded("document", file_id, left(rest))
    elif isinstance(kind, str) and not inside:
        found = _tool_part(kind, rest)
    return [found if found is not None else UnknownPart(kind_of(given, "content"), given)]


def tool(given: Any) -> ToolDefinition:
    """A tool as it is offered; one of the provider's own has a type with a date in it."""
    rest = dict(given) if isinstance(given, dict) else {"value": given}
    if rest.get("type") == "custom":
        del rest["type"]
    name = take(rest, "name", str)
    description = take(rest, "description", str)
    return ToolDefinition(
        name if name is not None else kind_of(given, "tool"),
        description,
        rest.pop("input_schema", None),
        rest or None,
    )


def _tool_part(kind: str, rest: dict[str, Any]) -> Part | None:
    if kind == "tool_use" or kind.endswith(_CALL):
        name = take(rest, "name", str)
        if name is None:
            return None
        return ToolCallPart(
            take(rest, "id", str), name, rest.pop("input", None), kind != "tool_use", left(rest)
        )
    if kind != "tool_result" and not kind.endswith(_RESULT):
        return None
    content = rest.pop("content", None)
    if kind == "tool_result" and isinstance(content, list):
        content = [found for item in content for found in part(item, inside=True)]
    failed = rest.pop("is_error", None) is True or kind_of(content, "").endswith("_error")
    name = None if kind == "tool_result" else kind.removesuffix(_RESULT)
    return ToolResultPart(take(rest, "tool_use_id", str), content, name, failed, left(rest))


def _media(rest: dict[str, Any], kind: str) -> Part | None:
    source = dict(mapping(rest, "source"))
    form, mime = source.get("type"), word_of(source.get("media_type"))
    # A document that is a text stays as it is: hashed, it could not be read.
    key = {"base64": "data", "url": "url", "file": "file_id"}.get(str(form), "")
    value = take(source, key, str)
    if value is None:
        return None
    for taken in ("type", "media_type"):
        source.pop(taken, None)
    del rest["source"]
    extra = left({**rest, **source})
    if form == "base64":
        return blob(kind, mime, value, extra)
    return address(kind, value, extra, mime) if form == "url" else uploaded(kind, value, extra)


def _grow(block: dict[str, Any], delta: dict[str, Any]) -> None:
    kind = delta.get("type")
    for key, value in delta.items():
        if key == "type":
            continue
        if kind == "citations_delta" and key == "citation":
            known = block.get("citations")
            block["citations"] = [*(known if isinstance(known, list) else []), value]
        elif isinstance(value, str) and key in ("text", "thinking", "partial_json"):
            known = block.get(key)
            block[key] = (known if isinstance(known, str) else "") + value
        elif value is not None:
            block[key] = value


def _whole(block: dict[str, Any]) -> dict[str, Any]:
    typed = block.pop("partial_json", None)
    if typed:
        block["input"] = arguments(typed)
    return block


def _close(whole: dict[str, Any], event: dict[str, Any]) -> None:
    given = mapping(event, "usage")
    known = mapping(whole, "usage")
    whole["usage"] = {**known, **{key: value for key, value in given.items() if value is not None}}
    for key, value in {**mapping(event, "delta"), **_unread(event, "type", "usage", "delta")}.items():
        if value is not None or key not in whole:
            whole[key] = value


def _unread(event: dict[str, Any], *read: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in read}


def read_stream(events: Sequence[str]) -> Read:
    """Sum up a stream; parses the start of the message and of its tool calls, and its last delta."""
    model: str | None = None
    finish: str | None = None
    counts: dict[str, Any] = {}
    tools: list[str] = []
    for event in events:
        if "message_start" in event:
            message = data_of(event).get("message") or {}
            model = message.get("model")
            counts = dict(message.get("usage") or {})
        elif "message_delta" in event:
            data = data_of(event)
            finish = (data.get("delta") or {}).get("stop_reason") or finish
            given = data.get("usage") or {}
            counts.update({key: value for key, value in given.items() if value is not None})
        elif "content_block_start" in event and '"tool_use"' in event:
            block = data_of(event).get("content_block") or {}
            if block.get("type") == "tool_use":
                tools.append(block["name"])
    return model, usage(counts), tools, finish


def usage(given: Any) -> Usage | None:
    """The usage object of messages, in which cached tokens are not part of the input tokens."""
    if not isinstance(given, dict):
        return None
    fresh, written = count(given.get("input_tokens")), count(given.get("output_tokens"))
    cache_read = count(given.get("cache_read_input_tokens"))
    cache_write = count(given.get("cache_creation_input_tokens"))
    if fresh is None and written is None:
        return None
    read_in = None if fresh is None else fresh + (cache_read or 0) + (cache_write or 0)
    reasoning = count(mapping(given, "output_tokens_details").get("thinking_tokens"))
    return Usage(read_in, written, cache_read, cache_write, reasoning)
