"""The parts of Converse's content: objects whose one key says what they hold."""

from __future__ import annotations

from typing import Any

from trace_ops.wire._values import address, blob, left, take, word_of
from trace_ops.wire.messages import Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart, UnknownPart

_MEDIA = ("image", "document", "video", "audio")
_MIME = {"image": "image/", "video": "video/", "audio": "audio/"}


def part(given: Any) -> list[Part]:
    """The parts that a block of content is: an object whose key says what it holds."""
    if isinstance(given, str):
        return [TextPart(given)] if given else []
    if not isinstance(given, dict):
        return [UnknownPart("content", given)]
    rest = dict(given)
    text = take(rest, "text", str)
    if text is not None:
        return [TextPart(text, left(rest))] if text or left(rest) else []
    if len(given) == 1:
        [(kind, value)] = given.items()
        found = _part(kind, dict(value)) if isinstance(value, dict) else None
        return [UnknownPart(kind, value)] if found is None else found
    return [UnknownPart(next(iter(given), "content"), given)]


def _part(kind: str, rest: dict[str, Any]) -> list[Part] | None:
    if kind in _MEDIA:
        return _media(kind, rest)
    if kind == "toolUse":
        name = take(rest, "name", str)
        if name is None:
            return None
        server = rest.get("type") == "server_tool_use"
        called = rest.pop("input", None)
        return [ToolCallPart(take(rest, "toolUseId", str), name, called, server, left(rest))]
    if kind == "toolResult":
        return [_result(rest)]
    if kind == "reasoningContent":
        return _thoughts(rest)
    if kind == "citationsContent":
        content = take(rest, "content", list) or []
        said = [found for item in content for found in part(item)]
        return _with(said, rest)
    if kind == "guardContent" and isinstance(rest.get("text"), dict):
        inner = dict(rest.pop("text"))
        text = take(inner, "text", str)
        return None if text is None else [TextPart(text, {"guardContent": {**rest, **inner}})]
    return None


def _with(parts: list[Part], extra: dict[str, Any]) -> list[Part]:
    """Text with its citations."""
    if left(extra) is None:
        return parts
    if parts and isinstance(parts[0], TextPart):
        return [TextPart(parts[0].content, {**(parts[0].extra or {}), **extra}), *parts[1:]]
    return [*parts, UnknownPart("citationsContent", extra)]


def _result(rest: dict[str, Any]) -> ToolResultPart:
    content = rest.pop("content", None)
    if isinstance(content, list):
        only = content[0] if len(content) == 1 else None
        if isinstance(only, dict) and set(only) == {"json"}:
            content = only["json"]
        else:
            content = [found for item in content for found in part(item)]
    failed = rest.get("status") == "error"
    if rest.get("status") in ("error", "success"):
        del rest["status"]
    return ToolResultPart(take(rest, "toolUseId", str), content, failed=failed, extra=left(rest))


def _thoughts(rest: dict[str, Any]) -> list[Part]:
    thought = dict(take(rest, "reasoningText", dict) or {})
    text = take(thought, "text", str)
    return [ReasoningPart(text or None, left({**rest, **thought}))]


def _media(kind: str, rest: dict[str, Any]) -> list[Part] | None:
    source = dict(take(rest, "source", dict) or {})
    form = word_of(rest.get("format"))
    mime = f"{_MIME.get(kind, 'application/')}{form}" if form else None
    data, stored = take(source, "bytes", str), dict(take(source, "s3Location", dict) or {})
    uri, text, content = take(stored, "uri", str), take(source, "text", str), take(source, "content", list)
    extra = left({**rest, **source, **stored})
    if data is not None:
        return [blob(kind, mime, data, extra)]
    if uri is not None:
        return [address(kind, uri, extra, mime)]
    if text is not None:
        return [TextPart(text, {kind: extra or {}})]
    if content is not None:
        return [UnknownPart(kind, {**(extra or {}), "content": content})]
    return None
