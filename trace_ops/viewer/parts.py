"""Messages, their parts and tools as the page has them."""

from __future__ import annotations

from typing import Any

from trace_ops.viewer.data import Message, Part, ToolDefinition
from trace_ops.viewer.values import safe
from trace_ops.wire import messages

_DEEPEST = 20
_LARGEST_IMAGE = 256 * 1024
"""Images of up to so many bytes are shown; of others a page tells the size."""


def message(given: messages.Message) -> Message:
    """One turn of a conversation."""
    return {"role": given.role, "name": given.name, "parts": list(map(part, given.parts))}


def part(given: messages.Part, depth: int = 0) -> Part:
    """One part of a message; the results of tools may hold parts in turn."""
    told: Part = {"type": given.type}
    if isinstance(given, (messages.TextPart, messages.RefusalPart, messages.ReasoningPart)):
        return {**told, "content": given.content}
    if isinstance(given, messages.ToolCallPart):
        arguments = safe(given.arguments)
        return {**told, "id": given.id, "name": given.name, "arguments": arguments, "server": given.server}
    if isinstance(given, messages.ToolResultPart):
        response = _response(given.response, depth + 1)
        return {**told, "id": given.id, "name": given.name, "response": response, "failed": given.failed}
    if isinstance(given, messages.BlobPart):
        return {**told, **_blob(given)}
    if isinstance(given, messages.UriPart):
        return {**told, "modality": given.modality, "mime_type": given.mime_type, "uri": given.uri}
    if isinstance(given, messages.FilePart):
        return {**told, "modality": given.modality, "file_id": given.file_id}
    return {**told, "kind": given.kind, "value": safe(given.value)}


def tool(given: messages.ToolDefinition) -> ToolDefinition:
    """A tool that is offered to a model."""
    return {
        "name": given.name,
        "description": given.description,
        "parameters": safe(given.parameters),
    }


def _response(given: Any, depth: int) -> Any:
    """What a tool gave back: a list of parts if that is what it is, else a value."""
    if not isinstance(given, (list, tuple)) or not any(isinstance(item, messages.Part) for item in given):
        return safe(given)
    if depth > _DEEPEST:
        return "…"
    return [
        part(item if isinstance(item, messages.Part) else messages.UnknownPart("json", item), depth)
        for item in given
    ]


def _blob(given: messages.BlobPart) -> dict[str, Any]:
    told: dict[str, Any] = {
        "modality": given.modality,
        "mime_type": given.mime_type,
        "sha256": given.sha256,
        "size": given.size,
    }
    if given.modality == "image" and given.data is not None and given.size <= _LARGEST_IMAGE:
        told["base64"] = given.data
    return told
