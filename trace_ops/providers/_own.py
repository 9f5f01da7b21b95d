"""Calls of SDKs that send with something else than a client of the httpx family."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from trace_ops._cancellation import is_cancellation
from trace_ops._raised import constructed, known_class
from trace_ops.context import watching
from trace_ops.exchange import Failure, Outcome, Request, Response
from trace_ops.providers._call import Call
from trace_ops.providers._http import describe_failure
from trace_ops.tape import Play, Tape
from trace_ops.trace import SpanKind

T = TypeVar("T")


class OwnCall(Call):
    """A call whose request is described already."""

    def __init__(self, tape: Tape, provider: str, request: Request, kind: SpanKind | None) -> None:
        super().__init__(tape, provider, None)
        self.kinds = {} if kind is None else {request.path: kind}
        self.wire = _Described(request)
        self.started = time.perf_counter()

    def open(self) -> Play | None:
        """What becomes of the call; ``None`` if it cannot be handled and just goes live."""
        return self._open(None)

    def keep(self, play: Play, read: Callable[[], Response]) -> None:
        """Keep an answer, whose reader must not become the caller's problem."""
        try:
            response = read()
            response.elapsed_ms = response.elapsed_ms or (time.perf_counter() - self.started) * 1000
            play.attempts.append(response)
        except Exception as error:
            self.lost(error)

    def failed(self, play: Play, error: BaseException) -> None:
        """Keep what was raised in place of an answer, or that the call was cancelled."""
        if isinstance(error, Exception) or is_cancellation(error):
            play.attempts.append(describe_failure(error))

    def streams(self, play: Play, abandon: Callable[[], None]) -> None:
        """The answer is read after the call is over; ``abandon`` ends it if nobody else does."""
        self._streaming.add(id(play))
        self.tape.pending(play.span, abandon)

    def streamed(self, play: Play, response: Response) -> None:
        """The answer has been read."""
        try:
            self._stream_ended(play, response)
        except Exception as error:
            self.lost(error)


class _Described:
    """What a call needs of that which knows an HTTP library."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def describe_request(self, _sent: Any, _base_path: str) -> Request:
        return self._request


def answer(outcome: Outcome) -> Response:
    """The response that was kept; raises the exception that was kept in its place."""
    if isinstance(outcome, Failure):
        raise raised(outcome)
    return outcome


def raised(failure: Failure) -> BaseException:
    """The exception that was kept; a ``RuntimeError`` where its class is not at hand."""
    cls = known_class(failure)
    if cls is None:
        return RuntimeError(f"{failure.type}: {failure.message}")
    return constructed(cls, failure.message)


def record_call(
    provider: str,
    request: Request,
    live: Callable[[], T],
    *,
    keep: Callable[[T], Response],
    rebuild: Callable[[Response], T],
    kind: SpanKind | None = None,
) -> T:
    """Serve a call from the cassette, or make it by ``live`` and keep its answer.

    Without a recorder, and with ``intercept_<provider>=False``, this is ``live()``. ``keep`` reads an answer
    and leaves it as it is; ``rebuild`` makes the like of it from what was kept. An exception of ``live`` is
    kept as well, and raised again by its class and message. ``kind`` is ``"llm"`` or ``"embedding"`` where
    the path is none that TraceOps knows. A call that is not recorded and must not be made raises
    :class:`~trace_ops.errors.UnrecordedCallError`; it fails the run even if the SDK swallows it.
    """
    tape = watching(provider)
    if tape is None:
        return live()
    call = OwnCall(tape, provider, request, kind)
    with call:
        play = call.open()
        if play is None:
            return live()
        if play.serving:
            return rebuild(answer(play.next_outcome()))
        try:
            got = live()
        except BaseException as error:
            call.failed(play, error)
            raise
        call.keep(play, lambda: keep(got))
        return got


async def record_call_async(
    provider: str,
    request: Request,
    live: Callable[[], Awaitable[T]],
    *,
    keep: Callable[[T], Response],
    rebuild: Callable[[Response], T],
    kind: SpanKind | None = None,
) -> T:
    """As :func:`record_call`, with what ``live`` gives awaited."""
    tape = watching(provider)
    if tape is None:
        return await live()
    call = OwnCall(tape, provider, request, kind)
    with call:
        play = call.open()
        if play is None:
            return await live()
        if play.serving:
            await call.cancelled_before(play)
            return rebuild(answer(play.next_outcome()))
        try:
            got = await live()
        except BaseException as error:
            call.failed(play, error)
            raise
        call.keep(play, lambda: keep(got))
        return got
