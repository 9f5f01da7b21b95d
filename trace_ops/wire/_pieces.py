"""What each event of a streamed answer adds to it: what a reader saw come, piece by piece.

The pieces of the text, put together, are the text that the assemblers read; a call of a tool is its name, a
space, and its arguments as they came, each call on a line of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from trace_ops.wire import _bedrock, _cohere_v1, _google_parts, _mistral, _ollama, _prompts
from trace_ops.wire._events import Payload, payload_of
from trace_ops.wire._items import parts_of_item
from trace_ops.wire._output import GROWS
from trace_ops.wire._values import kind_of, mapping, parts_of
from trace_ops.wire.messages import Part, ReasoningPart, RefusalPart, TextPart, ToolCallPart


class Piece(NamedTuple):
    """A piece of an answer."""

    type: Literal["text", "reasoning", "tool_call"]
    text: str


class _SoFar:
    """What has been said: which calls of tools have begun, and how long a text is."""

    def __init__(self) -> None:
        self._calls: set[Any] = set()
        self._lengths: dict[Any, int] = {}

    def begin(self, call: Any, name: Any) -> Iterator[Piece]:
        """The name of a tool, which some providers repeat; ``None`` as the call is one of its own."""
        if not isinstance(name, str) or not name or (call is not None and call in self._calls):
            return
        yield Piece("tool_call", f"{name} " if not self._calls else f"\n{name} ")
        self._calls.add(len(self._calls) if call is None else call)

    def whole_call(self, name: Any, arguments: Any) -> Iterator[Piece]:
        """A call in one piece."""
        yield from self.begin(None, name)
        yield Piece("tool_call", _json(arguments))

    def add(self, kind: Any, key: Any, text: Any) -> Iterator[Piece]:
        """A piece of a text that some other event may tell whole."""
        if isinstance(text, str):
            self._lengths[key] = self._lengths.get(key, 0) + len(text)
            yield Piece(kind, text)

    def rest(self, kind: Any, key: Any, text: Any) -> Iterator[Piece]:
        """What is new in a text that is told whole."""
        if isinstance(text, str):
            yield from self.add(kind, key, text[self._lengths.get(key, 0) :])


Tell: TypeAlias = Callable[[Payload, _SoFar], Iterable[Piece]]


def said(api: str | None, events: Sequence[str]) -> list[tuple[Piece, ...]]:
    """What each event of a stream in a wire format adds to the first choice of the answer."""
    so_far = _SoFar()
    tell = _TELLERS.get(api or "")
    return [tuple(_told(event, tell, so_far)) if tell else () for event in events]


def _told(event: str, tell: Tell, so_far: _SoFar) -> Iterator[Piece]:
    payload = payload_of(event)
    if payload is not None and isinstance(payload.data, dict):
        yield from (piece for piece in tell(payload, so_far) if piece.text)


def _of_part(part: Part, so_far: _SoFar) -> Iterator[Piece]:
    if isinstance(part, (TextPart, RefusalPart)):
        yield Piece("text", part.content)
    elif isinstance(part, ReasoningPart):
        yield Piece("reasoning", part.content or "")
    elif isinstance(part, ToolCallPart):
        yield from so_far.whole_call(part.name, part.arguments)


def _chat(event: Payload, so_far: _SoFar) -> Iterator[Piece]:
    for choice in _dicts(event.data.get("choices")):
        if choice.get("index") in (0, None):
            delta = mapping(choice, "delta")
            yield from _said_in(delta, so_far)
            if choice.get("text") != delta.get("content"):
                yield from so_far.add("text", None, choice.get("text"))


def _said_in(delta: dict[str, Any], so_far: _SoFar) -> Iterator[Piece]:
    thoughts = (delta.get("reasoning_content"), delta.get("reasoning"))
    # Some send the same under both names.
    for thought in dict.fromkeys(filter(_is_text, thoughts)):
        yield from so_far.add("reasoning", None, thought)
    for part in parts_of(delta.get("content"), _mistral.part):
        yield from _of_part(part, so_far)
    yield from so_far.add("text", None, delta.get("refusal"))
    called = mapping(delta, "function_call")
    calls = [*_dicts(delta.get("tool_calls")), *([{"function": called}] if called else [])]
    for call in calls:
        inner = mapping(call, "function") or mapping(call, "custom")
        yield from so_far.begin(call.get("index"), inner.get("name"))
        yield from so_far.add("tool_call", None, inner.get("arguments", inner.get("input")))


def _messages(event: Payload, so_far: _SoFar) -> Iterator[Piece]:
    block, delta = mapping(event.data, "content_block"), mapping(event.data, "delta")
    if kind_of(block, "").endswith("tool_use"):
        yield from so_far.begin(("block", event.data.get("index")), block.get("name"))
        if block.get("input"):
            yield Piece("tool_call", _json(block["input"]))
    for given in (block, delta) if event.data.get("type") != "message_delta" else ():
        yield from so_far.add("text", None, given.get("text"))
        yield from so_far.add("reasoning", None, given.get("thinking"))
        yield from so_far.add("tool_call", None, given.get("partial_json"))


_RESPONSES: dict[str, Literal["text", "reasoning", "tool_call"]] = {
    "response.output_text": "text",
    "response.refusal": "text",
    "response.reasoning_text": "reasoning",
    "response.reasoning_summary_text": "reasoning",
}
_OF_PIECE = {
    "output_text": "response.output_text",
    "refusal": "response.refusal",
    "reasoning_text": "response.reasoning_text",
    "summary_text": "response.reasoning_summary_text",
}


def _responses(event: Payload, so_far: _SoFar) -> Iterator[Piece]:
    data = event.data
    about, _, what = kind_of(data, "").rpartition(".")
    at = data.get("output_index")
    if about in GROWS:
        _, number, field = GROWS[about]
        key = (at, data.get(number) if number else None, field if number else "arguments")
        kind = _RESPONSES.get(about, "tool_call")
        if what == "delta":
            yield from so_far.add(kind, key, data.get("delta"))
        else:
            yield from so_far.rest(kind, key, data.get(field))
    elif about == "response.output_item":
        yield from _item(at, mapping(data, "item"), so_far, is_over=what == "done")
    elif about == "response":
        for at, item in enumerate(_dicts(mapping(data, "response").get("output"))):
            yield from _item(at, item, so_far, is_over=what == "completed")


def _item(at: Any, item: dict[str, Any], so_far: _SoFar, *, is_over: bool) -> Iterator[Piece]:
    """What is new in an item of the output that is told as far as it came."""
    for pieces in ("summary", "content"):
        for number, piece in enumerate(_dicts(item.get(pieces))):
            about = _OF_PIECE.get(kind_of(piece, ""))
            if about is not None:
                field = GROWS[about][2]
                yield from so_far.rest(_RESPONSES[about], (at, number, field), piece.get(field))
    for call in parts_of_item(item) if kind_of(item, "").endswith("_call") else ():
        if isinstance(call, ToolCallPart):
            yield from so_far.begin(("item", at), call.name)
            typed = [item[field] for field in ("arguments", "input", "code") if _is_text(item.get(field))]
            whole = typed[0] if typed else _json(call.arguments) if is_over else None
            yield from so_far.rest("tool_call", (at, None, "arguments"), whole)


def _generate_content(event: Payload, so_far: _SoFar) -> Iterator[Piece]:
    for candidate in _dicts(_google_parts.listed(event.data.get("candidates"))):
        if candidate.get("index") in (0, None):
            for part in _google_parts.content(candidate.get("content"))[0]:
                yield from _of_part(part, so_far)


def _converse(event: Payload, so_far: _SoFar) -> Iterator[Piece]:
    _, data = _bedrock.event_of(event)
    at = data.get("contentBlockIndex")
    for delta in (mapping(data, "start"), mapping(data, "delta")):
        call = mapping(delta, "toolUse")
        yield from so_far.begin(("block", at), call.get("name"))
        yield from so_far.add("tool_call", None, call.get("input"))
        yield from so_far.add("reasoning", None, mapping(delta, "reasoningContent").get("text"))
        yield from so_far.add("text", None, delta.get("text"))


def _cohere(event: Payload, so_far: _SoFar) -> Iterator[Piece]:
    message = mapping(mapping(event.data, "delta"), "message")
    content, call = mapping(message, "content"), mapping(mapping(message, "tool_calls"), "function")
    yield from so_far.add("reasoning", None, message.get("tool_plan"))
    yield from so_far.add("reasoning", None, content.get("thinking"))
    yield from so_far.add("text", None, content.get("text"))
    yield from so_far.begin(("call", event.data.get("index")), call.get("name"))
    yield from so_far.add("tool_call", None, call.get("arguments"))


def _cohere_v1_chat(event: Payload, so_far: _SoFar) -> Iterator[Piece]:
    kind = event.data.get("event_type")
    if kind == "text-generation":
        yield from so_far.add("text", "text", event.data.get("text"))
    elif kind == "tool-calls-generation":
        for part in map(_cohere_v1.call, _dicts(event.data.get("tool_calls"))):
            yield from _of_part(part, so_far)
    elif kind == "stream-end":
        yield from so_far.rest("text", "text", mapping(event.data, "response").get("text"))


def _ollama_lines(event: Payload, so_far: _SoFar) -> Iterator[Piece]:
    for message in _ollama.response(event.data).messages:
        for part in message.parts:
            yield from _of_part(part, so_far)


def _prompted(event: Payload, so_far: _SoFar) -> Iterator[Piece]:
    rest = dict(event.data)
    again = rest.pop("response", None)
    for text in _prompts.texts(rest)[:1] if rest.get("index") in (0, None) else ():
        yield from so_far.add("text", "text", text)
    if isinstance(again, dict):
        for text in _prompts.texts(again)[:1]:
            yield from so_far.rest("text", "text", text)


_TELLERS: dict[str, Tell] = {
    "openai.chat": _chat,
    "openai.completions": _chat,
    "mistral.chat": _chat,
    "openai.responses": _responses,
    "anthropic.messages": _messages,
    "google.generateContent": _generate_content,
    "bedrock.converse": _converse,
    "cohere.chat.v2": _cohere,
    "cohere.chat": _cohere_v1_chat,
    "ollama.chat": _ollama_lines,
    "ollama.generate": _ollama_lines,
    "cohere.generate": _prompted,
    "anthropic.complete": _prompted,
    "bedrock.invoke": _prompted,
}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
