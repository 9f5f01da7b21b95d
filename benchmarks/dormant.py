"""What a call costs while TraceOps is installed in the process and no recorder is open."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle

from benchmarks import _calls
from benchmarks._calls import Answer
from benchmarks._report import Row, difference, ratio
from benchmarks._scale import Scale
from benchmarks._timing import Timer, Variant, take_turns

TITLE = "A call with no recorder open"
HOW = """\
CPU time of `chat.completions.create` on a `MockTransport` in two processes that take turns: in one a
recorder was open before, so that the SDK stays wrapped; the other never had one. Two processes differ a
little for no reason of ours; the last line is that difference, between two of the second kind."""


def run(scale: Scale) -> Iterator[Row]:
    """One kind of call; the wrapping is the same for all."""
    kinds = {"dormant": "dormant", "never": "never", "never, again": "never"}
    given = _calls.answers(_calls.CHAT, 1)[0]
    workers = {name: _Worker(kind, scale.calls, given) for name, kind in kinds.items()}
    try:
        variants: dict[str, Variant] = {name: worker.batch for name, worker in workers.items()}
        taken = take_turns(variants, scale.rounds)
    finally:
        for worker in workers.values():
            worker.close()
    ours, never, again = (taken[name].cpu for name in kinds)
    yield difference("per call", ours, "no recorder ever", never)
    yield ratio("as a multiple", ours, "no recorder ever", never)
    yield difference("the same twice", again, "no recorder ever", never)


class _Worker:
    """A process that makes a batch of calls whenever it is told to, and says what they took."""

    def __init__(self, kind: str, calls: int, given: Answer) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.dormant", kind, str(calls)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        # The worker could only find an answer with a recorder, which one kind of worker must not have.
        self._process.stdin.write(json.dumps([given.headers, given.raw.decode()]) + "\n")

    def batch(self, timer: Timer) -> None:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        timer.cpu, timer.wall = json.loads(process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


def _work(kind: str, calls: int) -> None:
    api = _calls.CHAT
    headers, text = json.loads(sys.stdin.readline())
    given = Answer([(name, value) for name, value in headers], (text.encode(),))
    if kind == "dormant":
        from trace_ops import Recorder

        with Recorder():
            pass
    client = api.mocked(cycle([given]))
    prompts = [api.prompt(number) for number in range(calls)]
    for _line in sys.stdin:
        timer = Timer()
        with timer.of(calls):
            for prompt in prompts:
                api.ask(client, prompt)
        print(json.dumps([timer.cpu, timer.wall]), flush=True)


if __name__ == "__main__":
    _work(sys.argv[1], int(sys.argv[2]))
