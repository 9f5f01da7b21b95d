"""A run compared with its recording by the recorder itself."""

from __future__ import annotations

from pathlib import Path

from openai import OpenAI

from trace_ops import Recorder, Replayer
from trace_ops.double import ProviderDouble


def ask(client: OpenAI, *questions: str) -> None:
    for question in questions:
        client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": question}])


def test_a_first_recording_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    with ProviderDouble() as double, OpenAI(base_url=double.openai_url, api_key="unused") as client:
        with Recorder(tmp_path / "c.yaml") as recorder:
            ask(client, "One?")
            assert recorder.diff() is None


def test_a_faithful_replay_differs_in_nothing_though_it_takes_no_time(tmp_path: Path) -> None:
    with ProviderDouble(event_delay=0.1) as double:
        with OpenAI(base_url=double.openai_url, api_key="unused") as client:
            with Recorder(tmp_path / "c.yaml"):
                ask(client, "One?", "Two?")
            with Replayer(tmp_path / "c.yaml") as replay:
                ask(client, "One?", "Two?")

    found = replay.diff()
    assert found is not None
    assert found.changes == ()


def test_an_update_tells_what_it_recorded_anew(tmp_path: Path) -> None:
    with ProviderDouble() as double, OpenAI(base_url=double.openai_url, api_key="unused") as client:
        with Recorder(tmp_path / "c.yaml"):
            ask(client, "One?", "Two?", "Three?")
        with Recorder(tmp_path / "c.yaml", mode="update") as update:
            ask(client, "One?", "Two, please?", "Three?")

    found = update.diff()
    assert found is not None
    assert found.first_divergence is not None
    assert (found.first_divergence.new, found.first_divergence.cause) == (2, "message 1 (user)")
    assert [change.kind for change in found.roots] == ["prompt"]
