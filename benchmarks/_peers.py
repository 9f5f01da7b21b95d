"""One recorder in a process of its own: records calls and saves them, or loads and replays the first.

``python -m benchmarks._peers save|load NAME PATH CALLS`` prints what it took.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import _calls
from benchmarks._timing import Timer

API = replace(_calls.CHAT, words=105)
"""A call of about 2.6 kB."""

Open = Callable[[Path, bool], AbstractContextManager[Any]]


def _trace_ops(path: Path, record: bool) -> AbstractContextManager[Any]:
    from trace_ops import Recorder, Replayer

    return Recorder(path) if record else Replayer(path, allow_unplayed=True)


def _vcrpy(path: Path, record: bool) -> AbstractContextManager[Any]:
    import vcr

    return vcr.use_cassette(str(path), record_mode="all" if record else "none")  # type: ignore[no-any-return]


def _cassetter(path: Path, record: bool) -> AbstractContextManager[Any]:
    import cassetter

    return cassetter.use_cassette(path, record_mode="all" if record else "none")


MODULES = {"TraceOps": "trace_ops.recorder", "cassetter": "cassetter", "vcrpy": "vcr"}
PEERS: dict[str, Open] = {"TraceOps": _trace_ops, "cassetter": _cassetter, "vcrpy": _vcrpy}


def save(name: str, path: Path, calls: int) -> list[dict[str, Any]]:
    """What it takes from the last recorded call until its file is written."""
    given = _calls.answers(API, calls)
    timer = Timer()
    recorder = PEERS[name](path, True)
    recorder.__enter__()
    client = API.mocked(given)
    for number in range(calls):
        API.ask(client, API.prompt(number))
    return [_taken(timer, lambda: recorder.__exit__(None, None, None))]


def load(name: str, path: Path, _calls_in_it: int) -> list[dict[str, Any]]:
    """What it takes from opening the file until the first call is replayed: twice in this process."""
    API.ask(API.mocked([_calls.ANSWER]), "imports the SDK and builds what it builds once")
    found = []
    for _ in range(2):
        timer = Timer()
        opened: list[Any] = []

        def first(opened: list[Any] = opened) -> None:
            recorder = PEERS[name](path, False)
            recorder.__enter__()
            opened.append(recorder)
            # Made inside, for cassetter wraps transports when a client is made.
            API.ask(API.mocked([]), API.prompt(0))

        found.append(_taken(timer, first))
        for recorder in opened:
            recorder.__exit__(None, None, None)
    return found


def _taken(timer: Timer, work: Callable[[], object]) -> dict[str, Any]:
    try:
        with timer.of(collector=True):
            work()
    except Exception as error:  # noqa: BLE001 -- that a peer cannot do it is a result
        return {"error": f"{type(error).__name__}: {error}"}
    return {"cpu": timer.cpu, "wall": timer.wall}


if __name__ == "__main__":
    verb = {"save": save, "load": load}[sys.argv[1]]
    import_module(MODULES[sys.argv[2]])
    print(json.dumps(verb(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))))
