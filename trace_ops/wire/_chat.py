"""OpenAI chat completions, and those who speak their format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire._content import part, role
from trace_ops.wire._deltas import merge
from trace_ops.wire._events import DONE, Payload, count, data_of, says
from trace_ops.wire._values import (
    Read,
    arguments,
    blob,
    finish_of,
    kind_of,
    left,
    mapping,
    model_in,
    parts_of,
    take,
    word_of,
)
from trace_ops.wire.messages import (
    BlobPart,
    ChatRequest,
    ChatResponse,
    Finish,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
    UnknownPart,
)

API = "openai.chat"

FINISH: dict[str, Finish] = {
    "stop": "stop",
    "eos": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "error": "error",
}
# Padding that keeps the size of events from telling what is in them.
_PADDING = "obfuscation"


def request(body: dict[str, Any], path: str = "") -> ChatRequest:
    """What a model is asked."""
    rest = dict(body)
    model = take(rest, "model", str) or model_in(path)
    messages = take(rest, "messages", list) or []
    tools = [*(take(rest, "tools", list) or []), *(take(rest, "functions", list) or [])]
    return ChatRequest(
        api=API,
        model=model,
        messages=tuple(message(given, f"messages.{at}") for at, given in enumerate(messages)),
        tools=tuple(tool(given) for given in tools),
        parameters=rest,
    )


def response(body: dict[str, Any], api: str = API) -> ChatResponse:
    """What a model answered."""
    rest = dict(body)
    model = take(rest, "model", str) or None
    choices = take(rest, "choices", list) or []
    words = [word_of(choice.get("finish_reason")) if isinstance(choice, dict) else None for choice in choices]
    return ChatResponse(
        api=api,
        model=model,
        messages=tuple(_choice(given, at) for at, given in enumerate(choices)),
        finish=tuple(finish_of(word, FINISH) for word in words),
        finish_words=tuple(words),
        usage=usage(rest.get("usage") or mapping(rest, "x_groq").get("usage")),
        error=rest.pop("error", None),
        extra=rest,
    )


def assemble(events: Iterable[Payload], api: str = API) -> ChatResponse:
    """A streamed answer, put together; the first choice first."""
    whole: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    done = False
    for event in events:
        done = done or event.data == DONE
        if not isinstance(event.data, dict):
            continue
        for key, value in event.data.items():
            if key == "choices" and isinstance(value, list):
                for choice in value:
                    _gather(choices, choice)
            elif key in ("id", "created", "model"):
                whole[key] = whole.get(key) or value
            elif key == "object" and isinstance(value, str):
                whole[key] = value.removesuffix(".chunk")
            elif isinstance(value, dict):
                whole[key] = {**mapping(whole, key), **value}
            elif key != _PADDING and (value is not None or key not in whole):
                whole[key] = value
    whole["choices"] = [choice for _, choice in sorted(choices.items())]
    found = response(whole, api)
    ended = done or (bool(found.finish_words) and None not in found.finish_words)
    return replace(found, complete=ended and found.error is None)


def message(given: Any, path: str) -> Message:
    """One message of a conversation."""
    if not isinstance(given, dict):
        return Message("user", (UnknownPart("message", given),), path=path)
    rest = dict(given)
    speaker = role(rest)
    if speaker == "tool":
        name = take(rest, "name", str)
        return Message(speaker, (_result(rest, name),), None, path, left(rest))
    parts = _said_in(rest)
    if not rest:
        return Message(speaker, tuple(parts), None, path)
    return Message(speaker, tuple(parts), take(rest, "name", str), path, left(rest))


def tool(given: Any) -> ToolDefinition:
    """A tool as it is offered: a function, a custom tool, or one of the provider's own."""
    kind = kind_of(given, "function")
    rest = dict(given) if isinstance(given, dict) else {"value": given}
    inner = take(rest, kind, dict)
    if rest.get("type") == "function":
        del rest["type"]
    rest = {**rest, **inner} if inner is not None else rest
    name = take(rest, "name", str)
    description = take(rest, "description", str)
    return ToolDefinition(
        kind if name is None else name, description, rest.pop("parameters", None), rest or None
    )


def tool_call(given: Any) -> Part:
    """A call of a tool, as messages and answers hold it."""
    rest = dict(given) if isinstance(given, dict) else {}
    kind = "custom" if "custom" in rest and "function" not in rest else "function"
    inner = dict(mapping(rest, kind))
    name = take(inner, "name", str)
    if name is None:
        return UnknownPart("tool_call", given)
    called = inner.pop("input", None) if kind == "custom" else arguments(inner.pop("arguments", None))
    del rest[kind]
    if rest.get("type") == kind:
        del rest["type"]
    call_id = take(rest, "id", str)
    return ToolCallPart(call_id, name, called, False, left({**rest, **inner}) if rest or inner else None)


