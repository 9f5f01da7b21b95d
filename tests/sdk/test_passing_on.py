"""A recording does not hold anything back, and a replay does not wait for anything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.kit import OPENAI_KEY, Kit
from tests.sdk.rounds import environment
from tests.sdk.scenarios.inputs import CHAT
from trace_ops import Recorder, Replayer
from trace_ops.double import ProviderDouble, Slow, Stall, Status

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
EVENT_GAP = 0.03


def _arrivals(kit: Kit) -> list[float]:
    stream = kit.openai().chat.completions.create(**CHAT, stream=True)
    return [time.perf_counter() for _ in stream]


def _async_arrivals(kit: Kit) -> list[float]:
    async def read() -> list[float]:
        async with kit.async_openai() as client:
            stream = await client.chat.completions.create(**CHAT, stream=True)
            return [time.perf_counter() async for _ in stream]

    return asyncio.run(read())


@pytest.mark.parametrize("read", [_arrivals, _async_arrivals])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_recorded_stream_is_passed_on_event_by_event(
    read: Callable[[Kit], Any], packed: bool, tmp_path: Path
) -> None:
    with (
        environment(OPENAI_API_KEY=OPENAI_KEY),
        ProviderDouble(gzip=packed) as double,
        Recorder(save_to=tmp_path / "x.yaml") as recorder,
    ):
        double.fail(Slow(EVENT_GAP))
        arrivals = read(Kit(double.url))
    spread = arrivals[-1] - arrivals[0]
    assert spread > EVENT_GAP * (len(arrivals) - 1) * 0.8, "events arrived in a bunch"
    (span,) = recorder.trace.spans
    assert span.exchange is not None
    at_ms = span.exchange.outcome.body.at_ms  # type: ignore[union-attr]
    assert at_ms[-1] - at_ms[0] > EVENT_GAP * 1000 * (len(arrivals) - 1) * 0.8, "the times were not kept"


def test_a_replay_waits_neither_for_events_nor_to_retry(tmp_path: Path) -> None:
    def run(kit: Kit) -> Any:
        client = kit.openai(max_retries=3, timeout=0.2)
        raw = client.chat.completions.with_raw_response.create(**CHAT)
        text = "".join(
            c.choices[0].delta.content or "" for c in client.chat.completions.create(**CHAT, stream=True)
        )
        return getattr(raw, "retries_taken", 2), raw.parse().id, text

    with environment(OPENAI_API_KEY=OPENAI_KEY), ProviderDouble() as double:
        double.fail(Status(429, headers={"retry-after": "1"}), Stall(1.0), None, Slow(0.02))
        with Recorder(save_to=tmp_path / "x.yaml"):
            recorded = run(Kit(double.url))
        assert double.hits == 4
    with environment(), Replayer(tmp_path / "x.yaml"):
        run_once = Kit(double.url, replaying=True)
        began = time.perf_counter()
        replayed = run(run_once)
        took = time.perf_counter() - began
    assert replayed == recorded
    assert recorded[0] == 2
    assert took < 0.5, f"the replay took {took:.2f} s"
