"""Take what is understood out of a JSON object, and what it holds as typed parts.

A reader copies the object, takes what it understands, and keeps the rest: so nothing is dropped, and a
value of another type than expected is never taken.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar
from urllib.parse import unquote

from trace_ops.trace import Usage
from trace_ops.wire.messages import (
    BlobPart,
    ChatResponse,
    Extra,
    FilePart,
    Finish,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    UnknownPart,
    UriPart,
)

T = TypeVar("T")

Read: TypeAlias = tuple[str | None, Usage | None, list[str], str | None]
"""Model, usage, names of the tools asked for, and the provider's word for why an answer ended."""

_DATA_URI = re.compile(r"data:(?P<mime>[^,]*?)(?P<base64>;base64)?,", re.IGNORECASE)
_IN_PATH = re.compile(r"/(?:models?|deployments|engines)/([^/:]+(?::\d+)?)")


def take(rest: dict[str, Any], key: str, kind: type[T]) -> T | None:
    """Remove and return the value of a key if it is of a type; else leave it and return ``None``."""
    value = rest.get(key)
    if isinstance(value, kind):
        del rest[key]
        return value
    return None


def mapping(body: dict[str, Any], key: str) -> dict[str, Any]:
    """The object at a key, an empty one if there is none."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def left(rest: dict[str, Any]) -> Extra:
    """What was not taken, without nulls, as the ``extra`` of a part or a message."""
    return ({key: value for key, value in rest.items() if value is not None} or None) if rest else None


def kind_of(value: Any, otherwise: str) -> str:
    """The ``type`` an object gives itself."""
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else otherwise


def parts_of(content: Any, part: Callable[[Any], list[Part]], unknown: str = "content") -> list[Part]:
    """A text or a list of parts, as most providers let content be; an empty text says nothing."""
    if isinstance(content, str):
        return [TextPart(content)] if content else []
    if isinstance(content, list):
        return [found for item in content for found in part(item)]
    return [] if content is None else [UnknownPart(unknown, content)]


def said(rest: dict[str, Any], key: str, kind: type[TextPart | RefusalPart | ReasoningPart]) -> Part | None:
    """A part that consists of the text at a key, and of what else the object says."""
    text = take(rest, key, str)
    return None if text is None else kind(text, left(rest))


def arguments(given: Any) -> Any:
    """What a tool is called with: the JSON in a text, or the text where it is none."""
    if not isinstance(given, str):
        return given
    if not given.strip():
        return {}
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return given


def blob(modality: str, mime: str | None, data: str, extra: Extra = None) -> BlobPart:
    """Data in base64; what is none (it was shortened or replaced) is hashed as the text it is."""
    encoded: str | None = data
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raw, encoded = data.encode("utf-8", "surrogatepass"), None
    return BlobPart(
        _modality(mime, modality), mime, hashlib.sha256(raw).hexdigest(), len(raw), extra, encoded
    )


def address(modality: str, url: str, extra: Extra = None, mime: str | None = None) -> Part:
    """Data at an address, or in it (``data:image/png;base64,...``)."""
    head = _DATA_URI.match(url[:200])
    if head is None:
        return UriPart(_modality(mime, modality), mime, url, extra)
    return blob(modality, head["mime"] or mime, url[head.end() :], extra)


def uploaded(modality: str, file_id: str, extra: Extra = None) -> FilePart:
    """Data that was uploaded before."""
    return FilePart(modality, file_id, extra)


def finish_of(word: Any, words: dict[str, Finish]) -> Finish | None:
    """The shared word for a provider's own; ``None`` while it gives none."""
    return words.get(word, "other") if isinstance(word, str) and word else None


def word_of(value: Any) -> str | None:
    """A text; ``None`` for anything else."""
    return value if isinstance(value, str) else None


def outline(found: ChatResponse) -> Read:
    """An answer in short; tools that the provider runs itself are not asked of anyone."""
    tools = [call.name for turn in found.messages for call in turn.tool_calls if not call.server]
    return found.model, found.usage, tools, next(iter(found.finish_words), None)


def model_in(path: str) -> str | None:
    """The model, or the deployment of one, that a path names."""
    found = _IN_PATH.search(path)
    return unquote(found[1]) if found else None


def _modality(mime: str | None, otherwise: str) -> str:
    kind = (mime or "").partition("/")[0].lower()
    return kind if kind in ("image", "audio", "video") else otherwise
