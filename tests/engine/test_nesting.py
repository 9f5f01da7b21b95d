"""Recorders inside, beside and across one another, opened and closed in any order."""

from __future__ import annotations

import asyncio
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest

from tests.engine.conftest import Ask
from trace_ops import Recorder
from trace_ops.context import active_tape
from trace_ops.double import ProviderDouble
from trace_ops.errors import TraceOpsWarning, UsageError


def calls(rec: Recorder) -> int:
    return rec.trace.total_llm_calls


def test_the_inner_recorder_sees_the_call(ask: Ask) -> None:
    with Recorder() as outer:
        ask("a")
        with Recorder() as inner:
            ask("b")
        ask("c")
    assert (calls(outer), calls(inner)) == (2, 1)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_recorders_close_in_any_order(order: tuple[int, ...], ask: Ask) -> None:
    recorders = [Recorder(), Recorder(), Recorder()]
    for rec in recorders:
        rec.start()
    expected = [0, 0, 0]
    still_open = {0, 1, 2}
    for closing in order:
        expected[max(still_open)] += 1
        ask("x")
        recorders[closing].stop()
        still_open.discard(closing)
    ask("outside")
    assert [calls(rec) for rec in recorders] == expected
    assert active_tape() is None


def test_a_plain_thread_reaches_the_global_recorder_and_not_a_confined_one(ask: Ask) -> None:
    with Recorder() as everywhere:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(ask, "thread").result()
    with Recorder(scope="context") as confined:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(ask, "thread").result()
        ask("here")
    assert (calls(everywhere), calls(confined)) == (1, 1)


def test_parallel_tasks_have_their_own_recorders(double: ProviderDouble) -> None:
    async def run(client: openai.AsyncOpenAI, prompt: str, times: int) -> int:
        async with Recorder(scope="context") as rec:
            for _ in range(times):
                messages = [{"role": "user", "content": prompt}]
                await client.chat.completions.create(model="gpt-5-mini", messages=messages)  # type: ignore[arg-type]
        return calls(rec)

    async def main() -> list[int]:
        async with openai.AsyncOpenAI(base_url=double.openai_url, api_key="test") as client:
            return await asyncio.gather(*(run(client, f"p{n}", n) for n in range(1, 6)))

    assert asyncio.run(main()) == [1, 2, 3, 4, 5]


def test_ambiguity_between_threads_is_warned_of(ask: Ask) -> None:
    opened, done = threading.Event(), threading.Event()

    def other() -> None:
        with Recorder():
            opened.set()
            done.wait(10)

    with Recorder() as rec, ThreadPoolExecutor(2) as pool:
        elsewhere = pool.submit(other)
        opened.wait(10)
        with pytest.warns(TraceOpsWarning, match="several recorders are open"):
            pool.submit(ask, "whose").result()
        ask("mine")
        done.set()
        elsewhere.result()
    assert calls(rec) == 1


def test_a_decorated_function_is_a_run_each_time(ask: Ask) -> None:
    seen: list[int] = []

    @Recorder()
    def agent() -> None:
        ask("x")
        tape = active_tape()
        assert tape is not None
        seen.append(len(tape.spans))

    agent()
    agent()
    assert seen == [1, 1]


def test_a_decorated_coroutine_function_stays_one(double: ProviderDouble) -> None:
    @Recorder()
    async def agent() -> int:
        tape = active_tape()
        assert tape is not None
        async with openai.AsyncOpenAI(base_url=double.openai_url, api_key="test") as client:
            await client.models.list()
        return len(tape.spans)

    assert asyncio.iscoroutinefunction(agent)
    assert asyncio.run(agent()) == 1


def test_one_recorder_is_not_started_twice() -> None:
    with Recorder() as rec, pytest.raises(UsageError, match="already running"):
        rec.start()
