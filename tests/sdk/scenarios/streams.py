"""Streams that do not go to their end: errors in them, cuts, early leave, cancellation, odd readers."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from typing import Any

from tests.sdk.kit import SCENARIOS, Kit, Scenario, aattempt, acollect, attempt, collect, scenario
from tests.sdk.scenarios.inputs import CHAT, MESSAGE
from tests.sdk.scenarios.openai_responses import QUESTION
from trace_ops.double import CutStream, Fault, Slow, Stall, StreamError

Call = Callable[..., Any]
KINDS: dict[str, tuple[str, str, Call]] = {
    "chat": (
        "openai",
        "",
        lambda client, **more: client.chat.completions.create(**CHAT, stream=True, **more),
    ),
    "responses": (
        "openai",
        ".responses.create",
        lambda client, **more: client.responses.create(**QUESTION, stream=True, **more),
    ),
    "messages": (
        "anthropic",
        "",
        lambda client, **more: client.messages.create(**MESSAGE, stream=True, **more),
    ),
}


def _enter(
    name: str, faults: tuple[Fault | None, ...], act: Call | None, aact: Call | None, **options: Any
) -> None:
    """Enter a way of reading for every kind of stream, sync and async."""

    def enter(kind: str) -> None:
        client, feature, call = KINDS[kind]

        def sync(kit: Kit) -> Any:
            return act(kit.client(client, **options), call)  # type: ignore[misc]

        async def asynchronous(kit: Kit) -> Any:
            return await aact(kit.client(f"async_{client}", **options), call)  # type: ignore[misc]

        if act is not None:
            SCENARIOS.append(Scenario(f"{kind}_stream-{name}", sync, (client + feature,), faults))
        if aact is not None:
            need = f"async_{client}{feature}"
            SCENARIOS.append(Scenario(f"async_{kind}_stream-{name}", asynchronous, (need,), faults))

    for kind in KINDS:
        enter(kind)


def _all(client: Any, call: Call) -> Any:
    stream = call(client)
    return [collect(stream), stream.response]


async def _aall(client: Any, call: Call) -> Any:
    stream = await call(client)
    return [await acollect(stream), stream.response]


_enter("error_event", (StreamError(after=4),), _all, _aall)
_enter("error_event_first", (StreamError(after=0),), _all, _aall)
_enter("cut", (CutStream(after=4),), _all, _aall)
_enter("cut_before_the_first_event", (CutStream(after=0),), _all, _aall)
_enter("stalls", (Stall(3.0, after=4),), _all, _aall, timeout=0.5)
_enter("slow", (Slow(0.01),), _all, _aall)


def _break_and_close(client: Any, call: Call) -> Any:
    stream = call(client)
    seen = collect(stream, limit=3)
    open_before = stream.response.is_closed
    stream.close()
    return [seen, open_before, stream.response]


async def _abreak_and_close(client: Any, call: Call) -> Any:
    stream = await call(client)
    seen = await acollect(stream, limit=3)
    open_before = stream.response.is_closed
    await stream.close()
    return [seen, open_before, stream.response]


_enter("break_and_close", (), _break_and_close, _abreak_and_close)


def _with_block(client: Any, call: Call) -> Any:
    with call(client) as stream:
        first = next(stream)
    return [first, stream.response]


async def _awith_block(client: Any, call: Call) -> Any:
    async with await call(client) as stream:
        first = await stream.__anext__()
    return [first, stream.response]


_enter("left_through_with", (), _with_block, _awith_block)


def _break_without_close(client: Any, call: Call) -> Any:
    def read() -> list[Any]:
        return [chunk for _, chunk in zip(range(3), call(client))]

    chunks = read()
    gc.collect()
    return chunks


async def _abreak_without_close(client: Any, call: Call) -> Any:
    chunks: list[Any] = []
    async for chunk in await call(client):
        chunks.append(chunk)
        if len(chunks) == 3:
            break
    gc.collect()
    await asyncio.sleep(0)
    return chunks


_enter("break_without_close", (), _break_without_close, _abreak_without_close)


def _never_read(client: Any, call: Call) -> Any:
    stream = call(client)
    return [type(stream), stream.response.headers, stream.response.is_closed]


async def _anever_read(client: Any, call: Call) -> Any:
    stream = await call(client)
    return [type(stream), stream.response.headers, stream.response.is_closed]


_enter("never_read", (), _never_read, _anever_read)


def _reader_raises(client: Any, call: Call) -> Any:
    seen: list[Any] = []
    stream = call(client)
    try:
        with stream:
            for chunk in stream:
                seen.append(chunk)
                if len(seen) == 2:
                    raise KeyError("the reader's own")
    except KeyError as error:
        return [seen, error, stream.response]
    return None


_enter("reader_raises", (), _reader_raises, None)


def _read_in_another_thread(client: Any, call: Call) -> Any:
    stream, seen = call(client), list[Any]()
    reader = threading.Thread(target=lambda: seen.append(collect(stream)))
    reader.start()
    reader.join()
    return seen


async def _read_in_another_task(client: Any, call: Call) -> Any:
    stream = await asyncio.create_task(call(client))
    return await asyncio.create_task(acollect(stream))


_enter("read_elsewhere", (), _read_in_another_thread, _read_in_another_task)


async def _cancelled_before(client: Any, call: Call) -> Any:
    try:
        await asyncio.wait_for(call(client), 0.8)
    except asyncio.TimeoutError as error:
        return [type(error), await acollect(await call(client))]
    return None


_enter("timed_out_before_it_began", (Stall(3.0), None), None, _cancelled_before)


async def _cancelled_during(client: Any, call: Call) -> Any:
    seen: list[Any] = []
    stream = await call(client)

    async def read() -> None:
        async for chunk in stream:
            seen.append(chunk)

    try:
        await asyncio.wait_for(read(), 0.6)
    except asyncio.TimeoutError as error:
        return [seen, type(error), stream.response.is_closed]
    return None


_enter("timed_out_halfway", (Stall(3.0, after=3),), None, _cancelled_during)


async def _task_cancelled_during(client: Any, call: Call) -> Any:
    seen: list[Any] = []
    second = asyncio.Event()

    async def read() -> None:
        async for chunk in await call(client):
            seen.append(chunk)
            if len(seen) == 2:
                second.set()

    task = asyncio.create_task(read())
    await second.wait()
    await asyncio.sleep(0.05)
    task.cancel()
    results = await asyncio.gather(task, return_exceptions=True)
    return [seen, results]


_enter("task_cancelled_halfway", (Stall(3.0, after=2),), None, _task_cancelled_during)


@scenario(needs=["async_openai"], faults=[Stall(3.0), None])
async def task_cancelled_before_the_answer(kit: Kit) -> Any:
    client = kit.async_openai()
    task = asyncio.create_task(client.chat.completions.create(**CHAT))
    await kit.arrived(1)
    task.cancel()
    results = await asyncio.gather(task, return_exceptions=True)
    return [results, await client.chat.completions.create(**CHAT)]


@scenario(needs=["async_anthropic"], faults=[Stall(3.0)])
async def wait_for_around_a_plain_call(kit: Kit) -> Any:
    try:
        await asyncio.wait_for(kit.async_anthropic().messages.create(**MESSAGE), 0.8)
    except asyncio.TimeoutError as error:
        return type(error)
    return None


@scenario(needs=["anthropic.messages.stream"], faults=[StreamError(after=5)])
def helper_meets_an_error_event(kit: Kit) -> Any:
    with kit.anthropic().messages.stream(**MESSAGE) as stream:
        return collect(stream)


@scenario(needs=["async_anthropic.messages.stream"], faults=[CutStream(after=5)])
async def async_helper_meets_a_cut(kit: Kit) -> Any:
    async with kit.async_anthropic().messages.stream(**MESSAGE) as stream:
        return await aattempt(stream.get_final_message())


@scenario(needs=["openai.responses.stream"], faults=[StreamError(after=5)])
def responses_helper_meets_an_error_event(kit: Kit) -> Any:
    with kit.openai().responses.stream(**QUESTION) as stream:
        return collect(stream)


@scenario(needs=["openai"], faults=[CutStream(after=2)])
def speech_cut_short(kit: Kit) -> Any:
    return attempt(
        lambda: kit.openai().audio.speech.create(model="tts-1", voice="alloy", input="Good morning")
    )


@scenario(needs=["openai"])
def streaming_response_left_after_some_bytes(kit: Kit) -> Any:
    create = kit.openai().audio.speech.with_streaming_response.create
    with create(model="tts-1", voice="alloy", input="Good morning, dear listeners") as response:
        first = next(response.iter_bytes(8))
    return [first, response]
