"""One SDK call on its way: from ``request()`` of the SDK to the answer, attempts and streams included."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from types import MappingProxyType, TracebackType
from typing import Any

from trace_ops._cancellation import CANCELLED, is_cancellation, wait_for_cancellation
from trace_ops._warn import warn
from trace_ops.errors import ReplayError, StreamTruncatedError
from trace_ops.exchange import Body, Request, Response
from trace_ops.providers import _http
from trace_ops.providers._attempts import Attempts, Refused, current_attempts
from trace_ops.providers._unseen import unseen
from trace_ops.tape import Play, Tape
from trace_ops.trace import SpanKind

_current: ContextVar[Call | None] = ContextVar("trace_ops_call", default=None)


def current_call() -> Call | None:
    """The SDK call that the running code belongs to."""
    return _current.get()


class Call:
    """A call of one API client. Used as a context manager round the SDK's own ``request``.

    ``credential_error`` is what the SDK's way to credentials raised where the call may yet be served
    from a cassette; it is raised again if the call turns out to go live. ``wire`` is what knows the requests
    and responses of the HTTP library. ``via`` names the SDK if it is not the provider's own, ``kinds`` are
    what calls are whose path does not tell, by the end of that.
    """

    wire: Any = _http
    via: str | None = None
    kinds: Mapping[str, SpanKind] = MappingProxyType({})

    def __init__(self, tape: Tape, provider: str, http: Any, base_path: str = "") -> None:
        self.tape, self.provider, self.http = tape, provider, http
        self.sending = False
        self.sends = 0
        self.credential_error: Exception | None = None
        self._base_path = base_path
        self._outer: Call | None = None
        self._attempts: Attempts | None = None
        self._play: Play | None = None
        self._streaming: set[int] = set()

    @property
    def is_served(self) -> bool:
        """Whether the answer comes from a cassette."""
        return self._play is not None and self._play.serving

    @property
    def is_exhausted(self) -> bool:
        """Whether every recorded attempt of a served call was served."""
        return self._play is not None and self._play.serving and self._play.is_exhausted

    def __enter__(self) -> None:
        self._outer = _current.get()
        self._attempts = current_attempts()
        _current.set(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.set(self._outer)
        if self._play is not None and id(self._play) not in self._streaming:
            self._finish(self._play)
        is_tried_again = self._attempts is not None and self._attempts.is_open
        if isinstance(error, Refused) and not is_tried_again:
            raise error.error from error.error.__cause__

    # --- one attempt

    def send(self, sent: Any, live: Callable[[], Any], stream: bool) -> Any:
        """Serve an attempt from the tape, or make it and read along."""
        self.sends += 1
        play = self._open(sent) if _read(sent) else None
        if play is None:
            return live()
        if play.serving:
            for hook in self._hooks("request"):
                with _forgiven(hook):
                    hook(sent)
            got = self._rebuild(play, sent)
            for hook in self._hooks("response"):
                hook(got)
            if not stream:
                got.read()
            return got
        started = time.perf_counter()
        self.sending = True
        try:
            got = live()
        except Exception as error:
            play.attempts.append(self.wire.describe_failure(error))
            raise
        finally:
            self.sending = False
        self._keep(play, got, stream, started)
        return got

    async def asend(self, sent: Any, live: Callable[[], Awaitable[Any]], stream: bool) -> Any:
        """As :meth:`send`, for an async client."""
        self.sends += 1
        play = self._open(sent) if await _aread(sent) else None
        if play is None:
            return await live()
        if play.serving:
            for hook in self._hooks("request"):
                with _forgiven(hook):
                    await hook(sent)
            await self.cancelled_before(play)
            got = self._rebuild(play, sent)
            for hook in self._hooks("response"):
                await hook(got)
            if not stream:
                await got.aread()
            return got
        started = time.perf_counter()
        self.sending = True
        try:
            got = await live()
        except BaseException as error:
            if isinstance(error, Exception) or is_cancellation(error):
                play.attempts.append(self.wire.describe_failure(error))
            raise
        finally:
            self.sending = False
        self._keep(play, got, stream, started)
        return got

    def passed_by(self) -> None:
        """A request left in a way that cannot be seen: say so, or refuse where none may leave."""
        try:
            unseen(
                self.tape,
                f"{self.provider} calls through {type(self.http).__qualname__}",
                "its send() calls no other",
            )
        except ReplayError as error:
            raise Refused(error) from None

    def _open(self, sent: Any) -> Play | None:
        """The play this attempt belongs to; ``None`` if it cannot be handled and just goes live."""
        try:
            request = self.wire.describe_request(sent, self._base_path)
            if self._play is not None and self.tape.is_same(self._play, request):
                return self._play
            play = self._tried_before(request) or self._play_of(request)
        except ReplayError as error:
            raise Refused(error) from None
        except Exception as error:  # a fault of ours must not become the caller's
            if not self.tape.live:
                refused = self.tape.refused(f"a call could not be looked up: {error!r}")
                refused.__cause__ = error
                raise Refused(refused) from None
            self.lost(error)
            return None
        if self._play is not None and id(self._play) not in self._streaming:
            self._finish(self._play)
        self._play = play
        if self.credential_error is not None and not play.serving:
            raise Refused(self.credential_error)
        return play

    def _play_of(self, request: Request) -> Play:
        kind = next((kind for end, kind in self.kinds.items() if request.path.endswith(end)), None)
        return self.tape.play(self.provider, request, kind=kind, via=self.via)

    def _hooks(self, when: str) -> list[Any]:
        """The event hooks of the caller's HTTP client, which see a served call as they see a live one."""
        return list((getattr(self.http, "event_hooks", None) or {}).get(when, ()))

    def _rebuild(self, play: Play, sent: Any) -> Any:
        outcome = play.next_outcome()

        def truncated() -> StreamTruncatedError:
            return self.tape.truncated(play)

        return self.wire.rebuild(outcome, sent, self.http, truncated)

    async def cancelled_before(self, play: Play) -> None:
        """Wait to be cancelled, if the recorded call was."""
        source = play.recorded.exchange if play.recorded else None
        if source and source.outcome == CANCELLED:
            play.attempts.append(source.outcome)
            await wait_for_cancellation()
            raise Refused(self.tape.truncated(play))

    def _keep(self, play: Play, got: Any, stream: bool, started: float) -> None:
        try:
            if not stream:
                body = Body(got.content)
                play.attempts.append(self.wire.describe_response(got, body, "complete", None, started))
                return
            self._streaming.add(id(play))
            capture = self.wire.Capture(got, started, partial(self._stream_ended, play), self.lost)
            self.tape.pending(play.span, lambda: capture.end("abandoned"))
            self.wire.tee(got, capture)
        except Exception as error:  # the caller has a good answer: it must get it
            self.lost(error)

    def _stream_ended(self, play: Play, response: Response) -> None:
        self.tape.settled(play.span)
        self._streaming.discard(id(play))
        play.attempts.append(response)
        if _current.get() is not self:
            self._finish(play)

    def _tried_before(self, request: Request) -> Play | None:
        if self._attempts is None:
            return None
        return self._attempts.take(lambda play: play.tape is self.tape and self.tape.is_same(play, request))

    def _finish(self, play: Play) -> None:
        # The end of a stream may come from a thread that is in no scope.
        if self._attempts is None or not self._attempts.keep(play, partial(self._end, play)):
            self._end(play)

    def _end(self, play: Play) -> None:
        try:
            play.finish()
        except Exception as error:  # recording failed, the call did not
            self.lost(error)

    def lost(self, error: Exception) -> None:
        """A fault of ours: told once and named in the cassette, never the caller's problem."""
        what = f"{self.provider} call that could not be recorded: {error!r}"
        if self.tape.not_captured(what):
            warn(what, stacklevel=5)


def _read(sent: Any) -> bool:
    """Read the body of a request; if it cannot be, the library is to say so in its own words."""
    try:
        sent.read()
    except Exception:
        return False
    return True


async def _aread(sent: Any) -> bool:
    try:
        await sent.aread()
    except Exception:
        return False
    return True


@contextmanager
def _forgiven(hook: Any) -> Iterator[None]:
    """A hook that needs the network (for a token, say) must not fail a replay that needs none."""
    try:
        yield
    except Exception as error:
        warn(f"event hook {hook!r} failed on replay and was passed over: {error!r}", stacklevel=4)
