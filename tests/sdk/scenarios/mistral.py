"""mistralai: chats, streams, embeddings, retries of its own, and what goes wrong."""

from __future__ import annotations

import importlib
from typing import Any

from tests.sdk.kit import Kit
from tests.sdk.scenarios.entries import MISTRAL_KEY, both, clients, closed, key
from tests.sdk.scenarios.inputs import CHAT_TOOL, asking
from trace_ops.double import CutStream, Fault, Garbled, HangUp, Stall, Status, StreamError

CHAT: dict[str, Any] = {"model": "mistral-large-latest", "messages": asking("How is the weather in Paris?")}


class _Async:
    """A client or a resource of it, whose methods are the async ones."""

    def __init__(self, of: Any) -> None:
        self._of = of

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._of, f"{name}_async", None)
        return method if method is not None else _Async(getattr(self._of, name))


def _module(name: str) -> Any:
    """A part of the SDK, which was at the top of its package before version 2."""
    try:
        found = importlib.import_module(f"mistralai{name}")
    except ImportError:
        found = None
    if found is None or not (name or hasattr(found, "Mistral")):
        return importlib.import_module(f"mistralai.client{name}")
    return found


def _make(kit: Kit, **options: Any) -> Any:
    made = {"server_url": kit.url, "timeout_ms": 5000} | key(kit, MISTRAL_KEY) | options
    return _module("").Mistral(**made)


def _sync(kit: Kit, **options: Any) -> Any:
    client = _make(kit, **options)
    closed(kit, client.sdk_configuration.client)
    return client


def _async(kit: Kit, **options: Any) -> Any:
    client = _make(kit, **options)
    closed(kit, client.sdk_configuration.async_client, "aclose")
    return _Async(client)


clients("mistral", _sync, _async)


def retries(max_elapsed_ms: int = 60_000) -> Any:
    """A configuration that retries at once, for so long."""
    found = _module(".utils.retries")
    return found.RetryConfig("backoff", found.BackoffStrategy(1, 2, 1.5, max_elapsed_ms), True)


@both("mistral")
def chat(client: Any) -> Any:
    return client.chat.complete(**CHAT)


@both("mistral")
def chat_tools(client: Any) -> Any:
    return client.chat.complete(**CHAT, tools=[CHAT_TOOL])


@both("mistral")
def chat_stream(client: Any) -> Any:
    return client.chat.stream(**CHAT)


@both("mistral", gzip=True)
def chat_stream_tools(client: Any) -> Any:
    return client.chat.stream(**CHAT, tools=[CHAT_TOOL])


@both("mistral")
def embeddings(client: Any) -> Any:
    return client.embeddings.create(model="mistral-embed", inputs=["one", "two"])


@both("mistral")
def list_of_models(client: Any) -> Any:
    return client.models.list()


def _enter(name: str, *faults: Fault | None, stream: bool = False, retry: bool = False, **made: Any) -> None:
    def failing(client: Any) -> Any:
        options = {"retries": retries()} if retry else {}
        return (client.chat.stream if stream else client.chat.complete)(**CHAT, **options)

    failing.__name__ = name
    both("mistral", faults=faults, client=made)(failing)


for code in (400, 401, 404, 422, 429, 500, 503):
    _enter(f"status_{code}", Status(code))
_enter(
    "retried",
    Status(429, headers={"retry-after-ms": "1"}),
    Status(503),
    Stall(0.6),
    None,
    retry=True,
    timeout_ms=200,
)
_enter("stream_retried", Status(429, headers={"retry-after-ms": "1"}), None, stream=True, retry=True)
_enter("timeout", Stall(0.6), timeout_ms=200)
_enter("hang_up", HangUp())
_enter("garbled", Garbled())
_enter("stream_status_503", Status(503), stream=True)
_enter("cut_stream", CutStream(3), stream=True)
_enter("error_in_a_stream", StreamError(3), stream=True)
