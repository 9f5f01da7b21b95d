"""The items of OpenAI Responses: what is said, thought, called and given back."""

from __future__ import annotations

from typing import Any

from trace_ops.wire._content import part, role
from trace_ops.wire._values import arguments, blob, left, parts_of, take
from trace_ops.wire.messages import (
    Extra,
    Message,
    Part,
    ReasoningPart,
    Role,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)

_CALL, _OUTPUT = "_call", "_output"
# Where the provider's own tools keep what they found.
_FOUND = ("outputs", "results", "output", "error")
_ABOUT = ("status", "execution", "server_label", "approval_request_id", "namespace")


def message(item: Any, path: str) -> Message:
    """The message that one item of the input is."""
    if not isinstance(item, dict):
        return Message("user", (UnknownPart("item", item),), path=path)
    rest = dict(item)
    kind = rest.pop("type", None)
    if kind in (None, "message"):
        speaker = role(rest)
        parts = tuple(parts_of(rest.pop("content", None), part))
        return Message(speaker, parts, path=path, extra=left(rest))
    found = parts_of_item(item)
    results = all(isinstance(each, ToolResultPart) for each in found)
    speaks: Role = "tool" if results else role(rest, "assistant")
    return Message(speaks, tuple(found), path=path)


def parts_of_item(item: Any) -> list[Part]:
    """The parts that one item of the output is; what they do not hold of it is with the first."""
    rest = dict(item) if isinstance(item, dict) else {}
    kind = rest.pop("type", None)
    if kind == "reasoning":
        return _thoughts(rest)
    if kind in ("function_call", "custom_tool_call"):
        name = take(rest, "name", str)
        if name is not None:
            called = rest.pop("input", None) if kind == "custom_tool_call" else None
            called = arguments(rest.pop("arguments", None)) if called is None else called
            return [ToolCallPart(_id(rest), name, called, extra=left(rest))]
    elif kind == "image_generation_call" and isinstance(rest.get("result"), str):
        data = rest.pop("result")
        form = rest.get("output_format")
        made = blob("image", f"image/{form}" if isinstance(form, str) else None, data)
        return [_call(kind, rest), made]
    elif isinstance(kind, str) and kind.endswith(_CALL):
        return _called(kind, rest)
    elif isinstance(kind, str) and kind.endswith(_OUTPUT):
        return [_result(kind, rest)]
    return [UnknownPart(kind if isinstance(kind, str) else "item", item)]


def _thoughts(rest: dict[str, Any]) -> list[Part]:
    thoughts: list[Part] = []
    for key in ("summary", "content"):
        given = take(rest, key, list)
        thoughts += parts_of(given, part)
    extra = left(rest)
    if not thoughts:
        return [ReasoningPart(None, extra)]
    first = thoughts[0]
    if isinstance(first, ReasoningPart):
        thoughts[0] = ReasoningPart(first.content, _joined(first.extra, extra))
    elif extra:
        thoughts.insert(0, ReasoningPart(None, extra))
    return thoughts


def _called(kind: str, rest: dict[str, Any]) -> list[Part]:
    """A call of a tool that the provider names by the item, with what came of it if it ran there."""
    found = {key: rest.pop(key) for key in _FOUND if rest.get(key) is not None}
    call = _call(kind, rest)
    if not found:
        return [call]
    given = next(iter(found.values())) if len(found) == 1 else found
    return [call, ToolResultPart(call.id, given, call.name, "error" in found)]


def _call(kind: str, rest: dict[str, Any]) -> ToolCallPart:
    # Only what the caller has to answer has a call id.
    server = rest.get("execution") == "server" or not isinstance(rest.get("call_id"), str)
    call_id = _id(rest)
    name = take(rest, "name", str) or kind.removesuffix(_CALL)
    about = {key: rest.pop(key) for key in (*_ABOUT, "id") if key in rest}
    # A call comes with a null for what it has not found, such as an error.
    given = {key for key, value in rest.items() if value is not None}
    called = arguments(rest.pop("arguments")) if given == {"arguments"} else rest
    return ToolCallPart(call_id, name, called, server, left(about))


def _result(kind: str, rest: dict[str, Any]) -> ToolResultPart:
    given = rest.pop("output", None)
    if isinstance(given, list) and kind in ("function_call_output", "custom_tool_call_output"):
        given = [found for each in given for found in part(each)]
    elif given is None:
        given = rest.pop("tools", None)
    name = None
    if kind not in ("function_call_output", "custom_tool_call_output"):
        name = kind.removesuffix(_OUTPUT).removesuffix(_CALL)
    call_id = _id(rest)
    return ToolResultPart(call_id, given, name, extra=left(rest))


def _id(rest: dict[str, Any]) -> str | None:
    """The id that call and result share; the item's own, where the provider runs the tool, if none."""
    return take(rest, "call_id", str) or take(rest, "id", str)


def _joined(one: Extra, other: Extra) -> Extra:
    return {**(one or {}), **(other or {})} or None
