"""One recorder writes a cassette at a time, in whatever process and thread."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cassette.processes import line, python
from trace_ops.cassette import Cassette, load, lock, save
from trace_ops.errors import CassetteError
from trace_ops.trace import Span, Trace

ADD_ONE_BY_ONE = """
import sys
from trace_ops.cassette import load, lock, save
from trace_ops.trace import Span
path, name = sys.argv[1:]
for number in range(20):
    with lock(path):
        cassette = load(path)
        spans = cassette.trace.spans
        spans.append(Span(len(spans) + 1, "tool", f"{name} {number}"))
        save(cassette, path)
print("done", flush=True)
"""

HOLD = """
import sys
from trace_ops.cassette import lock
with lock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
print("free", flush=True)
sys.stdin.readline()
"""


def test_two_processes_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    save(Cassette(), path)

    with ExitStack() as stack:
        processes = [stack.enter_context(python(ADD_ONE_BY_ONE, path, name)) for name in ("a", "b")]
        assert [line(process) for process in processes] == ["done", "done"]

    names = [span.name for span in load(path).trace]
    assert sorted(names) == sorted(f"{who} {number}" for who in "ab" for number in range(20))


def test_threads_of_a_process_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    save(Cassette(), path)

    def add(name: str) -> None:
        for _ in range(10):
            with lock(path):
                cassette = load(path)
                cassette.trace.spans.append(Span(len(cassette.trace) + 1, "tool", name))
                save(cassette, path)

    threads = [threading.Thread(target=add, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(load(path).trace) == 30


def test_who_waits_too_long_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with python(HOLD, path) as process:
        assert line(process) == "held"

        with pytest.raises(CassetteError, match="another recorder has been writing it for 0.2 seconds"):
            with lock(path, timeout=0.2):
                raise AssertionError

        # The other holds it still: the error came first.
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert line(process) == "free"
        with lock(path, timeout=5):
            pass


def test_a_killed_holder_holds_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with python(HOLD, path) as process:
        assert line(process) == "held"

    with lock(path, timeout=5):
        pass


def test_a_thread_may_take_it_twice_and_another_name_of_the_file_is_the_same_lock(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with lock(path), lock(tmp_path / "." / "x.yaml"):
        with pytest.raises(ValueError, match="out"), lock(path):
            raise ValueError("out")
        held = threading.Thread(target=lambda: _try(path, refused))
        refused: list[CassetteError] = []
        held.start()
        held.join()
    with lock(path, timeout=1):
        pass

    assert len(refused) == 1


def test_nothing_is_left_beside_the_cassette(tmp_path: Path) -> None:
    with lock(tmp_path / "x.yaml"):
        save(Cassette(Trace(name="x")), tmp_path / "x.yaml")

        assert [entry.name for entry in tmp_path.iterdir()] == ["x.yaml"]


def _try(path: Path, refused: list[CassetteError]) -> None:
    try:
        with lock(path, timeout=0.1):
            pass
    except CassetteError as error:
        refused.append(error)
