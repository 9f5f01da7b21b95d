"""The parts of Google's contents, in either spelling of their keys: the servers understand snake case too."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, TypeVar

from trace_ops.wire._partial_args import arguments_of
from trace_ops.wire._values import address, blob, left, take
from trace_ops.wire.messages import (
    Extra,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)

_CODE = "code_execution"
_URL_SAFE = str.maketrans("-_", "+/")

T = TypeVar("T")


def part(given: Any) -> list[Part]:
    """The part that a part of a content is."""
    if isinstance(given, str):
        return [TextPart(given)] if given else []
    if not isinstance(given, dict):
        return [UnknownPart("part", given)]
    rest = dict(given)
    text = take(rest, "text", str)
    found = (_data(rest) or _called(rest) or _result(rest)) if text is None else None
    if found is not None:
        return [found]
    if rest.get("thought") is True:
        del rest["thought"]
        return [ReasoningPart(text or None, left(rest))]
    if text:
        return [TextPart(text, left(rest))]
    if text == "" and left(rest) is None:
        return []
    # What carries no text carries the encrypted thoughts before it.
    if text == "" or {key.replace("_s", "S") for key in rest} == {"thoughtSignature"}:
        return [ReasoningPart(None, left(rest))]
    return [UnknownPart(next(iter(given), "part"), given)]


def _data(rest: dict[str, Any]) -> Part | None:
    for key, value_key in (("inlineData", "data"), ("fileData", "fileUri")):
        given = take_either(rest, key, dict)
        if not given:
            continue
        inner = dict(given)
        value, mime = take_either(inner, value_key, str), take_either(inner, "mimeType", str)
        if value is None:
            return UnknownPart(key, {**rest, key: given})
        if key == "inlineData":
            return blob("document", mime, value.translate(_URL_SAFE), _beside(rest, inner))
        return address("document", value, _beside(rest, inner), mime)
    return None


def _called(rest: dict[str, Any]) -> Part | None:
    """A call of a tool, by the caller or by Google."""
    for key, name_key in (("functionCall", "name"), ("toolCall", "toolType")):
        call = dict(take_either(rest, key, dict) or {})
        name = take_either(call, name_key, str)
        if name is not None:
            args = call.pop("args", None)
            if pieces := take_either(call, "partialArgs", list):
                args = {**(args if isinstance(args, dict) else {}), **arguments_of(pieces)}
                call.pop("willContinue", None)
            identity = take(call, "id", str)
            called = {} if args is None else args
            return ToolCallPart(identity, name, called, key == "toolCall", _beside(rest, call))
        if call:
            return UnknownPart(key, {**rest, key: call})
    code = dict(take_either(rest, "executableCode", dict) or {})
    if not code:
        return None
    return ToolCallPart(take(code, "id", str), _CODE, code, server=True, extra=left(rest))


def _result(rest: dict[str, Any]) -> Part | None:
    """What a tool gave back; an answer with an ``error`` in it is what Google's SDKs make of a failure."""
    for key, name_key in (("functionResponse", "name"), ("toolResponse", "toolType")):
        result = dict(take_either(rest, key, dict) or {})
        if result:
            given, media = result.pop("response", None), take(result, "parts", list)
            identity, name = take(result, "id", str), take_either(result, name_key, str)
            failed = isinstance(given, dict) and set(given) == {"error"}
            if media:
                said: list[Part] = [UnknownPart("json", given)] if given else []
                given = said + [found for item in media for found in part(item)]
            return ToolResultPart(identity, given, name, failed, _beside(rest, result))
    ran = dict(take_either(rest, "codeExecutionResult", dict) or {})
    if not ran:
        return None
    output, identity = ran.pop("output", None), take(ran, "id", str)
    failed = ran.get("outcome") not in ("OUTCOME_OK", None)
    return ToolResultPart(identity, output, _CODE, failed, _beside(rest, ran))


def _beside(rest: dict[str, Any], inner: dict[str, Any]) -> Extra:
    """What a part says, and what the one object in it says besides."""
    apart = rest.keys() & inner.keys()
    return left({**rest, "value": inner} if apart else {**rest, **inner})


def content(given: Any) -> tuple[list[Part], dict[str, Any]]:
    """The parts of a content, and what else it says."""
    if given is None:
        return [], {}
    if not isinstance(given, dict):
        return part(given), {}
    rest = dict(given)
    parts = [found for item in listed(rest.pop("parts", None)) for found in part(item)]
    return parts, rest


def take_either(rest: dict[str, Any], key: str, kind: type[T]) -> T | None:
    """Take a value of a type by either spelling of its key."""
    found = take(rest, key, kind)
    return take(rest, _snake(key), kind) if found is None else found


def pop_either(rest: dict[str, Any], key: str) -> Any:
    """Take a value of any type by either spelling."""
    found = rest.pop(key, None)
    return rest.pop(_snake(key), None) if found is None else found


def get_either(body: dict[str, Any], key: str) -> Any:
    """Look a value up by either spelling."""
    found = body.get(key)
    return body.get(_snake(key)) if found is None else found


@cache
def _snake(key: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", key)


def listed(value: Any) -> list[Any]:
    """Lists of one may be given without their brackets."""
    return value if isinstance(value, list) else [] if value is None else [value]
