"""What kind of call a method and path are."""

from __future__ import annotations

import re

from trace_ops.trace import SpanKind

# Segments that say where the API is, not what is asked of it.
_PREFIXES = frozenset(
    {"", "openai", "api", "beta", "inference", "projects", "locations", "publishers", "models"}
)
_VERSION = re.compile(r"v\d\w*")
_ID = re.compile(r"[A-Za-z]+[-_](?=\w*\d)[\w-]{6,}|[0-9a-f-]{16,}|\d+|\{.*\}")
_GENERATES: dict[str, SpanKind] = {
    "chat.completions": "llm",
    "completions": "llm",
    "responses": "llm",
    "messages": "llm",
    "complete": "llm",
    "embeddings": "embedding",
}
_VERBS = {"GET": "list", "DELETE": "delete", "PATCH": "update", "PUT": "update"}
_CLOUD_MESSAGES = re.compile(r"/model/[^/]+/invoke|:(?:stream)?rawPredict$", re.IGNORECASE)


def operation(provider: str, method: str, path: str) -> tuple[SpanKind, str]:
    """The kind of span a call makes, and its label: ``("llm", "chat.completions")``.

    Only calls that generate are ``llm``; fetching, listing or deleting what was generated is ``custom``.
    """
    method = method.upper()
    if _CLOUD_MESSAGES.search(path):
        counts = "count-tokens" in path
        return ("custom", "messages.count_tokens") if counts else ("llm", "messages")
    segments = _segments(path)
    names = [segment for segment in segments if not _ID.fullmatch(segment)]
    label = ".".join(names) or path.strip("/") or provider
    if method == "POST":
        return (_GENERATES.get(label, "custom") if len(names) == len(segments) else "custom"), label
    on_one = len(segments) > 0 and segments[-1] not in names
    verb = "retrieve" if method == "GET" and on_one else _VERBS.get(method, method.lower())
    return "custom", f"{label}.{verb}"


def _segments(path: str) -> list[str]:
    segments = path.partition("?")[0].strip("/").split("/")
    if "deployments" in segments:
        segments = segments[segments.index("deployments") + 2 :]
    while len(segments) > 1 and (segments[0] in _PREFIXES or _VERSION.fullmatch(segments[0])):
        segments = segments[1:]
    return [segment for segment in segments if segment]
