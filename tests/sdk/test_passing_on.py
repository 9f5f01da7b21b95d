"""A recording does not hold anything back, and a replay does not wait for anything."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.sdk.kit import OPENAI_KEY, Kit
from tests.sdk.rounds import environment
from tests.sdk.scenarios.inputs import CHAT
from tests.support.waits import waits
from trace_ops import Recorder, Replayer
from trace_ops.double import ProviderDouble, Slow, Stall, Status
from trace_ops.providers import _call, _http

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
UNPACKED = pytest.mark.skipif(
    metadata.version("httpx").startswith("0.27."),
    reason="httpx 0.27 holds the last event of a packed stream back, recorded or not",
)
Arrived = Callable[[], None]


def _read(kit: Kit, arrived: Arrived) -> None:
    for _ in kit.openai().chat.completions.create(**CHAT, stream=True):
        arrived()


def _read_async(kit: Kit, arrived: Arrived) -> None:
    async def read() -> None:
        async with kit.async_openai() as client:
            async for _ in await client.chat.completions.create(**CHAT, stream=True):
                arrived()

    asyncio.run(read())


@pytest.mark.parametrize("read", [_read, _read_async])
@pytest.mark.parametrize("packed", [False, pytest.param(True, marks=UNPACKED)], ids=["plain", "gzip"])
def test_a_recorded_stream_is_passed_on_event_by_event(
    read: Callable[[Kit, Arrived], None], packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The double sends an event when the one before it has been read: held back, none would come any more."""
    was_read, events_read = threading.Semaphore(0), 0

    def arrived() -> None:
        nonlocal events_read
        events_read += 1
        was_read.release()

    # A clock that says how many events were read, in hundredths of a second.
    for module in (_call, _http):
        monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: events_read / 100))
    with (
        environment(OPENAI_API_KEY=OPENAI_KEY),
        ProviderDouble(gzip=packed) as double,
        Recorder(save_to=tmp_path / "x.yaml") as recorder,
    ):
        monkeypatch.setattr(double._stopped, "wait", lambda _: not was_read.acquire(timeout=20))
        double.fail(Slow(1))
        read(Kit(double.url), arrived)
    (span,) = recorder.trace.spans
    assert span.exchange is not None
    at_ms = span.exchange.outcome.body.at_ms  # type: ignore[union-attr]
    assert events_read > 2
    assert at_ms == [10 * number for number in range(events_read + 1)], "the last one says that it is done"


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
        with Recorder(save_to=tmp_path / "x.yaml"), waits() as live:
            recorded = run(Kit(double.url))
        assert double.hits == 4
        assert sum(live) >= 1, "the waits of the SDK are not seen"
    with environment(), Replayer(tmp_path / "x.yaml"), waits() as served:
        replayed = run(Kit(double.url, replaying=True))
    assert replayed == recorded
    assert recorded[0] == 2
    assert served == []
