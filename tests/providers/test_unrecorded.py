"""What leaves by a WebSocket or in another program is named once, and refused on replay."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trace_ops import Recorder, Replayer, load_cassette
from trace_ops.errors import TraceOpsWarning, UnrecordedCallError

NOWHERE = "http://127.0.0.1:9"

# The libraries open connections to nobody, and warn of what is experimental.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*experimental"),
]


def _google() -> Any:
    return importlib.import_module("google.genai").Client(api_key="key", http_options={"base_url": NOWHERE})


async def _google_live() -> None:
    async with _google().aio.live.connect(model="gemini-live"):
        pass


async def _google_music() -> None:
    async with _google().aio.live.music.connect(model="lyria"):
        pass


async def _mistral() -> None:
    client = importlib.import_module("mistralai.client").Mistral(api_key="key", server_url=NOWHERE)
    await client.audio.realtime.connect(model="voxtral")


async def _together() -> None:
    client = importlib.import_module("together").AsyncTogether(api_key="key", base_url=NOWHERE)
    async with client.beta.realtime.connect(model="whisper"):
        pass


async def _claude() -> None:
    sdk = importlib.import_module("claude_agent_sdk")
    options = sdk.ClaudeAgentOptions(cli_path=sys.executable)  # which is not that program, and ends at once
    async for _ in sdk.query(prompt="Hello", options=options):
        pass


UNSEEN = {
    "google WebSocket Live": (_google_live, "google.genai.live"),
    "google WebSocket LiveMusic": (_google_music, "google.genai.live_music"),
    "mistral WebSocket RealtimeTranscription": (_mistral, "mistralai.extra.realtime.transcription"),
    "together WebSocket Realtime": (_together, "together.lib.realtime"),
    "sessions of claude-agent-sdk": (_claude, "claude_agent_sdk"),
}


@pytest.mark.parametrize(("what", "leave", "module"), [(key, *value) for key, value in UNSEEN.items()])
def test_it_is_named_and_refused(what: str, leave: Callable[[], Any], module: str, tmp_path: Path) -> None:
    pytest.importorskip(module, reason=f"{module} is not installed")
    path = tmp_path / "run.yaml"
    with pytest.warns(TraceOpsWarning, match=f"{what} cannot be recorded") as told, Recorder(path):
        for _ in range(2):
            with pytest.raises(Exception, match="."):
                asyncio.run(leave())
    assert len([each for each in told if what in str(each.message)]) == 1
    assert load_cassette(path).uncaptured == [what]
    with pytest.raises(UnrecordedCallError, match=f"{what} cannot be replayed"), Replayer(path):
        asyncio.run(leave())
