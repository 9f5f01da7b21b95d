"""Which wire format a call is in, and the one reader of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl

from trace_ops.exchange import Exchange, Response
from trace_ops.wire import (
    _anthropic,
    _bedrock,
    _chat,
    _cohere,
    _cohere_v1,
    _completions,
    _google,
    _langchain,
    _llamaindex,
    _mistral,
    _ollama,
    _prompts,
    _responses,
)
from trace_ops.wire._events import Payload, payloads
from trace_ops.wire.messages import ChatRequest, ChatResponse


class Reader(Protocol):
    """What the module of a format holds."""

    @property
    def request(self) -> Callable[[dict[str, Any], str], ChatRequest]:
        """Read the body of a request; the path may name the model."""

    @property
    def response(self) -> Callable[[dict[str, Any]], ChatResponse]:
        """Read an answer in one piece."""

    @property
    def assemble(self) -> Callable[[Iterable[Payload]], ChatResponse]:
        """Read a streamed answer."""


Shape = Callable[[dict[str, Any]], bool]


class Api(NamedTuple):
    """One wire format, and how a call in it is told.

    ``path`` is searched for in the path, and decides where it is found, for ``providers`` if any are
    named. Where no path decides, the shape of the request does (``asked``), else that of the answer or
    of an event of it (``answered``).
    """

    name: str
    reader: Reader
    path: re.Pattern[str] | None
    asked: Shape
    answered: Shape
    providers: tuple[str, ...] = ()


def _never(_: dict[str, Any]) -> bool:
    return False


def _is_chat(body: dict[str, Any]) -> bool:
    if str(body.get("object")).startswith("chat.completion"):
        return True
    first = _first(body, "choices")
    return isinstance(first.get("message"), dict) or isinstance(first.get("delta"), dict)


def _is_completion(body: dict[str, Any]) -> bool:
    return body.get("object") == "text_completion" or isinstance(_first(body, "choices").get("text"), str)


def _is_responses(body: dict[str, Any]) -> bool:
    return body.get("object") == "response" or str(body.get("type")).startswith("response.")


def _asks_messages(body: dict[str, Any]) -> bool:
    return "anthropic_version" in body and isinstance(body.get("messages"), list)


def _is_message(body: dict[str, Any]) -> bool:
    return body.get("type") in ("message", "message_start")


def _first(body: dict[str, Any], key: str) -> dict[str, Any]:
    items = body.get(key)
    return items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}


# In order: the first that fits is it.
APIS: tuple[Api, ...] = (
    Api(
        "mistral.chat",
        _mistral,
        re.compile(r"/(?:chat|agents)/completions$"),
        _never,
        _mistral.is_answer,
        ("mistral",),
    ),
    Api("llamaindex.model", _llamaindex, re.compile("^/[^/]+$"), _never, _never, ("llamaindex",)),
    Api("langchain.model", _langchain, re.compile("^/[^/]+$"), _never, _never, ("langchain",)),
    Api("openai.chat", _chat, re.compile(r"/chat/completions$"), _never, _is_chat),
    Api("openai.completions", _completions, re.compile(r"/completions$"), _never, _is_completion),
    Api("openai.responses", _responses, re.compile(r"/responses$"), _never, _is_responses),
    Api("anthropic.messages", _anthropic, re.compile(r"/messages$"), _asks_messages, _is_message),
    Api(
        "google.generateContent",
        _google,
        re.compile(r":(?:streamG|g)enerateContent$"),
        _never,
        _google.is_answer,
    ),
    Api(
        "bedrock.converse",
        _bedrock,
        re.compile(r"/model/.+/converse(?:-stream)?$"),
        _bedrock.is_request,
        _bedrock.is_answer,
    ),
    Api("cohere.chat.v2", _cohere, re.compile(r"(?:^|/)v2/chat$"), _never, _cohere.is_answer),
    Api("cohere.chat", _cohere_v1, re.compile(r"(?:^|/)v1/chat$"), _never, _cohere_v1.is_answer),
    Api("cohere.generate", _prompts.GENERATE, re.compile(r"(?:^|/)v1/generate$"), _never, _never),
    Api("ollama.chat", _ollama, re.compile(r"(?:^|/)api/chat$"), _never, _ollama.is_chat),
    Api("ollama.generate", _ollama, re.compile(r"(?:^|/)api/generate$"), _never, _ollama.is_generated),
    Api(
        "anthropic.complete",
        _prompts.COMPLETE,
        re.compile(r"/complete$"),
        _prompts.is_complete,
        _prompts.is_complete,
    ),
    Api("bedrock.invoke", _prompts.INVOKE, None, _never, _prompts.is_answer),
)
_BY_NAME = {api.name: api for api in APIS}
# Objects that are kept at the provider have the shape of what was generated, or a path like it.
_NO_CALL = re.compile(
    r"/(?:threads|conversations|batches|files|assistants)(?:/|$)|/responses/|/embeddings$|count[_-]tokens"
)


def api_of(exchange: Exchange) -> str | None:
    """The name of the wire format of a call that generates (``openai.chat``); ``None`` for any other."""
    api = _api(exchange)
    return None if api is None else api.name


def read_request(exchange: Exchange) -> ChatRequest | None:
    """What a call asks; ``None`` if it does not generate, or is in no format that is known.

    Parts of the query are among the parameters, with a ``?`` before their names.
    """
    api = _api(exchange)
    body = exchange.request.body.json if api is not None and exchange.request.body is not None else None
    if api is None or not isinstance(body, dict):
        return None
    found = api.reader.request(body, exchange.request.path)
    if not exchange.request.query:
        return found
    query = {f"?{key}": value for key, value in parse_qsl(exchange.request.query, keep_blank_values=True)}
    return replace(found, parameters={**found.parameters, **query})


def read_response(exchange: Exchange) -> ChatResponse | None:
    """What a call was answered; ``None`` if it failed, or its answer is in no format that is known.

    A stream is put together as far as it came.
    """
    outcome = exchange.outcome
    if not isinstance(outcome, Response) or outcome.status >= 400:
        return None
    api = _api(exchange)
    if api is None:
        return None
    events = payloads(outcome)
    if events is not None:
        return api.reader.assemble(events)
    body = outcome.body.json  # type: ignore[union-attr]
    return api.reader.response(body) if isinstance(body, dict) else None


def read_body(body: dict[str, Any], provider: str | None = None) -> ChatResponse | None:
    """What an answer in one piece says; its shape tells the format, ``None`` if it fits none.

    ``provider``, or the name of a format, says where to look first: clouds and gateways answer in the
    formats of others. An answer of no shape is read as the one format of a provider that has but one.
    """
    named = [api for api in APIS if provider == api.name or api.name.startswith(f"{provider}.")]
    fitting = (api for api in (*named, *APIS) if api.answered(body))
    api = next(fitting, named[0] if len(named) == 1 else None)
    return None if api is None else api.reader.response(body)


def _api(exchange: Exchange) -> Api | None:
    request = exchange.request
    name, open_to_shape = _by_path(exchange.provider, request.method, request.path)
    if name is not None:
        return _BY_NAME[name]
    if not open_to_shape:
        return None
    body = request.body.json if request.body is not None else None
    if isinstance(body, dict):
        for api in APIS:
            if api.asked(body):
                return api
    answers = list(_answers(exchange))
    return next((api for api in APIS if any(map(api.answered, answers))), None)


@lru_cache(maxsize=1024)
def _by_path(provider: str, method: str, path: str) -> tuple[str | None, bool]:
    """The format by the path, and whether a shape may still tell if that says nothing."""
    if method.upper() not in ("POST", "CALL") or _NO_CALL.search(path):
        return None, False
    end = path.partition("?")[0].rstrip("/")
    for api in APIS:
        named = not api.providers or provider in api.providers
        if api.path is not None and named and api.path.search(end):
            return api.name, False
    return None, True


def _answers(exchange: Exchange) -> Iterable[dict[str, Any]]:
    outcome = exchange.outcome
    if not isinstance(outcome, Response) or outcome.status >= 400:
        return
    events = payloads(outcome)
    bodies = [outcome.body.json] if events is None else [event.data for event in events[:5]]  # type: ignore[union-attr]
    yield from (body for body in bodies if isinstance(body, dict))
