"""What recording adds to a live call."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context
from itertools import count
from pathlib import Path

from benchmarks import _calls, _elsewhere
from benchmarks._calls import Api
from benchmarks._report import Row, alone, ratio
from benchmarks._scale import Scale
from benchmarks._timing import Sample, Timer, take_turns
from trace_ops import Recorder

TITLE = "Recording a call"
HOW = """\
The same live calls over HTTP with and without a recorder, journal and all, against the provider double
in another process on the same machine, which answers at once: the time of a call, and the CPU time of
the process that makes it. A real provider takes a few hundred milliseconds longer, and the same time on
top of that is a smaller part of it. What is left for the end, to write the cassette of 100 calls, is on
a line of its own."""

GOAL = 1.05


def run(scale: Scale) -> Iterator[Row]:
    """Each kind of call."""
    with _elsewhere.provider() as url:
        for api in _calls.APIS:
            yield from _compared(api, url, scale)


def _compared(api: Api, url: str, scale: Scale) -> Iterator[Row]:
    calls = max(4, scale.calls // (5 if api.streams else 1))
    live = _Live(api, url, calls, scale.directory)
    taken = take_turns({"recorded": live.recorded, "bare": live.bare}, scale.rounds)
    recorded, bare = taken["recorded"], taken["bare"]
    yield ratio(f"{api.name}, elapsed", recorded.wall, "no recorder", bare.wall, GOAL)
    yield ratio(f"{api.name}, CPU", recorded.cpu, "no recorder", bare.cpu, GOAL)
    yield alone(f"{api.name}, close, per 100 calls", Sample(tuple(live.closing[1:])))


class _Live:
    def __init__(self, api: Api, url: str, calls: int, directory: Path) -> None:
        self._api, self._calls, self._directory = api, calls, directory
        self._client = api.client(url)
        self._numbers = count()
        self.closing: list[float] = []

    def bare(self, timer: Timer) -> None:
        self._ask(timer)

    def recorded(self, timer: Timer) -> None:
        path = self._directory / f"recording-{next(self._numbers)}.yaml"
        recorder = Recorder(path, scope="context")
        context = copy_context()
        context.run(recorder.start)
        context.run(self._ask, timer)
        closing = Timer()
        with closing.of(collector=True):
            context.run(recorder.stop)
        self.closing.append(closing.cpu * 100 / self._calls)
        path.unlink()

    def _ask(self, timer: Timer) -> None:
        prompts = [self._api.prompt(next(self._numbers)) for _ in range(self._calls)]
        with timer.of(self._calls):
            for prompt in prompts:
                self._api.ask(self._client, prompt)
