"""Google's generateContent, of the Gemini API and of Vertex AI."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire._events import Payload, count, dicts
from trace_ops.wire._google_parts import content, get_either, listed, pop_either, take_either
from trace_ops.wire._values import finish_of, left, mapping, model_in, take
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

API = "google.generateContent"

# In the order of their numbers, which the gRPC client of Vertex AI writes.
_FINISH: dict[str, Finish] = {
    "FINISH_REASON_UNSPECIFIED": "other",
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "OTHER": "other",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "MALFORMED_FUNCTION_CALL": "error",
    "MODEL_ARMOR": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
    "IMAGE_OTHER": "other",
    "UNEXPECTED_TOOL_CALL": "error",
    "NO_IMAGE": "error",
    "LANGUAGE": "content_filter",
    "TOO_MANY_TOOL_CALLS": "error",
    "MALFORMED_RESPONSE": "error",
    "MISSING_THOUGHT_SIGNATURE": "error",
}
_NUMBERED = tuple(_FINISH)[:11]
_ROLES: dict[str, Role] = {"user": "user", "model": "assistant", "function": "tool", "system": "system"}
_USAGE = frozenset(("usageMetadata", "usage_metadata", "promptFeedback", "prompt_feedback"))
# Lists of counts so far, not of what is new.
_COUNTED = frozenset(f"{of}TokensDetails" for of in ("prompt", "candidates", "cache", "toolUsePrompt")) | {
    "safetyRatings"
}
_DEEPEST = 20


def request(body: dict[str, Any], path: str = "") -> ChatRequest:
    """What a model is asked."""
    rest = dict(body)
    model = take(rest, "model", str)
    contents = rest.pop("contents", None)
    system = pop_either(rest, "systemInstruction")
    parts, unread = content(system)
    if unread:
        rest["systemInstruction"] = unread
    return ChatRequest(
        api=API,
        model=model_in(path) or (model.removeprefix("models/") if model else None),
        messages=tuple(message(given, f"contents.{at}") for at, given in enumerate(listed(contents))),
        system=tuple(parts),
        tools=tuple(found for given in listed(rest.pop("tools", None)) for found in _tools(given)),
        parameters=rest,
    )


def response(body: dict[str, Any]) -> ChatResponse:
    """What a model answered; a prompt that was blocked gives an empty message that says so."""
    rest = dict(body)
    candidates = take(rest, "candidates", list) or []
    feedback = mapping(rest, "promptFeedback") or mapping(rest, "prompt_feedback")
    blocked = _plain(get_either(feedback, "blockReason"))
    messages = [_candidate(given, f"candidates.{at}") for at, given in enumerate(candidates)]
    words = [_word(given) for given in candidates]
    finish = [_finish(word, said) for word, said in zip(words, messages)]
    if blocked and not messages:
        messages, words, finish = (
            [Message("assistant", (), path="promptFeedback")],
            [blocked],
            ["content_filter"],
        )
    return ChatResponse(
        api=API,
        model=take_either(rest, "modelVersion", str),
        messages=tuple(messages),
        finish=tuple(finish),
        finish_words=tuple(words),
        usage=usage(get_either(rest, "usageMetadata")),
        error=rest.pop("error", None),
        extra=rest,
    )


def assemble(events: Iterable[Payload]) -> ChatResponse:
    """A streamed answer, put together: each event is an answer that holds what is new in it."""
    whole: dict[str, Any] = {}
    candidates: dict[int, dict[str, Any]] = {}
    for event in dicts(events):
        for given in listed(event.get("candidates")):
            index = given.get("index") if isinstance(given, dict) else None
            _gather(candidates.setdefault(index if isinstance(index, int) else 0, {}), given)
        _update(whole, {key: value for key, value in event.items() if key != "candidates"})
    if candidates:
        whole["candidates"] = [candidate for _, candidate in sorted(candidates.items())]
    found = response(whole)
    ended = bool(found.finish_words) and None not in found.finish_words
    return replace(found, complete=ended and found.error is None)


def is_answer(body: dict[str, Any]) -> bool:
    """Whether a body is an answer, or an event of one."""
    return isinstance(body.get("candidates"), list) or bool(_USAGE & set(body))


def usage(given: Any) -> Usage | None:
    """The usage of an answer. Thoughts are counted apart from the text, results of tools from the prompt."""
    if not isinstance(given, dict):
        return None
    prompt, from_tools, text, thoughts, cached = (
        count(get_either(given, f"{name}TokenCount"))
        for name in ("prompt", "toolUsePrompt", "candidates", "thoughts", "cachedContent")
    )
    if prompt is None and text is None and thoughts is None:
        return None
    return Usage(
        input=None if prompt is None else prompt + (from_tools or 0),
        output=None if text is None and thoughts is None else (text or 0) + (thoughts or 0),
        cache_read=cached,
        reasoning=thoughts,
    )


def message(given: Any, path: str) -> Message:
    """One turn of a conversation; one that holds the results of tools only is the tools'."""
    parts, rest = content(given)
    word = rest.get("role")
    role = _ROLES.get(word) if isinstance(word, str) else None
    if role is not None:
        del rest["role"]
    if role in (None, "user") and parts and all(isinstance(found, ToolResultPart) for found in parts):
        role = "tool"
    return Message(role or "user", tuple(parts), path=path, extra=left(rest))


