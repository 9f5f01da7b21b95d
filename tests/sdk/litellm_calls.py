"""The uses of LiteLLM that are played live, recorded and replayed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from tests.sdk.kit import Kit, Scenario
from tests.sdk.outcome import Raised
from tests.sdk.scenarios.inputs import ASK, CHAT_TOOL, asking
from trace_ops.double import CutStream, Fault, Garbled, HangUp, Stall, Status, StreamError

KEY = "sk-Tr4ceOpsLiteLLMKeyThatMustNeverBeStored0123456789"
AT_ONCE = {"retry-after-ms": "1", "retry-after": "0"}
SCENARIOS: list[Scenario] = []


def options(kit: Kit, route: str, **more: Any) -> dict[str, Any]:
    """What LiteLLM needs to call the double by a route; no key on replay."""
    model, base = ROUTES[route]
    key = {} if kit.replaying else {"api_key": KEY}
    return {"model": model, "api_base": kit.url + base, "timeout": 10, "max_retries": 0} | key | more


ROUTES = {
    "openai": ("openai/gpt-5", "/v1"),
    "anthropic": ("anthropic/claude-sonnet-5-5", ""),
    "hosted_vllm": ("hosted_vllm/llama-4-scout", "/v1"),
    "groq": ("groq/llama-4-scout", "/openai/v1"),
    "gemini": ("gemini/gemini-2.5-flash", "/v1beta"),
}


def _enter(name: str, run: Callable[[Kit], Any], **rest: Any) -> None:
    SCENARIOS.append(Scenario(name, run, **rest))


def attempt(call: Callable[[], Any]) -> Any:
    """The result of a call or everything in its stream, or its exception."""
    items: list[Any] = []
    try:
        found = call()
        if not isinstance(found, Iterator):
            return found
        items.extend(found)
    except Exception as error:
        return Raised(error, items)
    return items


async def aattempt(call: Callable[[], Any]) -> Any:
    """As :func:`attempt`, of an awaitable."""
    items: list[Any] = []
    try:
        found = await call()
        if not isinstance(found, AsyncIterator):
            return found
        async for item in found:
            items.append(item)
    except Exception as error:
        return Raised(error, items)
    return items


@asynccontextmanager
async def clients_of_this_loop() -> AsyncIterator[None]:
    """LiteLLM's clients are closed while the event loop that they belong to runs."""
    import litellm

    try:
        yield
    finally:
        await litellm.close_litellm_async_clients()
        litellm.in_memory_llm_clients_cache.flush_cache()


def _chat(name: str, route: str, faults: tuple[Fault | None, ...] = (), **asked: Any) -> None:
    """Enter a chat by a route: sync and async."""

    def sync(kit: Kit) -> Any:
        import litellm

        return attempt(lambda: litellm.completion(**options(kit, route, **({"messages": ASK} | asked))))

    async def asynchronous(kit: Kit) -> Any:
        import litellm

        async with clients_of_this_loop():
            return await aattempt(
                lambda: litellm.acompletion(**options(kit, route, **({"messages": ASK} | asked)))
            )

    _enter(f"{route}-{name}", sync, faults=faults)
    _enter(f"async_{route}-{name}", asynchronous, faults=faults)


for route in ROUTES:
    _chat("completion", route)
    _chat("stream", route, stream=True)
    _chat("tools", route, tools=[CHAT_TOOL])
    _chat("stream_of_tools", route, tools=[CHAT_TOOL], stream=True)
    _chat("stream_with_usage", route, stream=True, stream_options={"include_usage": True})
    _chat(
        "system_and_limit", route, messages=[{"role": "system", "content": "Be brief"}, *ASK], max_tokens=77
    )
    for status in (400, 401, 429, 500, 529):
        _chat(f"status_{status}", route, (Status(status, headers=AT_ONCE),))
    _chat("stream_refused", route, (Status(429, headers=AT_ONCE),), stream=True)
    _chat("timeout", route, (Stall(1.0),), timeout=0.2)
    _chat("hang_up", route, (HangUp(), HangUp()))
    _chat("garbled", route, (Garbled(),))
    _chat("cut_stream", route, (CutStream(4),), stream=True)
    _chat("stream_error", route, (StreamError(4),), stream=True)


def _broken_off(route: str, kit: Kit) -> Any:
    import litellm

    stream = litellm.completion(**options(kit, route, messages=ASK, stream=True))
    return [next(stream) for _ in range(3)]


for route in ("openai", "anthropic"):
    _enter(f"{route}-stream_broken_off", partial(_broken_off, route))


def text_completion(kit: Kit) -> Any:
    import litellm

    asked = options(kit, "openai", prompt="Once upon a time")
    asked["model"] = "text-completion-openai/gpt-3.5-turbo-instruct"
    return [
        attempt(lambda: litellm.text_completion(**asked)),
        attempt(lambda: litellm.text_completion(**asked, stream=True)),
    ]


