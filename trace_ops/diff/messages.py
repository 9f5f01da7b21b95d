"""Messages, tools and parameters of calls as they are compared, without the ids that change each time."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable
from typing import Any, TypeAlias

from trace_ops.diff.values import text_of
from trace_ops.exchange import Body, Failure, Response, Stream
from trace_ops.matching import ids
from trace_ops.matching.fields import api_of
from trace_ops.trace import Span
from trace_ops.wire import complaint, fault
from trace_ops.wire.messages import (
    BlobPart,
    ChatRequest,
    FilePart,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
    UriPart,
)

Key: TypeAlias = tuple[Hashable, ...]

# Ids of what a server keeps from one call to the next: that there is one counts, not its letters.
_CHAINED = ("previous_response_id", "conversation", "container", "thread_id")
_PARTS = (TextPart, ReasoningPart, RefusalPart, ToolCallPart, ToolResultPart, BlobPart, UriPart, FilePart)


def key(message: Message) -> Key:
    """A key that is the same for equal messages only."""
    return (message.role, message.name, parts_key(message.parts))


def parts_key(parts: Iterable[Part]) -> Key:
    """The same for parts."""
    return tuple(map(part_key, parts))


def part_key(part: Part) -> Key:
    """The same for one part."""
    if isinstance(part, (TextPart, ReasoningPart, RefusalPart)):
        return (part.type, part.content)
    if isinstance(part, ToolCallPart):
        return (part.type, part.name, text_of(part.arguments))
    if isinstance(part, ToolResultPart):
        return (part.type, result_key(part.response), part.failed)
    if isinstance(part, BlobPart):
        return (part.type, part.sha256)
    if isinstance(part, UriPart):
        return (part.type, part.uri)
    if isinstance(part, FilePart):
        return (part.type, part.file_id)
    return (part.type, part.kind, text_of(_without_ids(part.value)))


def result_key(response: Any) -> Hashable:
    """The key of what a tool gave back: a text, JSON, or parts."""
    if isinstance(response, str):
        return response
    if isinstance(response, (list, tuple)) and any(isinstance(part, _PARTS) for part in response):
        return tuple(part_key(part) if hasattr(part, "type") else text_of(part) for part in response)
    return ("json", text_of(response))


def _without_ids(value: Any) -> Any:
    """What no part fits, its own id aside."""
    value = ids.rewrite(value, {})
    return (
        {name: inner for name, inner in value.items() if name != "id"} if isinstance(value, dict) else value
    )


def shown(message: Message) -> Any:
    """A message as plain data: its text if that is all."""
    parts = [shown_part(part) for part in message.parts]
    if all(isinstance(part, TextPart) for part in message.parts):
        return "".join(parts)
    return parts[0] if len(parts) == 1 else parts


def shown_part(part: Part) -> Any:
    """A part as plain data, without ids."""
    if isinstance(part, TextPart):
        return part.content
    if isinstance(part, (ReasoningPart, RefusalPart)):
        return {part.type: part.content}
    if isinstance(part, ToolCallPart):
        return {"tool": part.name, "arguments": part.arguments}
    if isinstance(part, ToolResultPart):
        response = part.response
        if isinstance(response, (list, tuple)):
            response = [shown_part(inner) if isinstance(inner, _PARTS) else inner for inner in response]
            if all(isinstance(inner, str) for inner in response):
                response = "".join(response)
        return {"error": response} if part.failed else response
    if isinstance(part, BlobPart):
        return {part.modality: f"{part.size:,} bytes, sha256 {part.sha256[:16]}"}
    if isinstance(part, UriPart):
        return {part.modality: part.uri}
    if isinstance(part, FilePart):
        return {part.modality: part.file_id}
    return {part.kind: part.value}


def tools_key(request: ChatRequest) -> Key:
    """The tools that a request offers, in any order."""
    return tuple(sorted(tool_key(tool) for tool in request.tools))


def tool_key(tool: ToolDefinition) -> tuple[str, str]:
    """The name of a tool and the rest of its definition."""
    return (tool.name, text_of([tool.description, tool.parameters, tool.extra]))


def parameters(request: ChatRequest) -> dict[str, Any]:
    """What else a request says, less what never changes its meaning and the letters of ids."""
    unkeyed = _UNKEYED.get(request.api, _UNKEYED["openai.chat"])
    kept = {name: value for name, value in request.parameters.items() if name not in unkeyed}
    for name in _CHAINED:
        if isinstance(kept.get(name), str):
            kept[name] = "<id>"
    return kept


_UNKEYED = {
    "openai.chat": api_of("/chat/completions").unkeyed,
    "openai.completions": api_of("/completions").unkeyed,
    "openai.responses": api_of("/responses").unkeyed,
    "anthropic.messages": api_of("/messages").unkeyed | {"metadata"},
}


def failed(span: Span) -> tuple[str, str] | None:
    """Why a step failed, as type and message."""
    outcome = span.exchange.outcome if span.exchange else None
    if isinstance(outcome, Failure):
        return (outcome.type, outcome.message)
    if isinstance(outcome, Response):
        if outcome.status >= 400:
            return (f"HTTP {outcome.status}", complaint(outcome.body))
        if outcome.failure is not None:
            return (outcome.failure.type, outcome.failure.message)
    # Cassettes from before errors within answers were told of do not have them.
    error = span.error or (fault(span.exchange) if span.exchange else None)
    return None if error is None else (error.type, error.message)


def rest_of_answer(kind: str, body: Body | Stream) -> Hashable:
    """The key of an answer that is no conversation: vectors by themselves, the rest without its ids."""
    if isinstance(body, Stream):
        return hashlib.sha256(body.raw).digest()
    value = body.json
    if value is None:
        return hashlib.sha256(body.raw).digest()
    return text_of(vectors(value) if kind == "embedding" else _without_ids(value))


def vectors(answer: Any) -> Any:
    """The vectors of an answer about embeddings, or all of an answer that has none."""
    if isinstance(answer, dict):
        for name in ("data", "embeddings", "embedding"):
            if name in answer:
                return answer[name]
    return answer
