"""ollama: chats, completions, embeddings, streams of JSON a line, and what goes wrong."""

from __future__ import annotations

import importlib
from typing import Any

from tests.sdk.kit import Kit
from tests.sdk.scenarios.entries import both, clients, closed
from tests.sdk.scenarios.inputs import CHAT_TOOL, asking
from trace_ops.double import CutStream, Fault, Garbled, HangUp, Stall, Status, StreamError

CHAT: dict[str, Any] = {"model": "llama3.2", "messages": asking("How is the weather in Paris?")}


def _client(cls: str) -> Any:
    def make(kit: Kit, **options: Any) -> Any:
        client = getattr(importlib.import_module("ollama"), cls)(host=kit.url, **{"timeout": 5.0} | options)
        return closed(kit, client._client, "aclose" if cls == "AsyncClient" else "close") and client

    return make


clients("ollama", _client("Client"), _client("AsyncClient"))


@both("ollama")
def chat(client: Any) -> Any:
    return client.chat(**CHAT)


@both("ollama")
def chat_tools(client: Any) -> Any:
    return client.chat(**CHAT, tools=[CHAT_TOOL])


@both("ollama")
def chat_stream(client: Any) -> Any:
    return client.chat(**CHAT, stream=True)


@both("ollama", gzip=True)
def chat_stream_packed(client: Any) -> Any:
    return client.chat(**CHAT, stream=True)


@both("ollama")
def chat_stream_tools(client: Any) -> Any:
    return client.chat(**CHAT, tools=[CHAT_TOOL], stream=True)


@both("ollama")
def generate(client: Any) -> Any:
    return client.generate(model="llama3.2", prompt="Why is the sky blue?")


@both("ollama")
def generate_stream(client: Any) -> Any:
    return client.generate(model="llama3.2", prompt="Why is the sky blue?", stream=True)


@both("ollama", "embed")
def embed(client: Any) -> Any:
    return client.embed(model="nomic-embed-text", input=["one", "two"])


@both("ollama")
def embeddings(client: Any) -> Any:
    return client.embeddings(model="nomic-embed-text", prompt="one")


@both("ollama")
def list_of_models(client: Any) -> Any:
    return client.list()


@both("ollama")
def pull_stream(client: Any) -> Any:
    return client.pull("llama3.2", stream=True)


def _enter(name: str, fault: Fault, stream: bool = False, **made: Any) -> None:
    def failing(client: Any) -> Any:
        return client.chat(**CHAT, stream=stream)

    failing.__name__ = name
    both("ollama", faults=(fault,), client=made)(failing)


for code in (400, 404, 429, 500, 503):
    _enter(f"status_{code}", Status(code))
_enter("stream_status_503", Status(503), stream=True)
_enter("timeout", Stall(0.6), timeout=0.2)
_enter("hang_up", HangUp())
_enter("garbled", Garbled())
_enter("cut_stream", CutStream(3), stream=True)
_enter("error_in_a_stream", StreamError(3), stream=True)
