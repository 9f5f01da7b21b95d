"""Streamed answers of SDKs that send with something else than a client of the httpx family."""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import Any, TypeVar

from trace_ops._cancellation import is_cancellation, wait_for_cancellation
from trace_ops.context import watching
from trace_ops.exchange import Failure, Request, Response, Stream, StreamEnd
from trace_ops.providers._http import describe_failure
from trace_ops.providers._own import OwnCall, answer, raised
from trace_ops.tape import Play
from trace_ops.trace import SpanKind

T = TypeVar("T")
_LINES = ("content-type", "application/x-ndjson")


def record_stream(
    provider: str,
    request: Request,
    live: Callable[[], Iterable[T]],
    *,
    keep: Callable[[T], bytes],
    rebuild: Callable[[bytes], T],
    kind: SpanKind | None = None,
) -> Iterable[T]:
    """As :func:`record_call`, of an answer that comes in pieces, such as lines or messages of gRPC.

    ``keep`` and ``rebuild`` are of one piece. They are kept while they are read, also where the reader stops
    early. Pieces that are JSON and end in a line break read best in a cassette.
    """
    found: Iterable[T] = _streamed(
        (provider, request, kind),
        live,
        lambda source, pieces: _teed(source, pieces, keep),
        lambda call, play: _replayed(call, play, rebuild),
    )
    return found


def record_stream_async(
    provider: str,
    request: Request,
    live: Callable[[], AsyncIterable[T]],
    *,
    keep: Callable[[T], bytes],
    rebuild: Callable[[bytes], T],
    kind: SpanKind | None = None,
) -> AsyncIterable[T]:
    """As :func:`record_stream`, of an answer that is read with ``async for``; is itself not awaited."""
    found: AsyncIterable[T] = _streamed(
        (provider, request, kind),
        live,
        lambda source, pieces: _ateed(source, pieces, keep),
        lambda call, play: _areplayed(call, play, rebuild),
    )
    return found


def _streamed(
    about: tuple[str, Request, SpanKind | None],
    live: Callable[[], Any],
    tee: Callable[[Any, Pieces], Any],
    replay: Callable[[OwnCall, Play], Any],
) -> Any:
    provider, request, kind = about
    tape = watching(provider)
    if tape is None:
        return live()
    call = OwnCall(tape, provider, request, kind)
    with call:
        play = call.open()
        if play is None:
            return live()
        if play.serving:
            return replay(call, play)
        try:
            source = live()
        except BaseException as error:
            call.failed(play, error)
            raise
        return tee(source, Pieces(call, play))


class Pieces:
    """Collects the pieces of an answer while they are read."""

    def __init__(self, call: OwnCall, play: Play) -> None:
        self._call, self._play = call, play
        self._events: list[str] = []
        self._at_ms: list[int] = []
        self._ended = False
        call.streams(play, lambda: self.end("abandoned"))

    def _now_ms(self) -> float:
        return (time.perf_counter() - self._call.started) * 1000

    def add(self, read: Callable[[], bytes]) -> None:
        """One more piece, whose reader must not become the caller's problem."""
        try:
            self._events.append(read().decode("utf-8", "surrogateescape"))
            self._at_ms.append(round(self._now_ms()))
        except Exception as error:
            self._call.lost(error)

    def end(self, how: StreamEnd, failure: Failure | None = None) -> None:
        """The answer is over; only the first call counts."""
        if not self._ended:
            self._ended = True
            body = Stream(self._events, self._at_ms)
            self._call.streamed(
                self._play, Response(200, [_LINES], body, how, failure, elapsed_ms=self._now_ms())
            )

    def broke(self, error: BaseException) -> None:
        """The answer ended with an exception: of the provider, or since its reader left."""
        if isinstance(error, GeneratorExit):
            self.end("closed")
        elif is_cancellation(error):
            self.end("cancelled")
        else:
            self.end("failed", describe_failure(error))


def _teed(source: Iterable[T], pieces: Pieces, keep: Callable[[T], bytes]) -> Iterator[T]:
    try:
        for piece in source:
            pieces.add(lambda: keep(piece))  # noqa: B023 - called at once
            yield piece
    except BaseException as error:
        pieces.broke(error)
        raise
    pieces.end("complete")


async def _ateed(source: AsyncIterable[T], pieces: Pieces, keep: Callable[[T], bytes]) -> AsyncIterator[T]:
    try:
        async for piece in source:
            pieces.add(lambda: keep(piece))  # noqa: B023 - called at once
            yield piece
    except BaseException as error:
        pieces.broke(error)
        raise
    pieces.end("complete")


def _replayed(call: OwnCall, play: Play, rebuild: Callable[[bytes], T]) -> Iterator[T]:
    outcome = play.next_outcome()

    def give() -> Iterator[T]:
        response = answer(outcome)
        yield from _pieces(response, rebuild)
        _finish(call, play, response)

    return give()


def _areplayed(call: OwnCall, play: Play, rebuild: Callable[[bytes], T]) -> AsyncIterator[T]:
    outcome = play.next_outcome()

    async def give() -> AsyncIterator[T]:
        response = answer(outcome)
        for piece in _pieces(response, rebuild):
            yield piece
        if response.end == "cancelled":
            await wait_for_cancellation()
        _finish(call, play, response)

    return give()


def _pieces(response: Response, rebuild: Callable[[bytes], T]) -> Iterator[T]:
    events = response.body.events if isinstance(response.body, Stream) else [response.body.raw.decode()]
    return (rebuild(event.encode("utf-8", "surrogateescape")) for event in events)


def _finish(call: OwnCall, play: Play, response: Response) -> None:
    """Raise what the reader met at the end of the recording, if it was no end."""
    if response.end == "failed" and response.failure is not None:
        raise raised(response.failure)
    if response.end != "complete":
        raise call.tape.truncated(play)
