"""What cannot be recorded is named, warned of once, and never let through unseen on replay."""

from __future__ import annotations

from pathlib import Path

import httpx2
import openai
import pytest

from tests.engine.conftest import Ask
from trace_ops import Recorder, Replayer, load_cassette
from trace_ops.double import ProviderDouble
from trace_ops.errors import TraceOpsWarning, UnrecordedCallError

pytest.importorskip("openai.resources.realtime", reason="this openai has no WebSocket transport")


def test_a_websocket_is_warned_of_and_named_in_the_cassette(
    path: Path, client: openai.OpenAI, ask: Ask
) -> None:
    with pytest.warns(TraceOpsWarning, match="openai WebSocket Realtime cannot be recorded"), Recorder(path):
        ask("one")
        for _ in range(2):
            with pytest.raises(Exception), client.realtime.connect(model="gpt-realtime"):  # noqa: B017
                pass
    assert load_cassette(path).uncaptured == ["openai WebSocket Realtime"]


def test_on_replay_it_is_refused(recorded: Path, client: openai.OpenAI) -> None:
    with (
        pytest.raises(UnrecordedCallError, match="WebSocket Realtime cannot be replayed"),
        Replayer(recorded),
    ):
        with client.realtime.connect(model="gpt-realtime"):
            pass


def test_a_fault_of_ours_is_told_and_the_call_goes_on(
    path: Path, ask: Ask, double: ProviderDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("trace_ops.tape.scrub_request", broken)
    with pytest.warns(TraceOpsWarning, match="could not be recorded"), Recorder(path):
        assert '"one"' in ask("one")
        assert '"two"' in ask("two")
    assert double.hits == 2
    assert load_cassette(path).uncaptured == ["openai call that could not be recorded: RuntimeError('a bug')"]


@pytest.mark.filterwarnings("error")
def test_even_warnings_made_errors_stay_out_of_the_recorded_code(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("trace_ops.tape.scrub_request", broken)
    with Recorder():
        assert '"one"' in ask("one")
    assert "could not be recorded" in caplog.text


def test_traffic_that_is_no_sdk_call_is_left_alone(path: Path, ask: Ask, double: ProviderDouble) -> None:
    with Recorder(path) as rec, httpx2.Client() as plain:
        ask("one")
        assert plain.get(f"{double.openai_url}/models").status_code == 200
    assert len(rec.trace) == 1
