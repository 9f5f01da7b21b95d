"""The engine of a running recorder: for every call it decides serve, call live and keep, or refuse."""

from __future__ import annotations

import threading
import time
import weakref
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Protocol

from trace_ops import matching, wire
from trace_ops._freeze import Freeze
from trace_ops._play import Play as Play
from trace_ops._spans import Spans
from trace_ops._summarise import summarise
from trace_ops._verify import Drift, Verify
from trace_ops._verify.echoes import Echoes
from trace_ops._warn import warn
from trace_ops.context import current_span, holders, task
from trace_ops.errors import ReplayError, StreamTruncatedError, UnrecordedCallError
from trace_ops.exchange import Exchange, Failure, Request
from trace_ops.modes import Known, Mode
from trace_ops.redaction import Scrubber, scrub_outcome, scrub_request
from trace_ops.trace import Span, SpanKind, Trace


class Marks(Protocol):
    """Is told of the steps that begin, for those who watch a run."""

    def begin(self, span: Span, is_call: bool) -> None:
        """A step has begun, or a call that is made anew."""

    def drop(self, span_id: int) -> None:
        """A step did not take place after all; it may be one that was not told of."""


class Tape:
    """What is recorded, what was played of it, and what happens now.

    Thread-safe: calls may come from any thread or task. ``keep`` is called with each span that is to be
    kept, at the moment it ends (the journal), and ``marks`` is told of those that begin. ``records`` tells
    whether unknown calls are made and kept, ``live`` whether any call may reach the network. ``resumed``
    holds calls of an interrupted recording, which are served once before anything goes live. ``unwatched``
    names SDKs and frameworks that are not looked at, ``met`` those that did something, looked at or not.
    ``freeze`` says which tools and retrievals are served too.
    """

    def __init__(
        self,
        mode: Mode,
        *,
        recorded: Trace | None = None,
        rules: matching.Rules | None = None,
        scrubber: Scrubber | None = None,
        freeze: Freeze | None = None,
        keep: Callable[[Span], None] | None = None,
        marks: Marks | None = None,
        resumed: Iterable[Span] = (),
        hints: Callable[[], list[str]] = list,
        verify: Verify | None = None,
        unwatched: Iterable[str] = (),
    ) -> None:
        self.mode = mode
        self.unwatched = frozenset(unwatched)
        self.met: set[str] = set()
        self.recorded = recorded
        resumed = list(resumed)
        self._resumed = {id(span): span for span in resumed}
        self.rules = rules or matching.Rules.of()
        self.scrubber = scrubber or Scrubber.from_environment()
        self.freeze = freeze or Freeze.of()
        self.opener = task()
        self.spans = Spans()
        self.kept: list[Span] = []
        self.played: dict[int, Span] = {}
        self.misses: list[ReplayError] = []
        self._verify, self._echoes = verify or Verify(), Echoes()
        self._compared: list[tuple[Span, Exchange]] = []
        self._drift: list[Drift] = []
        self.uncaptured: list[str] = []
        self.records = mode.records_unknown or (mode.records_missing and recorded is None)
        self.live = self.records or mode.known is not Known.REPLAY
        self._keep, self._marks = keep, marks
        self._hints = hints
        self._last_id = 0
        self._lock = threading.RLock()
        self._lanes: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._lanes[self.opener] = 0
        self._last_lane = 0
        self._closed = False
        self._summed: set[int] = set()
        self._zero = time.perf_counter()
        self._pending: dict[int, Callable[[], None]] = {}
        known = list(recorded) if recorded is not None and mode.reads else []
        known += resumed
        self._index = matching.Index([span for span in known if span.exchange is not None], self.rules)
        self._steps: dict[tuple[str, str, str], deque[Span]] | None = None

    def watches(self, library: str) -> bool:
        """Whether to look at what an SDK or framework does, which it is about to do."""
        self.met.add(library)
        return library not in self.unwatched

    # --- spans

    def now_ms(self) -> float:
        """Milliseconds since the tape was opened."""
        return (time.perf_counter() - self._zero) * 1000

    def begin(self, kind: SpanKind, name: str, **fields: Any) -> Span:
        """Start a span beneath the span the caller runs in."""
        with self._lock:
            span = self.draft(kind, name, **fields)
            self.add(span)
            self._mark(span)
        return span

    def _mark(self, span: Span, *, is_call: bool = False) -> None:
        """Tell those who watch that a step has begun, with what is known of it without reading its body."""
        if self._marks is not None:
            told = Span(
                span.id, span.kind, self.scrubber.short(span.name), span.parent, span.lane, span.start_ms
            )
            self._marks.begin(told, is_call)

    def draft(self, kind: SpanKind, name: str, **fields: Any) -> Span:
        """A span that begins now, and is not in the trace until :meth:`add` or :meth:`play` puts it there."""
        parent = current_span(self)
        with self._lock:
            self._last_id += 1
            span = Span(self._last_id, kind, name, parent, self._lane(), self.now_ms(), **fields)
        for held in holders(self):
            held.append(span)
        return span

    def add(self, draft: Span) -> None:
        """Put a draft into the trace, where it began."""
        with self._lock:
            self.spans.add(draft)

    def _lane(self) -> int:
        here = task()
        lane = self._lanes.get(here)
        if lane is None:
            self._last_lane += 1
            lane = self._lanes[here] = self._last_lane
        return lane

    def forget(self, span: Span) -> None:
        """Take a span out of the trace, or a draft out of the count: what it stood for did not take place."""
        with self._lock:
            self.spans.drop(span)
            if self._marks is not None:
                self._marks.drop(span.id)

    def step(self) -> Span | None:
        """The step that the caller runs in."""
        here = current_span(self)
        with self._lock:
            return None if here is None else self.spans.find(here)

    def is_over(self, span_id: int) -> bool:
        """Whether a step has ended, or was forgotten."""
        with self._lock:
            span = self.spans.find(span_id)
            return span is None or span.ms is not None

    def end(self, span: Span) -> None:
        """End a span that is no wire call, scrub it, and keep it."""
        span.ms = self.now_ms() - span.start_ms
        scrub = self.scrubber.value
        span.name = self.scrubber.text(span.name)
        span.input, span.output = scrub(span.input), scrub(span.output)
        span.attributes = scrub(span.attributes)
        if span.error:
            span.error = Failure(self.scrubber.text(span.error.type), self.scrubber.text(span.error.message))
        if self.mode.writes and span.id not in self.played:
            self._store(span)

    # --- wire calls

    def play(
        self,
        provider: str,
        request: Request,
        draft: Span | None = None,
        *,
        kind: SpanKind | None = None,
        via: str | None = None,
    ) -> Play:
        """Decide what becomes of a wire call, whose span is ``draft`` if it has begun before.

        ``kind`` is what its path does not tell, ``via`` the SDK that makes it if it is not the provider's.
        Raises :class:`UnrecordedCallError` (and remembers it) if the call is unknown and must not be made.
        """
        exchange = self._exchange(provider, request)
        play = self._begun(exchange, self._taken(exchange), draft, kind, via)
        if play.recorded is None and not self.records:
            raise self._refuse(play)
        return play

    def recall(self, provider: str, request: Request) -> Play | None:
        """The play of a call that is recorded, and of what ran within it; ``None`` for any other."""
        exchange = self._exchange(provider, request)
        recorded = self._taken(exchange)
        if recorded is None:
            return None
        play = self._begun(exchange, recorded)
        if play.serving:
            with self._lock:
                self._run_within(recorded, play.span)
        return play

    def _exchange(self, provider: str, request: Request) -> Exchange:
        return Exchange(provider, scrub_request(request, self.scrubber), Failure("none", ""))

    def _taken(self, exchange: Exchange) -> Span | None:
        if not self._index.spans:
            return None
        parent = current_span(self)
        with self._lock:
            # In the numbers of the recording, which has no gaps.
            parent = None if parent is None else self.spans.ordinal(parent)
            return self._index.take(self._canonical(exchange), parent, self._lane())

    def _begun(
        self,
        exchange: Exchange,
        recorded: Span | None,
        draft: Span | None = None,
        kind: SpanKind | None = None,
        via: str | None = None,
    ) -> Play:
        request = exchange.request
        told, operation = wire.operation(exchange.provider, request.method, request.path)
        with self._lock:
            span = draft or self.draft(kind or told, "")
            span.kind, span.name, span.exchange = kind or told, f"{exchange.provider} {operation}", exchange
            span.via = None if via == exchange.provider else via
            self.add(span)
            if recorded is not None:
                self.played[span.id] = recorded
            elif self.records and draft is None:
                self._mark(span, is_call=True)
        serving = recorded is not None and self.mode.known is not Known.COMPARE
        return Play(self, span, exchange, recorded, serving)

    def _refuse(self, play: Play) -> UnrecordedCallError:
        with self._lock:
            canonical = self._canonical(play.exchange)
            error = UnrecordedCallError(matching.explain(self._index, canonical, self._hints()))
            self.misses.append(error)
        play.span.error = Failure("trace_ops.errors.UnrecordedCallError", str(error))
        play.span.ms = 0.0
        return error

    def finish_call(self, play: Play) -> None:
        """End the span of a wire call; keep the exchange if it was live."""
        span, exchange = play.span, play.exchange
        span.ms = self.now_ms() - span.start_ms
        if play.recorded is not None and play.serving:
            self._as_recorded(span, play.recorded)
            return
        *retried, final = [scrub_outcome(outcome, self.scrubber) for outcome in play.attempts]
        exchange.outcome, exchange.retried = final, retried
        if isinstance(final, Failure):
            span.error = final
        if play.recorded is not None:
            self._compare(play.recorded, exchange)
        with self._lock:
            name = self._index.reference(play.recorded) if play.recorded else f"call {span.id}"
            self._index.minted.learn(exchange, name)
        self._store(span)

    def _as_recorded(self, span: Span, source: Span) -> None:
        assert span.exchange is not None
        assert source.exchange is not None
        span.exchange.outcome, span.exchange.retried = source.exchange.outcome, source.exchange.retried
        span.model, span.usage, span.tools = source.model, source.usage, source.tools
        span.finish, span.cost_usd, span.error = source.finish, source.cost_usd, source.error
        if id(source) in self._resumed:
            self.kept.append(span)

    def _store(self, span: Span) -> None:
        with self._lock:
            if self._closed:
                return
            self.kept.append(span)
            if self._keep is not None:
                self._keep(span)

    def _compare(self, recorded: Span, exchange: Exchange) -> None:
        assert recorded.exchange is not None
        with self._lock:
            self._compared.append((recorded, exchange))
            self._echoes.learn(recorded.exchange, exchange)

    @property
    def differences(self) -> list[Drift]:
        """How live answers differ from the recorded ones they were compared with."""
        from trace_ops._verify.judge import judge

        with self._lock:
            # Not while the call is made: a measure of the user's own may be slow, or fail.
            for recorded, exchange in self._compared:
                self._drift += judge(recorded, exchange, self._verify)
            self._compared.clear()
            return list(self._drift)

    def is_same(self, play: Play, request: Request) -> bool:
        """Whether a wire request is another attempt of the call, and not a different one."""
        request = scrub_request(request, self.scrubber)
        again = Exchange(play.exchange.provider, request, play.exchange.outcome)
        with self._lock:
            return self._canonical(again).key == self._canonical(play.exchange).key

    def _canonical(self, exchange: Exchange) -> matching.Canonical:
        request = self._echoes.restored(exchange.request)
        return matching.canonical(request, exchange.provider, self.rules, self._index.minted)

    def truncated(self, play: Play) -> StreamTruncatedError:
        """The error for reading on where the recording ends; remembered, so that it cannot be swallowed."""
        number = play.recorded.id if play.recorded else play.span.id
        error = StreamTruncatedError(
            f"the answer of {play.span.name} (span {number}) was read further than when it was recorded: the "
            "recording ends where the reader stopped or was cancelled. Record it again."
        )
        with self._lock:
            self.misses.append(error)
        return error

    def refused(self, message: str) -> UnrecordedCallError:
        """The error for something that cannot be served; remembered, so that it cannot be swallowed."""
        error = UnrecordedCallError(message)
        with self._lock:
            self.misses.append(error)
        return error

    def not_captured(self, what: str) -> bool:
        """Note what cannot be recorded, for the header of the cassette; whether it is new."""
        what = self.scrubber.text(what)
        with self._lock:
            is_new = what not in self.uncaptured
            if is_new:
                self.uncaptured.append(what)
        return is_new

    # --- streams that nobody closed

    def pending(self, span: Span, abandon: Callable[[], None]) -> None:
        """Remember a stream that is still read, so that it is kept even if nobody closes it."""
        with self._lock:
            self._pending[span.id] = abandon

    def settled(self, span: Span) -> None:
        """A remembered stream has ended by itself."""
        with self._lock:
            self._pending.pop(span.id, None)

    def close(self) -> None:
        """The run is over: streams that were never closed end, and what still runs is named."""
        for abandon in list(self._pending.values()):
            abandon()
        with self._lock:
            self._closed = True
            running = [span for span in self.spans if span.ms is None]
            self.spans[:] = [span for span in self.spans if span.ms is not None]
        for span in running:
            what = f"{span.kind} {span.name}, still running when the recorder was closed"
            if self.not_captured(what):
                warn(f"not recorded: {what}", stacklevel=6)
        self.summarise()

    # --- what was recorded

    def unplayed_resumed(self) -> list[Span]:
        """Steps of an interrupted recording that this run has not come to: paid for, and not to be lost."""
        played = {id(span) for span in self.played.values()}
        return [span for key, span in self._resumed.items() if key not in played]

    def unplayed(self) -> list[Span]:
        """Calls of the cassette that have not been made."""
        if self.recorded is None or not self.mode.reads:
            return []
        ours = {id(span) for span in self.recorded}
        with self._lock:
            return [span for span in self._index.unplayed() if id(span) in ours]

    def is_replayed(self, span: Span) -> bool:
        """Whether a call of now was answered from what was recorded."""
        return span.exchange is not None and span.id in self.played and self.mode.known is not Known.COMPARE

    def take(self, span: Span) -> Span | None:
        """The recorded step to serve for one of now: same name and input, each once and in order.

        What ran within it when it was recorded counts as played, and is in this trace too.
        """
        with self._lock:
            if self._steps is None:
                self._steps = defaultdict(deque)
                for step in self._readable:
                    if step.exchange is None and not step.attributes.get("inexact"):
                        self._steps[matching.step_key(step)].append(step)
            scrub = self.scrubber
            own = scrub.text(span.name), scrub.value(span.input), scrub.value(span.attributes)
            waiting = self._steps.get(
                matching.step_key(replace(span, name=own[0], input=own[1], attributes=own[2]))
            )
            if not waiting:
                return None
            step = self.played[span.id] = waiting.popleft()
            self._run_within(step, span)
            return step

    @property
    def _readable(self) -> list[Span]:
        return list(self.recorded) if self.recorded is not None and self.mode.reads else []

    def _run_within(self, recorded: Span, span: Span) -> None:
        """Take what ran within a recorded step into this trace, beneath the step it is served for."""
        ids = {recorded.id: span.id}
        for step in self.recorded or ():
            if step.parent in ids:
                self._last_id += 1
                ids[step.id] = self._last_id
                again = replace(step, id=self._last_id, parent=ids[step.parent], lane=span.lane, links=[])
                again.start_ms = span.start_ms
                self.spans.add(again)
                self.played[again.id] = step
                if step.exchange is not None:
                    self._index.pass_over(step)

    def refused_step(self, span: Span) -> UnrecordedCallError:
        """The error for a frozen step that is not recorded and must not run; remembered."""
        text = matching.explain_step(span, self._readable, self._hints())
        error = self.refused(text)
        span.error = Failure("trace_ops.errors.UnrecordedCallError", text)
        self.end(span)
        return error

    def summarise(self) -> None:
        """Read model, usage and tools asked for from the answers, and price them."""
        for span in list(self.spans):
            if span.ms is not None and span.id not in self._summed:
                self._summed.add(span.id)
                summarise(span)
