"""Other ways to run async clients: trio, the aiohttp transport."""

from __future__ import annotations

import importlib.util
from collections.abc import Awaitable, Callable
from typing import Any

from tests.sdk.kit import Kit, aattempt, acollect, scenario
from tests.sdk.scenarios.inputs import CHAT, MESSAGE
from trace_ops.double import Stall, Status


def _no_trio() -> str | None:
    return None if importlib.util.find_spec("trio") else "trio is not installed"


def _in_trio(main: Callable[[], Awaitable[Any]]) -> Any:
    import anyio

    return anyio.run(main, backend="trio")


@scenario(needs=["async_openai"], unless=_no_trio)
def trio_openai(kit: Kit) -> Any:
    async def main() -> Any:
        async with kit.async_openai() as client:
            answer = await client.chat.completions.create(**CHAT)
            return [answer, await acollect(await client.chat.completions.create(**CHAT, stream=True))]

    return _in_trio(main)


@scenario(needs=["async_anthropic"], unless=_no_trio, faults=[Status(429), None])
def trio_anthropic(kit: Kit) -> Any:
    async def main() -> Any:
        async with kit.async_anthropic() as client:
            refused = await aattempt(client.messages.create(**MESSAGE))
            return [refused, await acollect(await client.messages.create(**MESSAGE, stream=True))]

    return _in_trio(main)


@scenario(needs=["async_openai"], unless=_no_trio, faults=[Stall(3.0), Stall(3.0, after=2)])
def trio_cancelled(kit: Kit) -> Any:
    async def main() -> Any:
        import anyio

        seen: list[Any] = []
        async with kit.async_openai() as client:
            with anyio.move_on_after(0.8) as before:
                await client.chat.completions.create(**CHAT)
            with anyio.move_on_after(0.8) as during:
                async for chunk in await client.chat.completions.create(**CHAT, stream=True):
                    seen.append(chunk)
        return [before.cancelled_caught, during.cancelled_caught, seen]

    return _in_trio(main)


def _no_aiohttp() -> str | None:
    import openai

    if not hasattr(openai, "DefaultAioHttpClient"):
        return "this openai has no aiohttp transport"
    return None if importlib.util.find_spec("aiohttp") else "aiohttp is not installed"


@scenario(needs=["async_openai"], unless=_no_aiohttp, faults=[None, None, Status(500)])
async def aiohttp_transport(kit: Kit) -> Any:
    import openai

    async with openai.DefaultAioHttpClient() as http:
        client = kit.async_openai(http_client=http)
        answer = await client.chat.completions.create(**CHAT)
        stream = await acollect(await client.chat.completions.create(**CHAT, stream=True))
        return [answer, stream, await aattempt(client.chat.completions.create(**CHAT))]
