"""A cassette is bound to what was asked, not to where; and is never read past its end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.kit import ANTHROPIC_KEY, OPENAI_KEY, Kit
from tests.sdk.rounds import environment
from tests.sdk.scenarios.inputs import CHAT, MESSAGE
from trace_ops import Recorder, Replayer
from trace_ops.double import ProviderDouble
from trace_ops.errors import StreamTruncatedError

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cassette.yaml"


def test_a_replay_needs_neither_base_url_nor_key(path: Path) -> None:
    anthropic, openai = pytest.importorskip("anthropic"), pytest.importorskip("openai")
    with environment(OPENAI_API_KEY=OPENAI_KEY, ANTHROPIC_API_KEY=ANTHROPIC_KEY), ProviderDouble() as double:
        kit = Kit(double.url)
        with Recorder(save_to=path):
            one = kit.openai().chat.completions.create(**CHAT)
            other = kit.anthropic().messages.create(**MESSAGE)
        kit.close()
    with environment(), Replayer(path), openai.OpenAI() as first, anthropic.Anthropic() as second:
        assert first.chat.completions.create(**CHAT) == one
        assert second.messages.create(**MESSAGE) == other


def test_the_sync_client_replays_what_the_async_one_recorded(path: Path) -> None:
    async def ask(kit: Kit) -> Any:
        async with kit.async_openai() as client:
            return await client.chat.completions.create(**CHAT)

    with environment(OPENAI_API_KEY=OPENAI_KEY), ProviderDouble() as double:
        kit = Kit(double.url)
        with Recorder(save_to=path):
            recorded = asyncio.run(ask(kit))
    with environment(), Replayer(path), Kit("http://127.0.0.1:9").openai() as client:
        assert client.chat.completions.create(**CHAT) == recorded


def test_reading_on_where_the_recording_ends_is_an_error(path: Path) -> None:
    def read(kit: Kit, limit: int | None) -> list[Any]:
        chunks: list[Any] = []
        with kit.openai() as client, client.chat.completions.create(**CHAT, stream=True) as stream:
            for chunk in stream:
                chunks.append(chunk)
                if len(chunks) == limit:
                    break
        return chunks

    with (
        environment(OPENAI_API_KEY=OPENAI_KEY),
        ProviderDouble(event_delay=0.01) as double,
        Recorder(save_to=path),
    ):
        recorded = read(Kit(double.url), 3)
    with environment(), Replayer(path):
        assert read(Kit("http://127.0.0.1:9"), 3) == recorded
    with environment(), pytest.raises(StreamTruncatedError, match="read further"), Replayer(path):
        read(Kit("http://127.0.0.1:9"), None)
    with environment(), pytest.raises(StreamTruncatedError), Replayer(path):  # also raised at the end
        with pytest.raises(StreamTruncatedError):  # not wrapped by the SDK
            read(Kit("http://127.0.0.1:9"), None)
