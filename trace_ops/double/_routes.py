"""Which endpoint answers which path."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from trace_ops.double import (
    _anthropic,
    _cohere,
    _google,
    _mistral,
    _ollama,
    _openai_chat,
    _openai_responses,
    _openai_rest,
)
from trace_ops.double._reply import Reply
from trace_ops.double._request import Dialect, Incoming, ReceivedRequest

Endpoint = Callable[[Incoming], Reply]

_OPENAI = r"(?:/v1|/openai/v1|/openai/deployments/(?P<deployment>[^/]+)|/openai)"
_VERTEX = r"/v1/projects/[^/]+/locations/[^/]+/publishers/anthropic/models/(?P<model>[^/:]+)"
_OPENAI_ROUTES: list[tuple[str, str, Endpoint]] = [
    ("POST", r"/chat/completions", _openai_chat.chat),
    ("POST", r"/completions", _openai_chat.completion),
    ("POST", r"/responses", _openai_responses.create),
    ("POST", r"/responses/input_tokens", _openai_responses.input_tokens),
    ("GET", r"/responses/(?P<id>[^/]+)", _openai_responses.retrieve),
    ("DELETE", r"/responses/(?P<id>[^/]+)", _openai_responses.delete),
    ("GET", r"/responses/(?P<id>[^/]+)/input_items", _openai_responses.input_items),
    ("POST", r"/embeddings", _openai_rest.embeddings),
    ("GET", r"/models", _openai_rest.models),
    ("GET", r"/models/(?P<id>[^/]+)", _openai_rest.model),
    ("POST", r"/files", _openai_rest.upload_file),
    ("GET", r"/files", _openai_rest.files),
    ("GET", r"/files/(?P<id>[^/]+)", _openai_rest.file),
    ("GET", r"/files/(?P<id>[^/]+)/content", _openai_rest.file_content),
    ("DELETE", r"/files/(?P<id>[^/]+)", _openai_rest.delete_file),
    ("POST", r"/audio/speech", _openai_rest.speech),
    ("POST", r"/audio/(?:transcriptions|translations)", _openai_rest.transcribe),
    ("POST", r"/images/generations", _openai_rest.images),
    ("POST", r"/moderations", _openai_rest.moderations),
    ("POST", r"/decisions", _openai_rest.decide),
]
_ANTHROPIC_ROUTES: list[tuple[str, str, Endpoint]] = [
    ("POST", r"/v1/messages", _anthropic.messages),
    ("POST", r"/v1/messages/count_tokens", _anthropic.count_tokens),
    ("POST", r"/v1/messages/batches", _anthropic.create_batch),
    ("GET", r"/v1/messages/batches", _anthropic.batches),
    ("GET", r"/v1/messages/batches/(?P<id>[^/]+)", _anthropic.batch),
    ("GET", r"/v1/messages/batches/(?P<id>[^/]+)/results", _anthropic.batch_results),
    ("GET", r"/v1/models", _anthropic.models),
    ("GET", r"/v1/models/(?P<id>[^/]+)", _anthropic.model),
]
_GEMINI = r"/v1(?:beta1?)?/(?:projects/[^/]+/locations/[^/]+/publishers/google/)?models/(?P<model>[^/:]+)"
_OTHER_ROUTES: list[tuple[str, str, Endpoint, Dialect]] = [
    ("POST", r"/model/(?P<model>[^/]+)/invoke", _anthropic.invoke, "bedrock"),
    ("POST", r"/model/(?P<model>[^/]+)/invoke-with-response-stream", _anthropic.invoke_stream, "bedrock"),
    ("POST", _VERTEX + r":rawPredict", _anthropic.raw_predict, "vertex"),
    ("POST", _VERTEX + r":streamRawPredict", _anthropic.stream_raw_predict, "vertex"),
    ("POST", _GEMINI + r":generateContent", _google.generate, "google"),
    ("POST", _GEMINI + r":streamGenerateContent", _google.stream, "google"),
    ("POST", _GEMINI + r":batchEmbedContents", _google.embed_all, "google"),
    ("POST", _GEMINI + r":embedContent", _google.embed, "google"),
    ("POST", _GEMINI + r":countTokens", _google.count_tokens, "google"),
    ("GET", r"/v1beta/models", _google.models, "google"),
    ("POST", r"/upload/v1(?:beta)?/files", _google.upload, "google"),
    ("GET", r"/v1(?:beta)?/files/[^/:]+:download", _google.download, "google"),
    ("POST", r"/v1(?:beta)?/interactions", _google.interact, "google"),
    ("POST", r"/v1/chat/completions", _mistral.chat, "mistral"),
    ("POST", r"/v1/embeddings", _mistral.embeddings, "mistral"),
    ("POST", r"/v1/conversations", _mistral.start, "mistral"),
    ("POST", r"/v1/conversations/(?P<id>[^/]+)", _mistral.append, "mistral"),
    ("GET", r"/v1/models", _mistral.models, "mistral"),
    ("POST", r"/v1/chat", _cohere.chat_v1, "cohere"),
    ("POST", r"/v2/chat", _cohere.chat, "cohere"),
    ("POST", r"/v[12]/embed", _cohere.embed, "cohere"),
    ("POST", r"/v[12]/rerank", _cohere.rerank, "cohere"),
    ("POST", r"/api/chat", _ollama.chat, "ollama"),
    ("POST", r"/api/generate", _ollama.generate, "ollama"),
    ("POST", r"/api/embed", _ollama.embed, "ollama"),
    ("POST", r"/api/embeddings", _ollama.embeddings, "ollama"),
    ("POST", r"/api/pull", _ollama.pull, "ollama"),
    ("GET", r"/api/tags", _ollama.tags, "ollama"),
]


_COHERE = re.compile(r"/v[12]/(?:chat|embed|rerank)")
_GOOGLE = re.compile(r"/v1beta|/upload/|.*/publishers/google/")


class _Route(NamedTuple):
    method: str
    path: re.Pattern[str]
    endpoint: Endpoint
    dialect: Dialect


# OpenAI comes last: /v1/models is Anthropic's and Mistral's too, told apart by their headers.
_ROUTES = [
    *(
        _Route(method, re.compile(path), endpoint, "anthropic")
        for method, path, endpoint in _ANTHROPIC_ROUTES
    ),
    *(
        _Route(method, re.compile(path), endpoint, dialect)
        for method, path, endpoint, dialect in _OTHER_ROUTES
    ),
    *(
        _Route(method, re.compile(_OPENAI + path), endpoint, "openai")
        for method, path, endpoint in _OPENAI_ROUTES
    ),
]


def route(request: ReceivedRequest) -> tuple[Endpoint | None, Dialect, dict[str, str]]:
    """Find the endpoint for a request, the dialect it speaks, and the parts of its path."""
    path, dialect = request.path.rstrip("/"), _dialect(request)
    for each in _ROUTES:
        if each.method != request.method or not _serves(each.dialect, dialect):
            continue
        found = each.path.fullmatch(path)
        if found:
            spoken = "azure" if dialect == "azure" else each.dialect
            return each.endpoint, spoken, {k: v for k, v in found.groupdict().items() if v is not None}
    return None, dialect, {}


def _serves(own: Dialect, asked: Dialect) -> bool:
    """Whether a route of one dialect may answer another: Mistral has paths of its own and of OpenAI's."""
    if "anthropic" in (own, asked):
        return own == asked
    return own != "mistral" or asked == "mistral"


def _dialect(request: ReceivedRequest) -> Dialect:
    if request.path.startswith("/model/"):
        return "bedrock"
    if "/publishers/anthropic/" in request.path:
        return "vertex"
    if "mistral" in request.headers.get("user-agent", ""):
        return "mistral"
    if _COHERE.fullmatch(request.path):
        return "cohere"
    if request.path.startswith("/api/"):
        return "ollama"
    if "x-goog-api-key" in request.headers or _GOOGLE.match(request.path):
        return "google"
    if "anthropic-version" in request.headers or "/v1/messages" in request.path:
        return "anthropic"
    return "azure" if "api-key" in request.headers or "/deployments/" in request.path else "openai"
