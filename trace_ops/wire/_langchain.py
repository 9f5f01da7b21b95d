"""Models of LangChain that no SDK stands behind: what they were asked and gave within the process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire import _chat, _content, _langchain_pieces
from trace_ops.wire._events import Payload, count, dicts
from trace_ops.wire._values import arguments, finish_of, kind_of, left, mapping, parts_of, take, word_of
from trace_ops.wire.messages import (
    ChatRequest,
    ChatResponse,
    Finish,
    Message,
    Part,
    ReasoningPart,
    Role,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)

API = "langchain.model"

# The words are those of whatever provider a model speaks to.
_FINISH: dict[str, Finish] = {
    "stop": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "STOP": "stop",
    "length": "length",
    "max_tokens": "length",
    "MAX_TOKENS": "length",
    "tool_calls": "tool_calls",
    "tool_use": "tool_calls",
    "content_filter": "content_filter",
    "refusal": "content_filter",
}
_WHY = ("finish_reason", "stop_reason", "done_reason")
_NAMED = ("model_name", "model")
_ROLES: dict[str, Role] = {
    "ai": "assistant",
    "AIMessageChunk": "assistant",
    "human": "user",
    "system": "system",
}
_CALLS = (("type", "tool_call"), ("type", "tool_use"), ("type", "tool_call_chunk"))


def request(body: dict[str, Any], path: str = "") -> ChatRequest:
    """What a model is asked: a conversation, or prompts."""
    rest = dict(body)
    model = take(rest, "model", str) or path.rpartition("/")[2]
    given = take(rest, "messages", list) or []
    messages = [_asked(item, f"messages.{at}") for at, item in enumerate(given)]
    prompt, prompts = take(rest, "prompt", str), take(rest, "prompts", list) or []
    messages += [] if prompt is None else [Message("user", _parts_of(prompt), path="prompt")]
    messages += [Message("user", _parts_of(one), path=f"prompts.{at}") for at, one in enumerate(prompts)]
    tools = tuple(_chat.tool(item) for item in take(rest, "tools", list) or [])
    return ChatRequest(api=API, model=model, messages=tuple(messages), tools=tools, parameters=rest)


def response(body: dict[str, Any]) -> ChatResponse:
    """What a model gave: a message a generation."""
    rest = dict(body)
    given = _flat(take(rest, "generations", list) or [])
    said = [_given(item, f"generations.{at}") for at, item in enumerate(given)]
    about, output = [_about(item) for item in given], mapping(rest, "llm_output")
    words = [_word(known, _WHY) for known in about]
    return ChatResponse(
        api=API,
        model=_word({**output, **(about[0] if about else {})}, _NAMED),
        messages=tuple(said),
        finish=tuple(map(_finish, words, said)),
        finish_words=tuple(words),
        usage=_usage(given, output),
        extra=rest,
    )


def assemble(events: Iterable[Payload]) -> ChatResponse:
    """A streamed answer, put together: each piece holds what is new in it."""
    whole = _langchain_pieces.whole(list(dicts(events)))
    return replace(response({"generations": [whole] if whole else []}), complete=bool(whole))


def _flat(items: list[Any]) -> list[Any]:
    """The generations for all prompts, one after the other."""
    return [each for item in items for each in (item if isinstance(item, list) else [item])]


def _asked(given: Any, path: str) -> Message:
    if not isinstance(given, dict):
        return Message("user", (UnknownPart("message", given),), path=path)
    rest = dict(given)
    role, name = _content.role(rest), take(rest, "name", str)
    if role != "tool":
        return Message(role, _parts(rest), name, path, left(rest))
    failed = rest.get("status") == "error"
    identity, content = take(rest, "tool_call_id", str), rest.pop("content", None)
    return Message(role, (ToolResultPart(identity, content, name, failed),), path=path, extra=left(rest))


def _given(generation: Any, path: str) -> Message:
    if not isinstance(generation, dict):
        return Message("assistant", (UnknownPart("generation", generation),), path=path)
    rest = dict(generation)
    message = take(rest, "message", dict)
    if message is None:
        return Message("assistant", _parts_of(rest.pop("text", None)), path=path, extra=left(rest))
    inner = dict(message)
    role = _ROLES.get(str(inner.get("type")))
    if role is not None:
        del inner["type"]
    name, parts = take(inner, "name", str), _parts(inner)
    return Message(role or "assistant", parts, name, path, left({**rest, **inner}))


def _parts(rest: dict[str, Any]) -> tuple[Part, ...]:
    parts = _parts_of(rest.pop("content", None))
    calls = (take(rest, "tool_calls", list) or []) + (take(rest, "tool_call_chunks", list) or [])
    # Blocks of content may tell of the same calls.
    return (*parts, *(call for call in map(_call, calls) if call not in parts))


def _parts_of(content: Any) -> tuple[Part, ...]:
    return tuple(parts_of(content, _part))


def _part(given: Any) -> list[Part]:
    kind = kind_of(given, "")
    if kind in ("tool_call", "tool_use"):
        return [_call(given)]
    if kind not in ("reasoning", "thinking"):
        return _content.part(given)
    rest = {key: value for key, value in given.items() if key != "type"}
    return [ReasoningPart(take(rest, kind, str), left(rest))]


def _call(given: Any) -> Part:
    if not isinstance(given, dict):
        return UnknownPart("tool_call", given)
    rest = {key: value for key, value in given.items() if (key, value) not in _CALLS}
    name, identity = take(rest, "name", str), take(rest, "id", str)
    asked = arguments(rest.pop("args" if "args" in rest else "input", None))
    return ToolCallPart(identity, name or "", asked, extra=left(rest))


def _about(generation: Any) -> dict[str, Any]:
    if not isinstance(generation, dict):
        return {}
    metadata = mapping(mapping(generation, "message"), "response_metadata")
    return {**mapping(generation, "generation_info"), **metadata}


def _word(known: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((word for name in names if (word := word_of(known.get(name)))), None)


def _finish(word: str | None, said: Message) -> Finish | None:
    return finish_of(word, _FINISH) or ("tool_calls" if said.tool_calls else None)


def _usage(given: list[Any], output: dict[str, Any]) -> Usage | None:
    """The tokens of an answer: of its messages, or of the call as a whole, as OpenAI has them."""
    for generation in given:
        message = mapping(generation, "message") if isinstance(generation, dict) else {}
        told = mapping(message, "usage_metadata")
        read, written = count(told.get("input_tokens")), count(told.get("output_tokens"))
        if read is not None or written is not None:
            into, out = mapping(told, "input_token_details"), mapping(told, "output_token_details")
            cached = count(into.get("cache_read")), count(into.get("cache_creation"))
            return Usage(read, written, *cached, count(out.get("reasoning")))
    told = mapping(output, "token_usage")
    read, written = count(told.get("prompt_tokens")), count(told.get("completion_tokens"))
    return None if read is None and written is None else Usage(read, written)
