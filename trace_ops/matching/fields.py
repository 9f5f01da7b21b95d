"""What of a request body never changes the meaning of the call, by API."""

from __future__ import annotations

from dataclasses import dataclass

_CALLER = frozenset({"user", "safety_identifier", "service_tier"})
_CACHE = frozenset({"prompt_cache_key", "prompt_cache_options", "prompt_cache_retention"})
_GENERATION = _CALLER | _CACHE | {"metadata", "store"}


@dataclass(frozen=True)
class Api:
    """One wire format.

    ``unkeyed``: top-level body fields that are out of the key. They say who calls, at what priority,
    and what is kept of it. ``stream``, ``stream_options`` and ``encoding_format`` stay in: they change
    the shape of the answer.

    ``marks``: where none of them stands in the compact JSON text, it holds no ids, seals or cache marks,
    which spares most calls a walk; ``""`` stands in every text.
    """

    name: str
    unkeyed: frozenset[str]
    marks: tuple[str, ...]


CHAT = Api("openai.chat", _GENERATION, ('id":"', '"cache_control"', 'ignature":', '"reasoning.encrypted"'))
RESPONSES = Api(
    "openai.responses", _GENERATION, ('id":"', 'ids":[', '"conversation":"', '"container":"', '"encrypted_')
)
COMPLETIONS = Api("openai.completions", _CALLER | _CACHE, ())
EMBEDDINGS = Api("openai.embeddings", frozenset({"user"}), ())
IMAGES = Api("openai.images", frozenset({"user"}), ())
# Of `metadata` only `user_id` goes, see `canonical.without_unkeyed`.
MESSAGES = Api(
    "anthropic.messages",
    frozenset({"anthropic_version", "service_tier"}),
    ('id":"', '"cache_control"', 'ignature":', '"container":"', '"encrypted_', '"redacted_thinking"'),
)
OTHER = Api("other", frozenset(), ("",))

_BY_END = {
    "/chat/completions": CHAT,
    "/completions": COMPLETIONS,
    "/responses": RESPONSES,
    "/responses/input_tokens": RESPONSES,
    "/responses/compact": RESPONSES,
    "/embeddings": EMBEDDINGS,
    "/images/generations": IMAGES,
    "/messages": MESSAGES,
    "/messages/count_tokens": MESSAGES,
    "/invoke": MESSAGES,
    "/invoke-with-response-stream": MESSAGES,
    ":rawPredict": MESSAGES,
    ":streamRawPredict": MESSAGES,
}


def api_of(path: str) -> Api:
    """Tell the wire format by the end of the path; :data:`OTHER` keeps every field in the key."""
    if "/threads/" in path:  # The Assistants API has `/messages` of its own, where metadata is content.
        return OTHER
    for end, api in _BY_END.items():
        if path.endswith(end):
            return api
    return OTHER
