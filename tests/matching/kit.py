"""Requests and spans as data."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from trace_ops.exchange import Body, Exchange, Request, Response, Stream
from trace_ops.matching import Canonical, Rules, canonical
from trace_ops.trace import Span

CHAT = "/chat/completions"
RESPONSES = "/responses"
MESSAGES = "/v1/messages"

_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
# No names that mean something to the APIs: those have tests of their own.
_names = st.text(alphabet="abcxyz", min_size=1, max_size=3)
values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=12,
)
bodies = st.dictionaries(_names, values, max_size=6)


def request(
    body: Any = None, path: str = CHAT, *, method: str = "POST", query: str = "", **headers: str
) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method, path, query, named, None if body is None else Body(json.dumps(body).encode()))


def call(
    body: Any = None,
    path: str = CHAT,
    *,
    rules: Rules | None = None,
    minted: dict[str, str] | None = None,
    provider: str = "openai",
    **options: str,
) -> Canonical:
    return canonical(request(body, path, **options), provider, rules or Rules.of(), minted or {})


def key(body: Any = None, path: str = CHAT, **options: Any) -> str:
    return call(body, path, **options).key


def exchange(sent: Request, answer: Any = None, events: list[str] | None = None) -> Exchange:
    body = Body(json.dumps(answer).encode()) if events is None else Stream(events, [0] * len(events))
    return Exchange("openai", sent, Response(200, [], body))


def span(
    number: int,
    body: Any,
    path: str = CHAT,
    *,
    answer: Any = None,
    parent: int | None = None,
    lane: int = 0,
    **options: str,
) -> Span:
    sent = request(body, path, **options)
    return Span(number, "llm", "openai", parent, lane, exchange=exchange(sent, answer))


def chat(prompt: str = "Hello", **fields: Any) -> dict[str, Any]:
    return {"model": "gpt-5", "messages": [{"role": "user", "content": prompt}], **fields}


def tool(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all leaves; empty containers are leaves."""
    if isinstance(value, dict) and value:
        return [leaf for name, child in value.items() for leaf in leaves(child, (*path, name))]
    if isinstance(value, list) and value:
        return [leaf for index, child in enumerate(value) for leaf in leaves(child, (*path, index))]
    return [path]


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy of the value with another leaf."""
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def shuffled(value: Any) -> Any:
    """The same value with the keys of all objects the other way round."""
    if isinstance(value, dict):
        return {name: shuffled(child) for name, child in reversed(value.items())}
    return [shuffled(item) for item in value] if isinstance(value, list) else value