def _choice(given: Any, at: int) -> Message:
    path = f"choices.{at}"
    if not isinstance(given, dict):
        return Message("assistant", (UnknownPart("choice", given),), path=path)
    rest = dict(given)
    take(rest, "finish_reason", str)
    if rest.get("index") == at:
        del rest["index"]
    text = take(rest, "text", str)
    key = "message" if isinstance(rest.get("message"), dict) or "delta" not in rest else "delta"
    inner = dict(take(rest, key, dict) or {})
    speaker = role(inner, "assistant")
    name = take(inner, "name", str)
    parts = _said_in(inner)
    # Together says the same both ways in its streams.
    if text and not any(isinstance(said, TextPart) and said.content == text for said in parts):
        parts.insert(0, TextPart(text))
    extra = left(inner) or {}
    if choice := left(rest):
        extra["choice"] = choice
    return Message(speaker, tuple(parts), name, f"{path}.{key}", extra or None)


def _said_in(rest: dict[str, Any]) -> list[Part]:
    """Take the parts out of a message: thoughts, content, refusal, calls."""
    parts = parts_of(rest.pop("content", None), part)
    if not rest:
        return parts
    parts[:0] = _thoughts(rest)
    if refusal := take(rest, "refusal", str):
        parts.append(RefusalPart(refusal))
    if spoken := _spoken(rest):
        parts.append(spoken)
    if calls := take(rest, "tool_calls", list):
        parts += [tool_call(call) for call in calls]
    if call := take(rest, "function_call", dict):
        parts.append(tool_call({"function": call}))
    return parts


def _spoken(rest: dict[str, Any]) -> BlobPart | None:
    """What is said aloud, with its transcript beside it; later turns refer to it by an id only."""
    audio = dict(mapping(rest, "audio"))
    data = take(audio, "data", str)
    if data is None:
        return None
    del rest["audio"]
    return blob("audio", None, data, left(audio))


def _thoughts(rest: dict[str, Any]) -> list[Part]:
    first, second = take(rest, "reasoning_content", str), take(rest, "reasoning", str)
    # Some send the same under both names.
    return [ReasoningPart(text) for text in dict.fromkeys((first, second)) if text]


def _result(rest: dict[str, Any], name: str | None) -> ToolResultPart:
    content = rest.pop("content", None)
    if isinstance(content, list):
        content = [found for item in content for found in part(item)]
    return ToolResultPart(take(rest, "tool_call_id", str), content, name)


def _gather(choices: dict[int, dict[str, Any]], given: Any) -> None:
    if not isinstance(given, dict):
        return
    index = given.get("index")
    choice = choices.setdefault(index if isinstance(index, int) else 0, {})
    delta = given.get("delta")
    for key, value in given.items():
        if key == "delta" and isinstance(value, dict):
            merge(choice, {"message": value})
        elif key == "message" and isinstance(delta, dict):
            # Perplexity sends the whole message so far beside what is new in it.
            continue
        elif key == "text" and isinstance(value, str):
            known = choice.get("text")
            choice["text"] = known + value if isinstance(known, str) else value
        elif key == "logprobs" and isinstance(value, dict):
            merge(choice, {key: value})
        elif value is not None or key not in choice:
            choice[key] = value


def read_stream(events: Sequence[str]) -> Read:
    """Sum up a stream; parses its first event and those that say something new."""
    model: str | None = None
    used: Usage | None = None
    finish: str | None = None
    tools: list[str] = []
    for event in events:
        names_tool = '"name"' in event and ('"tool_calls"' in event or '"function_call"' in event)
        if model and not names_tool and not says(event, "usage") and not says(event, "finish_reason"):
            continue
        data = data_of(event)
        model = model or data.get("model") or None
        used = usage(data.get("usage") or (data.get("x_groq") or {}).get("usage")) or used
        for choice in data.get("choices") or []:
            tools += _tools(choice.get("delta") or {})
            if not choice.get("index"):
                finish = choice.get("finish_reason") or finish
    return model, used, tools, finish


def usage(given: Any) -> Usage | None:
    """The usage object of chat, completions and embeddings."""
    if not isinstance(given, dict):
        return None
    read_in = count(given.get("prompt_tokens"))
    written = count(given.get("completion_tokens"))
    details = mapping(given, "prompt_tokens_details")
    reasoning = count(mapping(given, "completion_tokens_details").get("reasoning_tokens"))
    total = count(given.get("total_tokens"))
    if read_in is None and written is None and total is None:
        return None
    if total and read_in is not None and written is not None and total > read_in + written:
        # Some providers count reasoning in the total only; it is paid for as output.
        written = total - read_in
    if read_in is None and written is None:
        read_in = total
    cached = count(details.get("cached_tokens"))
    return Usage(
        input=read_in,
        output=written,
        cache_read=count(given.get("prompt_cache_hit_tokens")) if cached is None else cached,
        cache_write=count(details.get("cache_write_tokens")),
        reasoning=reasoning,
    )


def _tools(message: dict[str, Any]) -> list[str]:
    calls = [call.get("function") or call.get("custom") or {} for call in message.get("tool_calls") or []]
    calls.append(message.get("function_call") or {})
    return [call["name"] for call in calls if call.get("name")]
