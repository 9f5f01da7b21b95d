"""Many calls at once: threads, gather, executors, both SDKs interleaved."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.sdk.kit import Kit, acollect, collect, scenario
from tests.sdk.outcome import describe
from tests.sdk.scenarios.inputs import CHAT, MESSAGE, asking
from trace_ops.double import Slow


def _sorted(outcomes: Any) -> list[str]:
    """Outcomes of equal calls in parallel: which of them got which answer is open."""
    return sorted(json.dumps(describe(outcome), default=str) for outcome in outcomes)


def _ask(client: Any, text: str, **options: Any) -> Any:
    return client.chat.completions.create(model="gpt-5", messages=asking(text), **options)


@scenario(needs=["openai"])
def threads_with_one_client(kit: Kit) -> Any:
    client = kit.openai()

    def work(worker: int) -> Any:
        whole = _ask(client, f"Worker {worker} asks")
        return [whole, collect(_ask(client, f"Worker {worker} streams", stream=True))]

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(work, range(24)))


@scenario(needs=["openai"])
def threads_with_a_client_each(kit: Kit) -> Any:
    with ThreadPoolExecutor(6) as pool:
        return list(pool.map(lambda worker: _ask(kit.openai(), f"Worker {worker}"), range(6)))


@scenario(needs=["openai"])
def threads_asking_the_same(kit: Kit) -> Any:
    client = kit.openai()
    with ThreadPoolExecutor(8) as pool:
        return _sorted(pool.map(lambda _: _ask(client, "All ask this").id, range(16)))


@scenario(needs=["async_openai"])
async def gather_of_calls(kit: Kit) -> Any:
    client = kit.async_openai()
    return await asyncio.gather(*(_ask(client, f"Question {i}") for i in range(20)))


@scenario(needs=["async_anthropic"])
async def gather_of_equal_calls(kit: Kit) -> Any:
    client = kit.async_anthropic()
    answers = await asyncio.gather(*(client.messages.create(**MESSAGE) for _ in range(10)))
    return _sorted(answer.id for answer in answers)


@scenario(needs=["async_openai"], faults=[Slow(0.005)] * 8)
async def gather_of_streams(kit: Kit) -> Any:
    client = kit.async_openai()

    async def read(i: int) -> Any:
        return await acollect(await _ask(client, f"Stream {i}", stream=True))

    return await asyncio.gather(*(read(i) for i in range(8)))


@scenario(needs=["openai", "anthropic"])
def two_sdks_taking_turns(kit: Kit) -> Any:
    one, other, seen = kit.openai(), kit.anthropic(), list[Any]()
    for i in range(3):
        seen.append(_ask(one, f"Round {i}"))
        seen.append(other.messages.create(**MESSAGE | {"messages": asking(f"Round {i}")}))
    streams = one.chat.completions.create(**CHAT, stream=True), other.messages.create(**MESSAGE, stream=True)
    return [*seen, list(zip(*streams))]


@scenario(needs=["openai", "async_openai"])
async def sync_client_in_threads_of_a_loop(kit: Kit) -> Any:
    client, loop = kit.openai(), asyncio.get_running_loop()
    moved = await asyncio.gather(*(asyncio.to_thread(_ask, client, f"To thread {i}") for i in range(4)))
    plain = await asyncio.gather(
        *(loop.run_in_executor(None, _ask, client, f"Executor {i}") for i in range(4))
    )
    return [moved, plain, await _ask(kit.async_openai(), "And async")]


@scenario(needs=["openai"])
def call_while_a_stream_is_open(kit: Kit) -> Any:
    client = kit.openai()
    stream = _ask(client, "Stream", stream=True)
    first = next(stream)
    between = _ask(client, "Between")
    return [first, between, collect(stream)]
