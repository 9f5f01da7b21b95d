"""Mistral's chat: OpenAI's, with content of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire import _chat, _content
from trace_ops.wire._events import Payload, count
from trace_ops.wire._values import address, blob, finish_of, kind_of, left, mapping, parts_of, take, uploaded
from trace_ops.wire.messages import (
    ChatRequest,
    ChatResponse,
    Finish,
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolResultPart,
    UnknownPart,
)

API = "mistral.chat"

_FINISH: dict[str, Finish] = {**_chat.FINISH, "model_length": "length"}
_OWN = frozenset(("thinking", "reference"))
# Padding that keeps the size of events from telling what is in them.
_PADDING = "p"


def request(body: dict[str, Any], path: str = "") -> ChatRequest:
    """What a model is asked."""
    found = _chat.request(body, path)
    return replace(found, api=API, messages=tuple(map(_message, found.messages)))


def response(body: dict[str, Any]) -> ChatResponse:
    """What a model answered."""
    return _read(_chat.response(body))


def assemble(events: Iterable[Payload]) -> ChatResponse:
    """A streamed answer, put together. Its content comes as text, or as parts of it, in turns."""
    said: dict[int, list[Any]] = {}
    bare = [Payload(event.name, _without_content(event.data, said)) for event in events]
    found = _chat.assemble(bare)
    messages = [
        replace(message, parts=(*parts_of(content, part), *message.parts))
        for message, (_, content) in zip(found.messages, sorted(said.items()))
    ]
    return _read(replace(found, messages=tuple(messages) or found.messages))


def is_answer(body: dict[str, Any]) -> bool:
    """Whether an answer, or an event of one, of OpenAI's shape holds what only Mistral's hold."""
    choices = body.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        said = choice.get("message") or choice.get("delta") if isinstance(choice, dict) else None
        content = said.get("content") if isinstance(said, dict) else None
        if isinstance(content, list) and any(kind_of(item, "") in _OWN for item in content):
            return True
    return False


def part(given: Any) -> list[Part]:
    """One part of content; what is not Mistral's own is OpenAI's."""
    return [_own(read) for read in _content.part(given)]


def usage(given: Any) -> Usage | None:
    """The usage object, which may name cached tokens in a way of its own."""
    found = _chat.usage(given)
    if found is None or found.cache_read is not None or not isinstance(given, dict):
        return found
    return replace(found, cache_read=count(given.get("num_cached_tokens")))


def _read(found: ChatResponse) -> ChatResponse:
    return replace(
        found,
        api=API,
        messages=tuple(map(_message, found.messages)),
        finish=tuple(finish_of(word, _FINISH) for word in found.finish_words),
        usage=usage(found.extra.get("usage")),
    )


def _message(read: Message) -> Message:
    return replace(read, parts=tuple(map(_own, read.parts)))


def _own(read: Part) -> Part:
    """What OpenAI has no such part for."""
    if isinstance(read, ToolResultPart) and isinstance(read.response, list):
        return replace(read, response=[_own(item) for item in read.response])
    if not isinstance(read, UnknownPart) or not isinstance(read.value, dict):
        return read
    rest = dict(read.value)
    kind = rest.pop("type", None)
    found: Part | None = None
    if kind == "thinking":
        found = _thoughts(rest)
    elif kind == "document_url":
        url = take(rest, "document_url", str)
        found = None if url is None else address("document", url, left(rest))
    elif kind == "input_audio":
        sound = take(rest, "input_audio", str)
        found = None if sound is None else blob("audio", None, sound, left(rest))
    elif kind == "file":
        file_id = take(rest, "file_id", str)
        found = None if file_id is None else uploaded("document", file_id, left(rest))
    return read if found is None else found


def _thoughts(rest: dict[str, Any]) -> Part | None:
    given = rest.pop("thinking", None)
    said = parts_of(given, _content.part)
    texts = [item.content for item in said if isinstance(item, TextPart)]
    if len(texts) < len(said) or not isinstance(given, (str, list)):
        return None
    return ReasoningPart("".join(texts) or None, left(rest))


def _without_content(data: Any, said: dict[int, list[Any]]) -> Any:
    """An event without the content in it, which is added to what has been said so far."""
    if not isinstance(data, dict):
        return data
    rest = {key: value for key, value in data.items() if key != _PADDING}
    choices = data.get("choices")
    if isinstance(choices, list):
        rest["choices"] = [_heard(choice, said) for choice in choices]
    return rest


def _heard(choice: Any, said: dict[int, list[Any]]) -> Any:
    if not isinstance(choice, dict):
        return choice
    index = choice.get("index")
    known = said.setdefault(index if isinstance(index, int) else 0, [])
    delta = mapping(choice, "delta")
    content = delta.get("content")
    if isinstance(content, str):
        content = [{"type": "text", "text": content}] if content else []
    if not isinstance(content, list):
        return choice
    for item in content:
        if not _grown(known[-1] if known else None, item):
            known.append(dict(item) if isinstance(item, dict) else item)
    return {**choice, "delta": {key: value for key, value in delta.items() if key != "content"}}


def _grown(last: Any, new: Any) -> bool:
    """Whether what is new could be added to the part before it, which is of its kind."""
    if not isinstance(last, dict) or not isinstance(new, dict) or last.get("type") != new.get("type"):
        return False
    key = last.get("type")
    before, after = (last.get(key), new.get(key)) if isinstance(key, str) else (None, None)
    if key == "text" and isinstance(before, str) and isinstance(after, str):
        last.update(new, text=before + after)
    elif key == "thinking" and isinstance(before, list) and isinstance(after, list):
        last.update(new, thinking=before + after)
    else:
        return False
    return True