def _tools(given: Any) -> list[ToolDefinition]:
    """The functions that a tool declares, and the tools of Google's own that it names."""
    if not isinstance(given, dict):
        return [ToolDefinition("tool", extra=given)]
    rest = dict(given)
    declared = take_either(rest, "functionDeclarations", list) or []
    tools = [_function(item) for item in declared]
    return tools + [ToolDefinition(name, extra=settings or None) for name, settings in rest.items()]


def _function(given: Any) -> ToolDefinition:
    rest = dict(given) if isinstance(given, dict) else {"value": given}
    name, description = take(rest, "name", str), take(rest, "description", str)
    schema = rest.pop("parameters", None)
    if schema is None:
        schema = pop_either(rest, "parametersJsonSchema")
    return ToolDefinition("function" if name is None else name, description, schema, rest or None)


def _candidate(given: Any, path: str) -> Message:
    if not isinstance(given, dict):
        return Message("assistant", (UnknownPart("candidate", given),), path=path)
    rest = dict(given)
    if _word(rest) is not None:
        rest.pop("finishReason", None)
        rest.pop("finish_reason", None)
    if isinstance(rest.get("index"), int):
        del rest["index"]
    parts, unread = content(rest.pop("content", None))
    if unread.get("role") == "model":
        del unread["role"]
    extra = {**(left(rest) or {}), **({"content": unread} if unread else {})}
    return Message("assistant", tuple(parts), path=f"{path}.content", extra=extra or None)


def _word(given: Any) -> str | None:
    """Why a candidate ended, in Google's words; a client of Vertex AI writes their numbers."""
    word = get_either(given, "finishReason") if isinstance(given, dict) else None
    if type(word) is int:
        return _NUMBERED[word] if 0 <= word < len(_NUMBERED) else str(word)
    return _plain(word)


def _plain(word: Any) -> str | None:
    """A word; an SDK makes it the member of an enum, which is a text too."""
    return str.__str__(word) if isinstance(word, str) else None


def _finish(word: str | None, said: Message) -> Finish | None:
    """Google stops to let the caller run tools, and says only that it stopped."""
    finish = finish_of(word, _FINISH)
    asks = any(not call.server for call in said.tool_calls)
    return "tool_calls" if finish == "stop" and asks else finish


def _gather(candidate: dict[str, Any], given: Any) -> None:
    if not isinstance(given, dict):
        return
    _update(candidate, {key: value for key, value in given.items() if key != "content"})
    content = given.get("content")
    if not isinstance(content, dict):
        return
    known = candidate.setdefault("content", {"parts": []})
    _update(known, {key: value for key, value in content.items() if key != "parts"})
    for item in listed(content.get("parts")):
        last = known["parts"][-1] if known["parts"] else None
        if not _grown(last, item) and not _continued(last, item):
            known["parts"].append(dict(item) if isinstance(item, dict) else item)


def _grown(last: Any, new: Any) -> bool:
    """Whether new text could be added to the part before it: both are said, or both are thought."""
    if not isinstance(last, dict) or not isinstance(new, dict):
        return False
    before, after = last.get("text"), new.get("text")
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    signed = "thoughtSignature" in last and "thoughtSignature" in new
    known = {key: last[key] for key in last if key not in ("text", "thoughtSignature")}
    if signed or known != {key: new[key] for key in new if key not in ("text", "thoughtSignature")}:
        return False
    last.update(new, text=before + after)
    return True


def _continued(last: Any, new: Any) -> bool:
    """Whether more of the arguments of a call could be added to it, which go on until it says otherwise."""
    call = last.get("functionCall") if isinstance(last, dict) else None
    more = new.get("functionCall") if isinstance(new, dict) else None
    if not isinstance(call, dict) or not isinstance(more, dict):
        return False
    if call.get("willContinue") is not True or "name" in more:
        return False
    pieces = [*listed(call.get("partialArgs")), *listed(more.get("partialArgs"))]
    last["functionCall"] = {**call, "willContinue": None, **more, "partialArgs": pieces}
    last.update({key: value for key, value in new.items() if key != "functionCall"})
    return True


def _update(whole: dict[str, Any], new: dict[str, Any], depth: int = 0) -> None:
    """Later values take the place of earlier ones; lists of them are gathered."""
    for key, value in new.items():
        known = whole.get(key)
        if isinstance(known, dict) and isinstance(value, dict) and depth < _DEEPEST:
            whole[key] = dict(known)
            _update(whole[key], value, depth + 1)
        elif isinstance(known, list) and isinstance(value, list) and key not in _COUNTED:
            whole[key] = known + [item for item in value if item not in known]
        elif value is not None or key not in whole:
            whole[key] = value
