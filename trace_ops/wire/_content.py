"""The parts of content, in the words of OpenAI's chat and of its Responses."""

from __future__ import annotations

from typing import Any

from trace_ops.wire._values import address, blob, left, mapping, said, take, uploaded, word_of
from trace_ops.wire.messages import Part, ReasoningPart, RefusalPart, Role, TextPart, UnknownPart

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant", "system": "system", "tool": "tool"}
_MEANT: dict[str, Role] = {"developer": "system", "function": "tool", "model": "assistant"}
_SAID: dict[str, tuple[str, type[TextPart | RefusalPart | ReasoningPart]]] = {
    "text": ("text", TextPart),
    "input_text": ("text", TextPart),
    "output_text": ("text", TextPart),
    "refusal": ("refusal", RefusalPart),
    "reasoning_text": ("text", ReasoningPart),
    "summary_text": ("text", ReasoningPart),
}
_TEXTS = frozenset({"text", "input_text", "output_text"})
_LINKED = {
    "image_url": "image",
    "input_image": "image",
    "video_url": "video",
    "audio_url": "audio",
    "file_url": "document",
}
_OFTEN_EMPTY = frozenset({"annotations", "logprobs"})


def part(given: Any) -> list[Part]:
    """One part of a message's content."""
    if isinstance(given, str):
        return [TextPart(given)] if given else []
    if not isinstance(given, dict):
        return [UnknownPart("content", given)]
    kind = word_of(given.get("type")) or ""
    if kind in _TEXTS and len(given) == 2 and isinstance(text := given.get("text"), str):
        # Nearly all of what is said, so not by way of a copy.
        return [TextPart(text)]
    rest = dict(given)
    rest.pop("type", None)
    found: Part | None = None
    if kind in _SAID:
        for key in _OFTEN_EMPTY & rest.keys():
            if not rest[key]:
                del rest[key]
        found = said(rest, *_SAID[kind])
    elif kind in _LINKED:
        found = _linked(rest, "image_url" if kind == "input_image" else kind, _LINKED[kind])
    elif kind == "input_audio":
        found = _audio(rest)
    elif kind in ("file", "input_file"):
        found = _file(rest, mapping(rest, "file") if kind == "file" else rest)
    return [found if found is not None else UnknownPart(kind or "content", given)]


def role(rest: dict[str, Any], otherwise: Role = "user") -> Role:
    """The role of a message; a word of the provider's for it stays, if it is another."""
    word = rest.get("role")
    if not isinstance(word, str):
        return otherwise
    known = _ROLES.get(word)
    if known is not None:
        del rest["role"]
    return known or _MEANT.get(word, otherwise)


def _linked(rest: dict[str, Any], key: str, modality: str) -> Part | None:
    given = rest.get(key)
    inner = {"url": given} if isinstance(given, str) else dict(mapping(rest, key))
    url = take(inner, "url", str)
    if url is not None:
        del rest[key]
        return address(modality, url, left({**rest, **inner}))
    file_id = take(rest, "file_id", str)
    return None if file_id is None else uploaded(modality, file_id, left(rest))


def _audio(rest: dict[str, Any]) -> Part | None:
    inner = dict(mapping(rest, "input_audio"))
    data, form = take(inner, "data", str), word_of(inner.pop("format", None))
    if data is None:
        return None
    rest.pop("input_audio")
    if data.startswith(("data:", "http:", "https:")):
        return address("audio", data, left({**rest, **inner}), f"audio/{form}" if form else None)
    return blob("audio", f"audio/{form}" if form else None, data, left({**rest, **inner}))


def _file(rest: dict[str, Any], given: dict[str, Any]) -> Part | None:
    inner = dict(given)
    outer = {} if rest is given else {key: value for key, value in rest.items() if key != "file"}
    for key in ("file_data", "file_url", "file_id"):
        value = take(inner, key, str)
        if value is None:
            continue
        extra = left({**outer, **inner})
        if key == "file_id":
            return uploaded("document", value, extra)
        if key == "file_url" or value.startswith(("data:", "http:", "https:")):
            return address("document", value, extra)
        return blob("document", None, value, extra)
    return None
