"""Plays a scenario three ways: live, recorded, replayed with the provider gone."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from tests.sdk.kit import ANTHROPIC_KEY, AWS_SECRET, OPENAI_KEY, Kit, Scenario
from tests.sdk.outcome import Raised, describe
from trace_ops import Recorder, Replayer
from trace_ops.double import ProviderDouble
from trace_ops.errors import TraceOpsError

NOW = 1_764_000_000.0
SECRETS = (OPENAI_KEY, ANTHROPIC_KEY, AWS_SECRET, "Tr4ceOps", "__cf_bm=", "_cfuvid=", "org-traceopsdouble")
CREDENTIALS = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_SECRET_ACCESS_KEY",
    "AZURE_OPENAI_AD_TOKEN",
    "AZURE_OPENAI_API_KEY",
    "CO_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "MISTRAL_API_KEY",
    "OLLAMA_API_KEY",
    "OPENAI_API_KEY",
    "OPENAI_ORG_ID",
)


@dataclass
class Rounds:
    """The outcomes of the three rounds, and what the network saw of each."""

    direct: Any
    recorded: Any
    replayed: Any
    direct_hits: int
    recorded_hits: int
    replayed_connections: int
    live_only_on_replay: list[str]
    cassette: str


def play_three_ways(scenario: Scenario, folder: Path) -> Rounds:
    """Play direct, then under a Recorder, then under a Replayer without provider or credentials."""
    cassette = folder / "cassette.yaml"
    double = ProviderDouble(clock=lambda: NOW, gzip=scenario.gzip, event_delay=scenario.event_delay)
    with double:
        outcomes, hits = [], []
        for recorder in (None, Recorder(save_to=cassette, mode="all")):
            double.reset()
            double.fail(*scenario.faults)
            double.script(*scenario.turns)
            with environment(OPENAI_API_KEY=OPENAI_KEY, ANTHROPIC_API_KEY=ANTHROPIC_KEY):
                outcomes.append(play(scenario, Kit(double.url, double=double, workspace=folder), recorder))
            hits.append(double.hits)
    kit = Kit(double.url, replaying=True, workspace=folder)
    with environment(), counted_connections() as connections:
        replayed = play(scenario, kit, Replayer(cassette))
    return Rounds(
        direct=outcomes[0],
        recorded=outcomes[1],
        replayed=replayed,
        direct_hits=hits[0],
        recorded_hits=hits[1],
        replayed_connections=len(connections),
        live_only_on_replay=kit.live_only,
        cassette=cassette.read_text(encoding="utf-8"),
    )


def play(scenario: Scenario, kit: Kit, recorder: Recorder | None) -> Any:
    """Play one round and describe what came of it."""
    if scenario.before is not None:
        kit.made = scenario.before(kit)
    if scenario.is_async:
        return asyncio.run(_play_async(scenario, kit, recorder))
    with ExitStack() as stack:
        stack.callback(kit.close)
        with recorder or nullcontext():
            try:
                outcome = scenario.run(kit)
            except Exception as error:
                outcome = _ours(error)
        return {"outcome": describe(outcome), "seen": describe(kit.seen)}


async def _play_async(scenario: Scenario, kit: Kit, recorder: Recorder | None) -> Any:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(kit.aclose)
        async with recorder or nullcontext():
            try:
                outcome = await scenario.run(kit)
            except Exception as error:
                outcome = _ours(error)
        return {"outcome": describe(outcome), "seen": describe(kit.seen)}


def _ours(error: Exception) -> Raised:
    if isinstance(error, TraceOpsError):
        raise error
    return Raised(error)


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """An environment with these credentials and no others."""
    with mock.patch.dict(os.environ, variables):
        for name in CREDENTIALS:
            if name not in variables:
                os.environ.pop(name, None)
        yield


@contextmanager
def counted_connections() -> Iterator[list[Any]]:
    """Collect the addresses that anything tries to connect to."""
    addresses: list[Any] = []
    connect = socket.socket.connect

    def counting(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            addresses.append(address)
        connect(self, address)

    with mock.patch.object(socket.socket, "connect", counting):
        yield addresses
