"""mistralai, cohere, ollama and google-genai: streams left, stalled and cancelled, and many calls at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sdk.kit import SCENARIOS, Kit, Scenario, acollect, collect
from tests.sdk.outcome import Raised
from tests.sdk.scenarios import cohere, google, mistral, ollama
from tests.sdk.scenarios.entries import ataken, taken
from tests.sdk.scenarios.inputs import asking
from trace_ops.double import Fault, Slow, Stall

Ask = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Uses:
    """How an SDK is asked, for a whole answer and for a stream; ``impatient`` are options of its client."""

    sdk: str
    ask: Ask
    stream: Ask
    impatient: dict[str, Any]


SDKS = (
    Uses(
        "cohere",
        lambda client, text: client.chat(**cohere.CHAT | {"messages": asking(text)}),
        lambda client, text: client.chat_stream(**cohere.CHAT | {"messages": asking(text)}),
        {"timeout": 0.3},
    ),
    Uses(
        "google",
        lambda client, text: client.models.generate_content(**google.ASKED | {"contents": text}),
        lambda client, text: client.models.generate_content_stream(**google.ASKED | {"contents": text}),
        {"http": {"timeout": 300}},
    ),
    Uses(
        "mistral",
        lambda client, text: client.chat.complete(**mistral.CHAT | {"messages": asking(text)}),
        lambda client, text: client.chat.stream(**mistral.CHAT | {"messages": asking(text)}),
        {"timeout_ms": 300},
    ),
    Uses(
        "ollama",
        lambda client, text: client.chat(**ollama.CHAT | {"messages": asking(text)}),
        lambda client, text: client.chat(**ollama.CHAT | {"messages": asking(text)}, stream=True),
        {"timeout": 0.3},
    ),
)
Play = Callable[[Kit, Uses], Any]


def _enter(name: str, *faults: Fault | None) -> Callable[[Play], Play]:
    """Enter a play for every SDK; an async one is for its async client."""

    def enter(play: Play) -> Play:
        for uses in SDKS:
            if asyncio.iscoroutinefunction(play):
                SCENARIOS.append(_async(f"async_{uses.sdk}", name, play, uses, faults))
            else:
                SCENARIOS.append(_sync(uses.sdk, name, play, uses, faults))
        return play

    return enter


def _sync(client: str, name: str, play: Play, uses: Uses, faults: tuple[Fault | None, ...]) -> Scenario:
    return Scenario(f"{client}-{name}", lambda kit: play(kit, uses), (client,), faults)


def _async(client: str, name: str, play: Play, uses: Uses, faults: tuple[Fault | None, ...]) -> Scenario:
    async def run(kit: Kit) -> Any:
        return await play(kit, uses)

    return Scenario(f"{client}-{name}", run, (client,), faults)


# --- streams


@_enter("left_early", *[Slow(0.01)] * 2)
def _left_early(kit: Kit, uses: Uses) -> Any:
    client = kit.client(uses.sdk)
    stream = uses.stream(client, "One")
    first = collect(stream, 3)["items"]
    # Mistral's stream is closed as a context, the others are generators.
    (getattr(stream, "close", None) or stream.response.close)()
    return [first, uses.ask(client, "Another")]


@_enter("left_early", *[Slow(0.01)] * 2)
async def _aleft_early(kit: Kit, uses: Uses) -> Any:
    client = kit.client(f"async_{uses.sdk}")
    stream = uses.stream(client, "One")
    if not hasattr(stream, "__aiter__"):
        stream = await stream
    first = (await acollect(stream, 3))["items"]
    await (getattr(stream, "aclose", None) or stream.response.aclose)()
    return [first, await uses.ask(client, "Another")]


@_enter("stalls_halfway", Stall(1.0, after=3))
def _stalls(kit: Kit, uses: Uses) -> Any:
    client = kit.client(uses.sdk, **uses.impatient)
    return _stalled(taken(uses.stream(client, "One")))


@_enter("stalls_halfway", Stall(1.0, after=3))
async def _astalls(kit: Kit, uses: Uses) -> Any:
    client = kit.client(f"async_{uses.sdk}", **uses.impatient)
    return _stalled(await ataken(uses.stream(client, "One")))


def _stalled(outcome: Any) -> Raised:
    if not isinstance(outcome, Raised) or "Timeout" not in type(outcome.error).__name__:
        pytest.fail(f"the stream should have stalled, and it is {outcome}")
    return outcome


@_enter("cancelled_halfway", Stall(3.0, after=3))
async def _cancelled(kit: Kit, uses: Uses) -> Any:
    seen: list[Any] = []
    client = kit.client(f"async_{uses.sdk}")

    async def read() -> None:
        stream = uses.stream(client, "One")
        async for piece in stream if hasattr(stream, "__aiter__") else await stream:
            seen.append(piece)

    try:
        await asyncio.wait_for(read(), 0.6)
    except asyncio.TimeoutError as error:
        return [seen, type(error)]
    pytest.fail("the stream should have stalled")


@_enter("cancelled_before_the_answer", Stall(3.0), None)
async def _cancelled_before(kit: Kit, uses: Uses) -> Any:
    client = kit.client(f"async_{uses.sdk}")
    try:
        await asyncio.wait_for(uses.ask(client, "One"), 0.5)
    except asyncio.TimeoutError as error:
        return [type(error), await uses.ask(client, "Another")]
    pytest.fail("the answer should not have come")


@_enter("call_while_a_stream_is_open")
def _between(kit: Kit, uses: Uses) -> Any:
    client = kit.client(uses.sdk)
    stream = iter(uses.stream(client, "One"))
    first = next(stream)
    return [first, uses.ask(client, "Between"), list(stream)]


# --- at once


@_enter("threads_with_one_client")
def _threads(kit: Kit, uses: Uses) -> Any:
    client = kit.client(uses.sdk)

    def work(worker: int) -> Any:
        return [uses.ask(client, f"Worker {worker}"), taken(uses.stream(client, f"Streamer {worker}"))]

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(work, range(8)))


@_enter("gather", *[Slow(0.002)] * 16)
async def _gather(kit: Kit, uses: Uses) -> Any:
    client = kit.client(f"async_{uses.sdk}")
    whole = (ataken(uses.ask(client, f"Question {number}")) for number in range(8))
    streams = (ataken(uses.stream(client, f"Stream {number}")) for number in range(8))
    return await asyncio.gather(*whole, *streams)