def embedding(kit: Kit) -> Any:
    import litellm

    asked = options(kit, "openai", input=["one", "two"]) | {"model": "openai/text-embedding-3-small"}
    return attempt(lambda: litellm.embedding(**asked))


async def aembedding(kit: Kit) -> Any:
    import litellm

    asked = options(kit, "openai", input=["one", "two"]) | {"model": "openai/text-embedding-3-small"}
    async with clients_of_this_loop():
        return await aattempt(lambda: litellm.aembedding(**asked))


def several_in_a_row(kit: Kit) -> Any:
    import litellm

    return [
        litellm.completion(**options(kit, route, messages=asking(text)))
        for text in ("one", "two", "one")
        for route in ("openai", "anthropic")
    ]


async def many_at_once(kit: Kit) -> Any:
    import asyncio

    import litellm

    calls = [
        litellm.acompletion(**options(kit, route, messages=asking(f"question {number}")))
        for number in range(8)
        for route in ("openai", "anthropic")
    ]
    async with clients_of_this_loop():
        return await asyncio.gather(*calls)


def responses(kit: Kit) -> Any:
    import litellm

    return [
        attempt(lambda: litellm.responses(**options(kit, "openai", input="Hello"))),
        attempt(lambda: litellm.responses(**options(kit, "openai", input="Hello", stream=True))),
    ]


async def aresponses(kit: Kit) -> Any:
    import litellm

    async with clients_of_this_loop():
        return [
            await aattempt(lambda: litellm.aresponses(**options(kit, "openai", input="Hello"))),
            await aattempt(lambda: litellm.aresponses(**options(kit, "openai", input="Hello", stream=True))),
        ]


async def anthropic_messages(kit: Kit) -> Any:
    import litellm

    asked = options(kit, "anthropic", messages=ASK, max_tokens=100)
    async with clients_of_this_loop():
        return await aattempt(lambda: litellm.anthropic.messages.acreate(**asked))


# --- retries


def _retried(name: str, *faults: Fault | None, tries: int = 2, **asked: Any) -> None:
    for route in ("openai", "anthropic"):
        _chat(f"retried_{name}", route, faults, num_retries=tries, **asked)


_retried("error", Status(500), None)
_retried("twice", Status(503), Status(500), None)
_retried("rate_limit", Status(429, headers=AT_ONCE), Status(429, headers=AT_ONCE), None)
_retried("in_vain", *[Status(500)] * 6)
_retried("timeout", Stall(1.0), None, timeout=0.2)
_retried("stream", Status(500), None, stream=True)


async def sent_anew_after_a_hang_up(kit: Kit) -> Any:
    import litellm

    litellm.disable_aiohttp_transport = True  # the other transport does not tell this error from others
    try:
        async with clients_of_this_loop():
            return await aattempt(lambda: litellm.acompletion(**options(kit, "anthropic", messages=ASK)))
    finally:
        litellm.disable_aiohttp_transport = False


_enter("sent_anew", sent_anew_after_a_hang_up, faults=(HangUp(), None))
_enter("sent_anew_in_vain", sent_anew_after_a_hang_up, faults=(HangUp(), HangUp()))


def router(kit: Kit, **settings: Any) -> Any:
    """A router over a first model and a second one."""
    import litellm

    def deployment(name: str, route: str) -> dict[str, Any]:
        return {"model_name": name, "litellm_params": options(kit, route), "model_info": {"id": name}}

    models = [deployment("first", "openai"), deployment("second", "anthropic")]
    return litellm.Router(model_list=models, **({"num_retries": 0} | settings))


def _routed(name: str, *faults: Fault | None, stream: bool = False, **settings: Any) -> None:
    def sync(kit: Kit) -> Any:
        return attempt(lambda: router(kit, **settings).completion("first", messages=ASK, stream=stream))

    async def asynchronous(kit: Kit) -> Any:
        async with clients_of_this_loop():
            routes = router(kit, **settings)
            return await aattempt(lambda: routes.acompletion("first", messages=ASK, stream=stream))

    _enter(f"router-{name}", sync, faults=faults)
    _enter(f"async_router-{name}", asynchronous, faults=faults)


_routed("completion")
_routed("stream", stream=True)
_routed("retried", Status(500), Status(429, headers=AT_ONCE), None, num_retries=2)
_routed("in_vain", Status(500), Status(500), num_retries=1)
_routed("fallback", Status(500), None, fallbacks=[{"first": ["second"]}])
_routed("retried_then_fallback", *[Status(500)] * 2, num_retries=1, fallbacks=[{"first": ["second"]}])
_routed("no_fallback_left", *[Status(500)] * 2, fallbacks=[{"first": ["second"]}])

for function in (
    responses,
    aresponses,
    anthropic_messages,
    text_completion,
    embedding,
    aembedding,
    several_in_a_row,
    many_at_once,
):
    _enter(function.__name__, function)
