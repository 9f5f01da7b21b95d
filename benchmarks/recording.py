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
from benchmarks._timing import Timer, take_turns, times
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
    live = _Live(api, url, scale.calls // 5 if api.streams else scale.calls, scale.directory)
    taken = take_turns({"recorded": live.recorded, "bare": live.bare}, scale.rounds)
    closing = [live.close()]
    for _ in range(2):
        take_turns({"recorded": live.recorded}, 100 // live.calls)
        closing.append(live.close())
    recorded, bare = taken["recorded"], taken["bare"]
    yield ratio(f"{api.name}, elapsed", recorded.wall, "no recorder", bare.wall, GOAL)
    yield ratio(f"{api.name}, CPU", recorded.cpu, "no recorder", bare.cpu, GOAL)
    yield alone(f"{api.name}, close, per 100 calls", times(closing).cpu)


class _Live:
    def __init__(self, api: Api, url: str, calls: int, directory: Path) -> None:
        self._api, self.calls, self._directory = api, calls, directory
        self._client = api.client(url)
        self._numbers = count()
        self._open: Recorder | None = None
        self._context = copy_context()

    def bare(self, timer: Timer) -> None:
        prompts = [self._api.prompt(next(self._numbers)) for _ in range(self.calls)]
        with timer.of(self.calls):
            for prompt in prompts:
                self._api.ask(self._client, prompt)

    def recorded(self, timer: Timer) -> None:
        if self._open is None:
            self._open = Recorder(self._directory / f"{self._api.sdk}.yaml", scope="context")
            self._context.run(self._open.start)
        self._context.run(self.bare, timer)

    def close(self) -> Timer:
        """End the recording, and time that, as so many hundred calls."""
        assert self._open is not None
        timer = Timer()
        with timer.of(len(self._open.trace) / 100, collector=True):
            self._context.run(self._open.stop)
        self._open = None
        return timer
