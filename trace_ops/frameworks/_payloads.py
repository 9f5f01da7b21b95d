"""Where stores without a field for it keep the text of a document: in a field of its payload."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

TEXTS = ("text", "page_content", "document", "content", "chunk_text")
"""Where it is usually kept; the first that is there counts."""


def text_key(payloads: Iterable[Any]) -> str | None:
    """The field that holds the text of these documents."""
    payloads = list(payloads)
    return next((key for key in TEXTS if any(_has(payload, key) for payload in payloads)), None)


def told_key(key: str | None) -> dict[str, Any]:
    """What has to be kept to put the text back."""
    return {} if key in (None, TEXTS[0]) else {"text": key}


def parted(payload: Any, key: str | None) -> tuple[str | None, Any]:
    """The text of a document, and its payload without it."""
    if key is None or not _has(payload, key):
        return None, payload
    return payload[key], {name: one for name, one in payload.items() if name != key}


def whole(document: Mapping[str, Any], rest: Mapping[str, Any]) -> Any:
    """The payload of a document that was parted; ``rest`` has what :func:`told_key` told."""
    payload, text = document["metadata"], document["text"]
    return payload if text is None else {**(payload or {}), rest.get("text", TEXTS[0]): text}


def _has(payload: Any, key: str) -> bool:
    return isinstance(payload, Mapping) and isinstance(payload.get(key), str)
