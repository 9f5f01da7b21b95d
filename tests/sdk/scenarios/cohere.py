"""cohere, both versions of its API: chats, streams, embeddings, its own retries, and what goes wrong."""

from __future__ import annotations

import importlib
from typing import Any

from tests.sdk.kit import Kit
from tests.sdk.scenarios.entries import COHERE_KEY, both, clients, closed, key
from tests.sdk.scenarios.inputs import CHAT_TOOL, asking
from trace_ops.double import CutStream, Fault, Garbled, HangUp, Stall, Status, StreamError

AT_ONCE = {"retry-after-ms": "1", "retry-after": "0"}
CHAT: dict[str, Any] = {"model": "command-a-03-2025", "messages": asking("How is the weather in Paris?")}
V1: dict[str, Any] = {"model": "command-r-plus", "message": "How is the weather in Paris?"}
V1_TOOL = {
    "name": "get_weather",
    "description": "The weather in a city",
    "parameter_definitions": {"city": {"type": "str", "required": True}},
}
ONCE: dict[str, Any] = {"request_options": {"max_retries": 0}}
OFTEN: dict[str, Any] = {"request_options": {"max_retries": 4}}  # 5.20 takes two off


def _client(cls: str) -> Any:
    def make(kit: Kit, **options: Any) -> Any:
        made = getattr(importlib.import_module("cohere"), cls)
        client = made(base_url=kit.url, **({"timeout": 5.0} | key(kit, COHERE_KEY) | options))
        http = client._client_wrapper.httpx_client.httpx_client
        return closed(kit, http, "aclose" if cls.startswith("Async") else "close") and client

    return make


clients("cohere", _client("ClientV2"), _client("AsyncClientV2"))
clients("cohere_v1", _client("Client"), _client("AsyncClient"))


@both("cohere")
def chat(client: Any) -> Any:
    return client.chat(**CHAT)


@both("cohere")
def chat_tools(client: Any) -> Any:
    return client.chat(**CHAT, tools=[CHAT_TOOL])


@both("cohere")
def chat_stream(client: Any) -> Any:
    return client.chat_stream(**CHAT)


@both("cohere", gzip=True)
def chat_stream_tools(client: Any) -> Any:
    return client.chat_stream(**CHAT, tools=[CHAT_TOOL])


@both("cohere")
def embed(client: Any) -> Any:
    return client.embed(
        model="embed-v4.0", texts=["one", "two"], input_type="search_document", embedding_types=["float"]
    )


@both("cohere")
def rerank(client: Any) -> Any:
    return client.rerank(model="rerank-v3.5", query="capital", documents=["Paris", "Washington, D.C."])


@both("cohere_v1")
def v1_chat(client: Any) -> Any:
    return client.chat(**V1)


@both("cohere_v1")
def v1_chat_tools(client: Any) -> Any:
    return client.chat(**V1, tools=[V1_TOOL])


@both("cohere_v1")
def v1_chat_stream(client: Any) -> Any:
    return client.chat_stream(**V1)


@both("cohere_v1", gzip=True)
def v1_chat_stream_packed(client: Any) -> Any:
    return client.chat_stream(**V1, tools=[V1_TOOL])


@both("cohere_v1")
def v1_embed(client: Any) -> Any:
    return client.embed(model="embed-english-v3.0", texts=["one", "two"], input_type="search_query")


def _enter(name: str, *faults: Fault | None, **options: Any) -> None:
    stream, made = options.pop("stream", False), options.pop("client", {})

    def failing(client: Any) -> Any:
        return (client.chat_stream if stream else client.chat)(**CHAT, **options)

    failing.__name__ = name
    both("cohere", faults=faults, client=made)(failing)


for code in (400, 401, 404, 422, 429, 500, 503):
    _enter(f"status_{code}", Status(code), **ONCE)
_enter("retried", Status(429, headers=AT_ONCE), Status(503, headers=AT_ONCE), None, **OFTEN)
_enter("retried_in_vain", *[Status(503, headers=AT_ONCE)] * 5, **OFTEN)
_enter("timeout", Stall(0.6), client={"timeout": 0.2})
_enter("hang_up", HangUp(), **ONCE)
_enter("garbled", Garbled())
_enter("stream_status_429", Status(429), stream=True)
_enter("cut_stream", CutStream(4), stream=True)
_enter("error_in_a_stream", StreamError(4), stream=True)
