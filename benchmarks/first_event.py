"""How long a reader waits for the first event of a stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import copy_context
from functools import partial
from itertools import count
from typing import Any

from benchmarks import _calls, _elsewhere
from benchmarks._report import Row, difference
from benchmarks._scale import Scale
from benchmarks._timing import Timer, take_turns
from trace_ops import Recorder

TITLE = "The first event of a stream that is recorded"
HOW = """\
Elapsed time from the call to its first event, with and without a recorder, while the provider double in
another process takes 10 ms from event to event, so about a second to the last. The goal is the noise:
half the distance between the quartiles of the calls without a recorder, or a tenth of a millisecond if
that is more."""

_DELAY = 0.01
_LEAST_NOISE = 1e-4


def run(scale: Scale) -> Iterator[Row]:
    """OpenAI and Anthropic, by elapsed time."""
    with _elsewhere.provider(_DELAY) as url:
        for api, begin in ((_calls.CHAT_STREAM, _openai), (_calls.CLAUDE_STREAM, _anthropic)):
            bare = _first(partial(begin, api.client(url)))
            recorder = Recorder(scale.directory / "first.yaml", scope="context")
            context = copy_context()
            context.run(recorder.start)

            def recorded(timer: Timer, context: Any = context, first: Any = bare) -> None:
                context.run(first, timer)

            taken = take_turns({"recorded": recorded, "bare": bare}, scale.rounds)
            context.run(recorder.stop)
            noise = max(taken["bare"].wall.spread, _LEAST_NOISE)
            yield difference(api.name, taken["recorded"].wall, "no recorder", taken["bare"].wall, noise)


def _first(begin: Callable[[str], Any]) -> Callable[[Timer], None]:
    numbers = count()

    def call(timer: Timer) -> None:
        prompt = f"Hello for the {next(numbers)}th time"
        with timer.of():
            stream = begin(prompt)
            next(iter(stream))
        stream.close()

    return call


def _openai(client: Any, prompt: str) -> Any:
    return client.chat.completions.create(
        model="gpt-5-mini", messages=[{"role": "user", "content": prompt}], stream=True
    )


def _anthropic(client: Any, prompt: str) -> Any:
    return client.messages.create(
        model="claude-sonnet-5-5", max_tokens=99, messages=[{"role": "user", "content": prompt}], stream=True
    )
