"""Where recordings meet the rest of the world: patches, threads, processes that end, other recorders."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from unittest import mock

import httpx2
import openai
import pytest

from tests.engine.conftest import Ask
from trace_ops import Recorder, Replayer, load_cassette, span
from trace_ops.double import ProviderDouble, Stall, Status
from trace_ops.errors import TraceOpsWarning, UnrecordedCallError, VerifyError


def test_added_steps_keep_the_parents_they_had(path: Path, ask: Ask) -> None:
    for run in ("one", "two", "three"):
        with Recorder(path, mode="new_episodes", allow_unplayed=True) as rec:
            with span("agent", run):
                ask(run)
                rec.record_tool_call("shared", {"same": True})
    trace = load_cassette(path)
    names = {step.id: step.name for step in trace}
    assert [(names[step.parent] if step.parent else None) for step in trace.llm_calls] == [
        "one",
        "two",
        "three",
    ]


def test_steps_that_are_there_already_are_not_added_again(path: Path) -> None:
    for count in (1, 2, 3):
        with Recorder(path, mode="new_episodes") as rec:
            for number in range(count):
                rec.record_tool_call("step", {"number": number})
    assert [step.input["number"] for step in load_cassette(path)] == [0, 1, 2]


def test_a_run_that_adds_leaves_the_header(path: Path, ask: Ask) -> None:
    with Recorder(path, name="trip", tags=["a"], metadata={"x": 1}):
        ask("one")
    with Recorder(path, mode="new_episodes", tags=["b"]):
        ask("two")
    trace = load_cassette(path)
    assert (trace.name, trace.tags, trace.metadata) == ("trip", ["a", "b"], {"x": 1})


def test_verify_leaves_no_journal(recorded: Path, ask: Ask, double: ProviderDouble) -> None:
    with pytest.raises(VerifyError), Recorder(recorded, mode="verify"):
        ask("one")
        double.fail(Status(500))
        with pytest.raises(openai.APIError):
            ask("two")
    assert [file.name for file in recorded.parent.iterdir()] == [recorded.name]


@pytest.mark.parametrize("first", [0, 1])
def test_overlapping_replayers_share_the_keys_that_stand_in(first: int, recorded: Path) -> None:
    pair = [Replayer(recorded, allow_unplayed=True), Replayer(recorded, allow_unplayed=True)]
    for replayer in pair:
        replayer.start()
    pair[first].stop()
    assert openai.OpenAI().api_key
    pair[1 - first].stop()
    assert "OPENAI_API_KEY" not in os.environ


def test_only_recorded_providers_get_keys(recorded: Path) -> None:
    with Replayer(recorded, allow_unplayed=True):
        assert "OPENAI_API_KEY" in os.environ
        assert "ANTHROPIC_API_KEY" not in os.environ
        assert "AZURE_OPENAI_ENDPOINT" not in os.environ


def test_a_mock_that_comes_and_goes_does_not_take_the_recorder_with_it(
    path: Path, ask: Ask, double: ProviderDouble
) -> None:
    real = httpx2.Client.send
    with mock.patch.object(httpx2.Client, "send", autospec=True, side_effect=real):
        with Recorder(path):
            ask("one")
    double.reset()
    with Replayer(path):
        ask("one")
    assert double.hits == 0


def test_an_sdk_that_is_unloaded_and_imported_again_is_recorded(double: ProviderDouble) -> None:
    def calls() -> int:
        module = importlib.import_module("anthropic")
        client = module.Anthropic(base_url=double.url, api_key="test")
        with Recorder() as rec:
            client.models.list()
        return len(rec.trace)

    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "anthropic"}
    assert calls() == 1
    try:
        for name in [name for name in sys.modules if name.partition(".")[0] == "anthropic"]:
            del sys.modules[name]
        assert calls() == 1
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "anthropic"]:
            del sys.modules[name]
        sys.modules.update(before)


def test_a_call_still_running_at_the_end_is_named(path: Path, ask: Ask, double: ProviderDouble) -> None:
    ask("warm up")
    double.fail(None, Stall(1.0))
    with pytest.warns(TraceOpsWarning, match="still running when the recorder was closed"):
        with Recorder(path):
            ask("one")
            late = threading.Thread(target=ask, args=("late",))
            late.start()
            while double.hits < 3:
                late.join(0.01)
    late.join()
    trace = load_cassette(path)
    assert (len(trace), len(trace.uncaptured)) == (1, 1)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_calls_of_an_unfinished_run_that_another_run_does_not_make_are_not_lost(
    recorded: Path, ask: Ask, double: ProviderDouble
) -> None:
    with pytest.raises(ZeroDivisionError), Recorder(recorded, mode="new_episodes"):
        ask("paid for")
        _ = 1 / 0
    with pytest.warns(TraceOpsWarning, match="unfinished"), Recorder(recorded, mode="new_episodes"):
        ask("another")
    double.reset()
    with Replayer(recorded, allow_unplayed=True):
        ask("paid for")
    assert double.hits == 0


def test_a_program_that_exits_well_is_recorded(path: Path, ask: Ask) -> None:
    with pytest.raises(SystemExit), Recorder(path):
        ask("one")
        sys.exit(0)
    assert len(load_cassette(path)) == 1


def test_a_program_that_exits_badly_is_not(recorded: Path, ask: Ask) -> None:
    before = recorded.read_bytes()
    with pytest.raises(SystemExit), Recorder(recorded):
        ask("three")
        sys.exit(2)
    assert recorded.read_bytes() == before


def test_a_fault_of_ours_on_replay_is_a_miss_that_stays(recorded: Path, ask: Ask) -> None:
    def broken(_body: object) -> object:
        raise RuntimeError("a bug in normalize")

    with pytest.raises(UnrecordedCallError, match="a bug in normalize"):
        with Replayer(recorded, normalize=broken, allow_unplayed=True):
            try:
                ask("one")
            except Exception:
                pass


def test_each_thread_has_a_lane_of_its_own(ask: Ask) -> None:
    with Recorder() as rec:
        for _ in range(3):
            thread = threading.Thread(target=ask, args=("x",))
            thread.start()
            thread.join()
    assert len({step.lane for step in rec.trace}) == 3


def test_a_disk_that_fails_leaves_the_run_to_be_resumed(
    path: Path, ask: Ask, double: ProviderDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(Exception, match="No space left"):
        patched.setattr("trace_ops.cassette.save", full)
        with Recorder(path):
            ask("one")
    double.reset()
    with pytest.warns(TraceOpsWarning, match="unfinished"), Recorder(path):
        ask("one")
    assert double.hits == 0
    assert len(load_cassette(path)) == 1


def test_a_generator_function_is_no_run(ask: Ask) -> None:
    def agent() -> object:
        yield ask("x")

    with pytest.raises(ValueError, match="generator function"):
        Recorder()(agent)


def test_recorders_of_threads_on_one_file_lose_nothing(path: Path, ask: Ask) -> None:
    def worker(number: int) -> None:
        with Recorder(path, mode="new_episodes", scope="context"):
            barrier.wait(10)
            ask(f"thread {number}")

    barrier = threading.Barrier(4)
    threads = [threading.Thread(target=worker, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(load_cassette(path)) == 4


def test_warnings_made_errors_and_an_unwritable_directory(tmp_path: Path, double: ProviderDouble) -> None:
    code = f"""
import openai
from trace_ops import Recorder
client = openai.OpenAI(base_url={double.openai_url!r}, api_key="x")
blocked = {str(tmp_path / "file")!r}
open(blocked, "w").close()
try:
    with Recorder(blocked + "/run.yaml"):
        print(client.models.list().data[0].id)
except Exception as error:
    print(type(error).__name__)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1] == "CassetteError", done.stderr
    assert len(done.stdout.splitlines()) <= 2


def test_a_run_without_a_call_can_be_replayed(path: Path) -> None:
    with Recorder(path):
        pass
    with Replayer(path) as rep:
        pass
    assert rep.verdict == "EMPTY"
