"""google-genai: contents, streams, chats, embeddings, retries of its own, Vertex, and what goes wrong."""

from __future__ import annotations

import importlib
import io
from typing import Any

from tests.sdk.kit import Kit
from tests.sdk.scenarios.entries import GOOGLE_KEY, both, clients, closed, key
from trace_ops.double import CutStream, Fault, Garbled, HangUp, Stall, Status, StreamError

ASKED: dict[str, Any] = {"model": "gemini-3.5-flash", "contents": "How is the weather in Paris?"}
TOOL = {
    "function_declarations": [
        {
            "name": "get_weather",
            "description": "The weather in a city",
            "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}},
        }
    ]
}


def _make(kit: Kit, asynchronous: bool, **options: Any) -> Any:
    http = {"base_url": kit.url, "timeout": 5000} | options.pop("http", {})
    # The async client of the httpx family, whatever else is installed; see test_aiohttp for the other.
    httpx = {"trust_env": False}
    client = importlib.import_module("google.genai").Client(
        **(key(kit, GOOGLE_KEY) | {"http_options": http | {"async_client_args": httpx}} | options)
    )
    api_client = client._api_client
    if hasattr(api_client, "_use_aiohttp"):
        api_client._use_aiohttp = lambda: False
    if not asynchronous:
        return closed(kit, client)
    return closed(kit, client.aio, "aclose")


clients("google", lambda kit, **o: _make(kit, False, **o), lambda kit, **o: _make(kit, True, **o))


@both("google")
def generate_content(client: Any) -> Any:
    return client.models.generate_content(**ASKED)


@both("google")
def generate_content_tools(client: Any) -> Any:
    return client.models.generate_content(**ASKED, config={"tools": [TOOL], "temperature": 0.0})


@both("google")
def generate_content_stream(client: Any) -> Any:
    return client.models.generate_content_stream(**ASKED)


@both("google", gzip=True)
def generate_content_stream_tools(client: Any) -> Any:
    return client.models.generate_content_stream(**ASKED, config={"tools": [TOOL]})


@both("google")
def embed_content(client: Any) -> Any:
    return client.models.embed_content(model="gemini-embedding-001", contents=["one", "two"])


@both("google")
def count_tokens(client: Any) -> Any:
    return client.models.count_tokens(**ASKED)


@both("google", "files")
def files(client: Any) -> Any:
    uploaded = client.files.upload(
        file=io.BytesIO(b"Good morning, dear listeners"), config={"mime_type": "text/plain"}
    )
    if not hasattr(uploaded, "__await__"):
        return [uploaded, client.files.download(file="files/abc")]

    async def rest() -> list[Any]:
        return [await uploaded, await client.files.download(file="files/abc")]

    return rest()


@both("google", "interactions")
def interaction(client: Any) -> Any:
    return client.interactions.create(model="gemini-3.5-flash", input="How is the weather in Paris?")


@both("google", "interactions")
def interaction_stream(client: Any) -> Any:
    return client.interactions.create(
        model="gemini-3.5-flash", input="How is the weather in Paris?", stream=True
    )


@both(
    "google",
    "interactions",
    faults=(Status(429, headers={"retry-after-ms": "1"}), Status(503, headers={"retry-after-ms": "1"}), None),
)
def interaction_retried(client: Any) -> Any:
    return client.interactions.create(model="gemini-3.5-flash", input="How is the weather in Paris?")


@both("google", "chats")
def chat(client: Any) -> Any:
    chat = client.chats.create(model="gemini-3.5-flash")
    first = chat.send_message("How is the weather in Paris?")
    if not hasattr(first, "__await__"):
        return [
            first,
            chat.send_message("And in Rome?"),
            chat.send_message_stream("Thanks"),
            *chat.get_history(),
        ]

    async def talk() -> list[Any]:
        answers = [await first, await chat.send_message("And in Rome?")]
        answers += [piece async for piece in await chat.send_message_stream("Thanks")]
        return [*answers, *chat.get_history()]

    return talk()


def _enter(name: str, *faults: Fault | None, stream: bool = False, **http: Any) -> None:
    def failing(client: Any) -> Any:
        models = client.models
        return (models.generate_content_stream if stream else models.generate_content)(**ASKED)

    failing.__name__ = name
    both("google", faults=faults, client={"http": http})(failing)


AT_ONCE: dict[str, Any] = {
    "retry_options": {"attempts": 3, "initial_delay": 0.001, "max_delay": 0.002, "jitter": 0.0}
}

for code in (400, 401, 404, 429, 500, 503):
    _enter(f"status_{code}", Status(code))
_enter("retried", Status(429), Status(503), None, **AT_ONCE)
_enter("retried_in_vain", *[Status(503)] * 3, **AT_ONCE)
_enter("stream_retried", Status(429), None, stream=True, **AT_ONCE)
_enter("timeout", Stall(0.6), timeout=200)
_enter("hang_up", HangUp())
_enter("garbled", Garbled())
_enter("stream_status_503", Status(503), stream=True)
_enter("cut_stream", CutStream(3), stream=True)
_enter("error_in_a_stream", StreamError(3), stream=True)
