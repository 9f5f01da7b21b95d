"""What kind of call a method and path are."""

from __future__ import annotations

import re
from functools import lru_cache

from trace_ops.trace import SpanKind

# The end of the path decides: gateways and clouds put what they like before it.
_GENERATES: tuple[tuple[str, SpanKind], ...] = (
    ("chat.completions", "llm"),
    ("completions", "llm"),
    ("responses", "llm"),
    ("messages", "llm"),
    ("complete", "llm"),
    ("embeddings", "embedding"),
)
_STORES = frozenset({"threads", "conversations", "batches"})
# Where one word is all there is, the version before it must be theirs.
_ONE_WORD: dict[str, SpanKind] = {"chat": "llm", "generate": "llm", "embed": "embedding"}
_ONE_WORD_PATH = re.compile(r"(?:^|/)(?:v1|v2|api)/(chat|generate|embed)/?$")
_GOOGLE = re.compile(r"/(?P<model>[^/:]+):(?P<verb>[a-zA-Z]+)$")
_GOOGLE_VERBS: dict[str, tuple[SpanKind, str]] = {
    "generateContent": ("llm", "generateContent"),
    "streamGenerateContent": ("llm", "generateContent"),
    "embedContent": ("embedding", "embedContent"),
    "batchEmbedContents": ("embedding", "batchEmbedContents"),
}
_BEDROCK = re.compile(r"/model/(?P<model>.+)/(?P<verb>invoke|converse)(?:-with-response-stream|-stream)?$")
_IMAGES = re.compile(r"image|canvas|reel|stability|stable-")

_PREFIXES = frozenset({"openai", "api", "beta", "inference"})
_VERSION = re.compile(r"v\d\w*")
_ID = re.compile(r"[A-Za-z]+[-_](?=\w*[\dA-Z])[\w-]{6,}|[0-9a-f-]{16,}|\d+|\{.*\}")
_NAMED = frozenset({"models", "engines", "model"})
_VERBS = {"GET": "list", "DELETE": "delete", "PATCH": "update", "PUT": "update"}


@lru_cache(maxsize=1024)
def operation(provider: str, method: str, path: str) -> tuple[SpanKind, str]:
    """The kind of span a call makes, and its label: ``("llm", "chat.completions")``.

    Only calls that generate are ``llm``; fetching, listing or deleting what was generated is ``custom``.
    """
    method = method.upper()
    if method == "CALL":  # of a model within the process, by its name
        return "llm", path.removeprefix("/")
    if method == "POST" and (found := _in_cloud(path.partition("?")[0])):
        return found
    segments = [segment for segment in path.partition("?")[0].split("/") if segment]
    if method == "POST" and _STORES.isdisjoint(segments):
        whole = "." + ".".join(segments)
        for end, kind in _GENERATES:
            if whole.endswith("." + end):
                return kind, end
    return "custom", _label(method, segments) or provider


def _in_cloud(path: str) -> tuple[SpanKind, str] | None:
    """What the paths of Google, Bedrock, Cohere and Ollama are."""
    if (at := _BEDROCK.search(path)) is not None:
        return _on_bedrock(at["model"].lower(), at["verb"])
    if (named := _ONE_WORD_PATH.search(path)) is not None:
        return _ONE_WORD[named[1]], named[1]
    if (at := _GOOGLE.search(path)) is None:
        return None
    model, verb = at["model"], at["verb"]
    if verb.lower() in ("rawpredict", "streamrawpredict"):
        if model == "count-tokens":
            return "custom", "messages.count_tokens"
        return "llm", "messages" if "/anthropic/" in path else "rawPredict"
    if verb == "predict" and "embedding" in model:
        return "embedding", verb
    return _GOOGLE_VERBS.get(verb, ("custom", verb))


def _on_bedrock(model: str, verb: str) -> tuple[SpanKind, str]:
    if verb == "converse":
        return "llm", verb
    if "embed" in model:
        return "embedding", verb
    if _IMAGES.search(model):
        return "custom", verb
    return "llm", "messages" if "anthropic" in model else verb


def _label(method: str, segments: list[str]) -> str:
    """The names in a path, and what is done to them: ``files.content.list``."""
    if "deployments" in segments:
        segments = segments[segments.index("deployments") + 2 :]
    while len(segments) > 1 and (segments[0] in _PREFIXES or _VERSION.fullmatch(segments[0])):
        segments = segments[1:]
    names = [
        name
        for before, name in zip(["", *segments], segments, strict=False)
        if before not in _NAMED and not _ID.fullmatch(name)
    ]
    if method == "POST" or not names:
        return ".".join(names)
    on_one = names[-1] != segments[-1]
    return ".".join(
        [*names, "retrieve" if method == "GET" and on_one else _VERBS.get(method, method.lower())]
    )
