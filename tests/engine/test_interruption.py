"""What a killed or failed recording leaves behind, and how the next run goes on from it."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import openai
import pytest

from tests.engine.conftest import Ask
from trace_ops import Recorder, load_cassette, tool
from trace_ops.cassette.recovery import recover
from trace_ops.double import ProviderDouble, Status
from trace_ops.errors import TraceOpsWarning
from trace_ops.modes import ModeName

AGENT = """
import os, signal, sys
import openai
from trace_ops import Recorder

path, url, mode, stop = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
client = openai.OpenAI(base_url=url, api_key="test")
with Recorder(path, mode=mode):
    for number in range(50):
        if number == stop:
            os.kill(os.getpid(), signal.SIGKILL)
        message = {"role": "user", "content": f"call {number}"}
        client.chat.completions.create(model="gpt-5-mini", messages=[message])
"""


def run(path: Path, double: ProviderDouble, mode: str, stop: int = -1) -> int:
    command = [sys.executable, "-W", "ignore", "-c", AGENT, str(path), double.openai_url, mode, str(stop)]
    return subprocess.run(command, check=False).returncode


@pytest.mark.parametrize("mode", ["all", "once", "new_episodes", "update"])
def test_a_kill_at_call_30_keeps_the_calls_and_the_next_run_goes_on(
    mode: ModeName, path: Path, double: ProviderDouble
) -> None:
    assert run(path, double, mode, stop=30) == -9
    assert not path.exists()
    assert len(load_cassette(path)) >= 29
    double.reset()
    assert run(path, double, mode) == 0
    assert double.hits <= 21
    assert len(load_cassette(path)) == 50
    assert list(path.parent.glob("*.journal")) == []


def test_rewrite_starts_over(path: Path, double: ProviderDouble) -> None:
    run(path, double, "all", stop=30)
    double.reset()
    assert run(path, double, "rewrite") == 0
    assert double.hits == 50


def test_what_a_failing_run_recorded_is_not_paid_for_again(
    path: Path, ask: Ask, double: ProviderDouble
) -> None:
    with pytest.raises(ZeroDivisionError), Recorder(path, mode="once"):
        ask("one")
        _ = 1 / 0
    double.reset()
    with pytest.warns(TraceOpsWarning, match="going on from an unfinished recording"):
        rec = Recorder(path, mode="once").start()
    ask("one")
    ask("two")
    rec.stop()
    assert double.hits == 1
    assert len(load_cassette(path)) == 2


def test_an_error_is_not_what_the_next_run_goes_on_from(path: Path, ask: Ask, double: ProviderDouble) -> None:
    double.fail(Status(500))
    with pytest.raises(openai.InternalServerError), Recorder(path, mode="once"):
        ask("one")
    with Recorder(path, mode="once") as rec:
        assert '"one"' in ask("one")
    assert rec.verdict == "RECORDED"


def test_all_does_not_serve_what_a_failing_run_recorded(path: Path, ask: Ask, double: ProviderDouble) -> None:
    with pytest.raises(ZeroDivisionError), Recorder(path, mode="all"):
        ask("one")
        _ = 1 / 0
    double.reset()
    with Recorder(path, mode="all"):
        ask("one")
    assert double.hits == 1
    assert list(path.parent.glob("*.journal")) == []


WORKER = """
import sys, openai
from trace_ops import Recorder

path, url, worker = sys.argv[1:]
client = openai.OpenAI(base_url=url, api_key="test")
with Recorder(path, mode="new_episodes"):
    print("open", flush=True)
    sys.stdin.readline()
    for number in range(20):
        message = {"role": "user", "content": f"worker {worker} call {number}"}
        client.chat.completions.create(model="gpt-5-mini", messages=[message])
"""


@pytest.mark.parametrize("mode", ["new_episodes", "all", "once", "update"])
def test_two_processes_on_one_cassette_lose_nothing(mode: str, path: Path, double: ProviderDouble) -> None:
    code = WORKER.replace("new_episodes", mode)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), double.openai_url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "AB"
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "open\n"
    for worker in workers:
        worker.communicate("go\n")
        assert worker.returncode == 0
    trace = load_cassette(path)
    assert len(trace) == 40
    assert [span.id for span in trace] == list(range(1, 41))


def test_runs_that_fail_again_leave_one_journal_with_each_step_once(path: Path, ask: Ask) -> None:
    clock = itertools.count()

    @tool
    def look_up(city: str) -> str:
        return f"{city}: rain"

    @tool
    def ask_the_time() -> int:
        return next(clock)

    def fail() -> None:
        with pytest.raises(ZeroDivisionError), Recorder(path, mode="once"):
            ask("one")
            look_up("Oslo")
            look_up("Oslo")
            ask_the_time()
            _ = 1 / 0

    fail()
    for _ in range(3):
        with pytest.warns(TraceOpsWarning, match=r"an unfinished recording \(4 steps\)"):
            fail()
    assert len(list(path.parent.glob("*.journal"))) == 1
    recovered = recover(path)
    assert recovered is not None
    assert [span.name for span in recovered.trace.of_kind("tool")] == ["look_up", "look_up", "ask_the_time"]


def test_a_run_that_goes_on_and_fails_keeps_its_new_calls_and_steps(path: Path, ask: Ask) -> None:
    @tool
    def look_up(city: str) -> str:
        return f"{city}: rain"

    with pytest.raises(ZeroDivisionError), Recorder(path, mode="once"):
        look_up("Oslo")
        ask("one")
        _ = 1 / 0
    with (
        pytest.warns(TraceOpsWarning, match="going on from"),
        pytest.raises(ZeroDivisionError),
        Recorder(path, mode="once"),
    ):
        look_up("Oslo")
        ask("one")
        look_up("Rome")
        ask("two")
        look_up("Lima")
        _ = 1 / 0
    recovered = recover(path)
    assert recovered is not None
    assert [span.input for span in recovered.trace.of_kind("tool")] == [
        {"city": "Oslo"},
        {"city": "Rome"},
        {"city": "Lima"},
    ]
    assert recovered.trace.total_llm_calls == 2


@pytest.mark.parametrize("mode", ["once", "new_episodes", "update"])
def test_a_replay_that_fails_leaves_nothing(path: Path, ask: Ask, mode: ModeName) -> None:
    @tool
    def look_up(city: str) -> str:
        return f"{city}: rain"

    with Recorder(path):
        ask("one")
        look_up("Oslo")
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), Recorder(path, mode=mode):
        ask("one")
        look_up("Rome")
        _ = 1 / 0
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before
