"""The table of modes in ``docs/modes.md``, a test a cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.conftest import Ask
from trace_ops import Recorder, load_cassette
from trace_ops.double import ProviderDouble, Turn
from trace_ops.errors import (
    CassetteMissingError,
    UnplayedCallsError,
    UnrecordedCallError,
    UsageError,
    VerifyError,
)
from trace_ops.modes import MODES, ModeName, get_mode

RECORDING: list[ModeName] = ["once", "new_episodes", "update", "all", "rewrite"]
REPLAYING: list[ModeName] = ["none", "once", "new_episodes", "update"]


def prompts(path: Path) -> list[str]:
    """What a cassette's calls ask."""
    requests = (span.exchange.request for span in load_cassette(path) if span.exchange)
    return [request.body.json["messages"][0]["content"] for request in requests if request.body]


@pytest.mark.parametrize("mode", RECORDING)
def test_without_a_cassette_the_run_is_recorded(mode: ModeName, path: Path, ask: Ask) -> None:
    with Recorder(path, mode=mode) as rec:
        ask("one")
    assert prompts(path) == ["one"]
    assert rec.verdict == "RECORDED"


@pytest.mark.parametrize("mode", ["none", "verify"])
def test_without_a_cassette_it_is_an_error(mode: ModeName, path: Path, double: ProviderDouble) -> None:
    with (
        pytest.raises(CassetteMissingError, match=r"run\.yaml: there is no such cassette"),
        Recorder(path, mode=mode),
    ):
        pass
    assert double.hits == 0


@pytest.mark.parametrize("mode", REPLAYING)
def test_a_known_call_is_replayed(mode: ModeName, recorded: Path, ask: Ask, double: ProviderDouble) -> None:
    with Recorder(recorded, mode=mode) as rec:
        assert '"one"' in ask("one")
        assert '"two"' in ask("two")
    assert (double.hits, rec.verdict) == (0, "REPLAYED")


@pytest.mark.parametrize("mode", ["all", "rewrite", "verify"])
def test_a_known_call_is_made_live(mode: ModeName, recorded: Path, ask: Ask, double: ProviderDouble) -> None:
    with Recorder(recorded, mode=mode) as rec:
        ask("one")
        ask("two")
    assert (double.hits, rec.counts["recorded"]) == (2, 2)


@pytest.mark.parametrize("mode", ["none", "once", "verify"])
def test_an_unknown_call_is_an_error(
    mode: ModeName, recorded: Path, ask: Ask, double: ProviderDouble
) -> None:
    before = recorded.read_bytes()
    with pytest.raises(UnrecordedCallError), Recorder(recorded, mode=mode):
        ask("three")
    assert double.hits == 0
    assert recorded.read_bytes() == before


@pytest.mark.parametrize(
    ("mode", "kept"),
    [
        ("new_episodes", ["one", "two", "three"]),
        ("update", ["one", "three"]),
        ("all", ["one", "three"]),
        ("rewrite", ["one", "three"]),
    ],
)
def test_an_unknown_call_is_recorded(mode: ModeName, kept: list[str], recorded: Path, ask: Ask) -> None:
    with Recorder(recorded, mode=mode):
        ask("one")
        ask("three")
    assert prompts(recorded) == kept


@pytest.mark.parametrize("mode", ["none", "once", "verify"])
def test_a_recorded_call_not_made_is_an_error(mode: ModeName, recorded: Path, ask: Ask) -> None:
    with pytest.raises(UnplayedCallsError, match="1 of 2 recorded calls"), Recorder(recorded, mode=mode):
        ask("one")
    with Recorder(recorded, mode=mode, allow_unplayed=True) as rec:
        ask("two")
    assert [span.id for span in rec.unplayed] == [1]


def test_update_drops_what_was_not_made_and_leaves_an_unchanged_run_alone(recorded: Path, ask: Ask) -> None:
    before = recorded.read_bytes()
    with Recorder(recorded, mode="update"):
        ask("one")
        ask("two")
    assert recorded.read_bytes() == before
    with Recorder(recorded, mode="update"):
        ask("two")
    assert prompts(recorded) == ["two"]


@pytest.mark.parametrize("mode", ["update", "all", "new_episodes"])
def test_a_failing_run_leaves_the_cassette_alone(mode: ModeName, recorded: Path, ask: Ask) -> None:
    before = recorded.read_bytes()
    with pytest.raises(ZeroDivisionError), Recorder(recorded, mode=mode):
        ask("three")
        _ = 1 / 0
    assert recorded.read_bytes() == before


def test_rewrite_removes_the_old_file_first(recorded: Path, ask: Ask) -> None:
    with pytest.raises(ZeroDivisionError), Recorder(recorded, mode="rewrite"):
        ask("three")
        _ = 1 / 0
    assert not recorded.exists()


def test_verify_tells_what_a_live_answer_does_differently(
    recorded: Path, ask: Ask, client: object, double: ProviderDouble
) -> None:
    before = recorded.read_bytes()
    double.script(Turn(text="Other words, same kind."), Turn(refusal="I will not."))
    with pytest.raises(VerifyError) as raised, Recorder(recorded, mode="verify"):
        ask("one")
        ask("two")
    assert "span 2 (openai" in str(raised.value)
    assert "1 in schema, 2 in text" in str(raised.value)
    assert recorded.read_bytes() == before


def test_an_unknown_mode_is_refused_with_the_list() -> None:
    with pytest.raises(UsageError, match="none, once, new_episodes, update, all, rewrite, verify"):
        get_mode("onec")
    assert len(MODES) == 7
