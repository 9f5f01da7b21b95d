"""CPU time of a replayed call."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import Context, copy_context
from itertools import cycle
from pathlib import Path

from benchmarks import _calls
from benchmarks._calls import Api
from benchmarks._report import Row, ratio
from benchmarks._scale import Scale
from benchmarks._timing import Timer, Variant, take_turns
from trace_ops import Replayer

TITLE = "Replaying a call"
HOW = """\
CPU time of one call with the SDK, request built and answer parsed, replayed from a cassette of so many
calls; beside it the same SDK on the `MockTransport` of its own HTTP library, which answers every call
with the same headers and bytes. Streams are read to the end. `MockTransport` has the body of a stream in
one piece; a replay gives it event by event, as it was recorded, so the second line of a stream is beside
a `MockTransport` that does so too. The first replay after opening a cassette is not in here but in the
time to load it."""

GOAL = 1.15
_MOST_ANSWERS = 1_000


def run(scale: Scale) -> Iterator[Row]:
    """Each kind of call at each size of cassette."""
    for api in _calls.APIS:
        for size in scale.cassettes:
            path = _calls.cassette(api, size, scale.directory / f"{api.sdk}-{size}.yaml")
            yield from _compared(api, size, path, scale)
            path.unlink()


def _compared(api: Api, size: int, path: Path, scale: Scale) -> Iterator[Row]:
    calls = min(scale.calls // 5 if api.streams else scale.calls, size - 1)
    # As many as are replayed, or the floor would have the same few in the processor's cache.
    numbers = range(1, min(size, _MOST_ANSWERS))
    given = _calls.answers(api, len(numbers), numbers[0])
    floors = {"MockTransport": api.mocked(cycle(given))}
    if api.streams:
        floors["MockTransport, by event"] = api.mocked(cycle(given), by_event=True)
    replays = _Replays(api, path, size, calls)
    variants: dict[str, Variant] = {"replay": replays.batch}
    variants |= {name: _asking(api, client, numbers, calls) for name, client in floors.items()}
    taken = take_turns(variants, scale.rounds)
    replays.close()
    for name in floors:
        goal = GOAL if name == "MockTransport" else None
        yield ratio(f"{api.name}, {size:,} calls", taken["replay"].cpu, name, taken[name].cpu, goal)


def _asking(api: Api, client: object, numbers: range, calls: int) -> Variant:
    waiting = cycle(numbers)

    def batch(timer: Timer) -> None:
        prompts = [api.prompt(next(waiting)) for _ in range(calls)]
        with timer.of(calls):
            for prompt in prompts:
                api.ask(client, prompt)

    return batch


class _Replays:
    """Plays a cassette from its start to its end and over again, so many calls at a time.

    The replayer is open in a context of its own: the calls of the other variants do not see it.
    """

    def __init__(self, api: Api, path: Path, size: int, calls: int) -> None:
        self._api, self._path, self._size, self._calls = api, path, size, calls
        self._client = api.client("http://replay.test")
        self._context: Context | None = None
        self._open: Replayer | None = None
        self._next = size

    def batch(self, timer: Timer) -> None:
        if self._next + self._calls > self._size:
            self._reopen()
        assert self._context is not None
        self._context.run(self._play, timer)

    def _play(self, timer: Timer) -> None:
        prompts = [self._api.prompt(self._next + place) for place in range(self._calls)]
        self._next += self._calls
        with timer.of(self._calls):
            for prompt in prompts:
                self._api.ask(self._client, prompt)

    def _reopen(self) -> None:
        self.close()
        self._context = copy_context()
        self._open = Replayer(self._path, scope="context", allow_unplayed=True)
        self._context.run(self._open.start)
        self._context.run(self._api.ask, self._client, self._api.prompt(0))
        self._next = 1

    def close(self) -> None:
        if self._open is not None and self._context is not None:
            self._context.run(self._open.stop)
            self._open = None
