"""Models of LlamaIndex that no SDK stands behind: what they were asked and gave within the process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire import _chat, _content
from trace_ops.wire._events import Payload, count, dicts
from trace_ops.wire._values import address, arguments, blob, left, mapping, parts_of, take, word_of
from trace_ops.wire.messages import (
    ChatRequest,
    ChatResponse,
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)

API = "llamaindex.model"

_MEDIA = {"image": "image", "audio": "audio", "video": "video", "document": "data"}
_READ = ("prompt_tokens", "input_tokens")
_WRITTEN = ("completion_tokens", "output_tokens")


def request(body: dict[str, Any], path: str = "") -> ChatRequest:
    """What a model is asked: a conversation, or a prompt."""
    rest = dict(body)
    model = take(rest, "model", str) or path.rpartition("/")[2]
    given, prompt = take(rest, "messages", list) or [], take(rest, "prompt", str)
    messages = [_message(item, f"messages.{at}") for at, item in enumerate(given)]
    messages += [] if prompt is None else [Message("user", tuple(parts_of(prompt, _part)), path="prompt")]
    tools = tuple(_chat.tool(item) for item in take(rest, "tools", list) or [])
    return ChatRequest(api=API, model=model, messages=tuple(messages), tools=tools, parameters=rest)


def response(body: dict[str, Any]) -> ChatResponse:
    """What a model gave: a message, or a text."""
    rest = dict(body)
    rest.pop("delta", None)  # of a piece, which holds the whole as well
    message = take(rest, "message", dict)
    if message is None:
        said = Message("assistant", tuple(parts_of(rest.pop("text", None), _part)), path="text")
    else:
        said = _message(message, "message")
    return ChatResponse(
        api=API,
        model=word_of(mapping(rest, "raw").get("model")),
        messages=(said,),
        finish=("tool_calls" if said.tool_calls else None,),
        finish_words=(None,),
        usage=_usage(rest),
        extra=rest,
    )


def assemble(events: Iterable[Payload]) -> ChatResponse:
    """A streamed answer: its last piece, which holds it whole, but for what was kept as what is new in it."""
    whole: dict[str, Any] = {}
    for piece in dicts(events):
        whole = _grown(whole, piece) if piece.keys() == {"delta"} else piece
    return replace(response(whole), complete=bool(whole))


def _grown(before: dict[str, Any], piece: dict[str, Any]) -> dict[str, Any]:
    delta = word_of(piece["delta"]) or ""
    if "message" not in before:
        return {**before, "text": (word_of(before.get("text")) or "") + delta}
    message = mapping(before, "message")
    return {**before, "message": {**message, "content": (word_of(message.get("content")) or "") + delta}}


def _message(given: Any, path: str) -> Message:
    if not isinstance(given, dict):
        return Message("user", (UnknownPart("message", given),), path=path)
    rest = dict(given)
    role, more = _content.role(rest), dict(take(rest, "additional_kwargs", dict) or {})
    content, blocks = rest.pop("content", None), take(rest, "blocks", list) or []
    identity, calls = take(more, "tool_call_id", str), take(more, "tool_calls", list) or []
    if role == "tool":
        told: Any = content if content is not None else blocks
        name = take(more, "name", str)
        return Message(role, (ToolResultPart(identity, told, name),), path=path, extra=left({**rest, **more}))
    parts = [*parts_of(content, _part), *parts_of(blocks, _part)]
    known = {part.id for part in parts if isinstance(part, ToolCallPart)}
    asked = [_chat.tool_call(call) for call in calls if isinstance(call, dict)]
    parts += [call for call in asked if not isinstance(call, ToolCallPart) or call.id not in known]
    return Message(role, tuple(parts), path=path, extra=left({**rest, **more}))


def _part(given: Any) -> list[Part]:
    if not isinstance(given, dict):
        return _content.part(given)
    rest = {key: value for key, value in given.items() if key != "block_type"}
    kind = word_of(given.get("block_type")) or ""
    if kind == "text" and isinstance(text := rest.pop("text", None), str):
        return [TextPart(text, left(rest))] if text else []
    if kind == "thinking":
        return [ReasoningPart(take(rest, "content", str), left(rest))]
    if kind == "tool_call":
        identity, name = take(rest, "tool_call_id", str), take(rest, "tool_name", str)
        return [
            ToolCallPart(identity, name or "", arguments(rest.pop("tool_kwargs", None)), extra=left(rest))
        ]
    if kind in _MEDIA:
        data, url = take(rest, _MEDIA[kind], str), take(rest, "url", str)
        mime = take(rest, f"{kind}_mimetype", str)
        if data is not None:
            return [blob(kind, mime, data, left(rest))]
        if url is not None:
            return [address(kind, url, left(rest), mime)]
    return [UnknownPart(kind or "content", given)]


def _usage(answer: dict[str, Any]) -> Usage | None:
    """The tokens of an answer, where models of LlamaIndex tell of them."""
    for told in (mapping(answer, "additional_kwargs"), mapping(mapping(answer, "raw"), "usage")):
        read = next((told[name] for name in _READ if name in told), None)
        written = next((told[name] for name in _WRITTEN if name in told), None)
        if count(read) is not None or count(written) is not None:
            return Usage(count(read), count(written))
    return None
