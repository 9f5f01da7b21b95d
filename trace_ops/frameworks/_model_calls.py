"""One call of a model within the process, which may have no SDK behind it.

If it has none, the call is an exchange like that of any SDK: what the model was asked, as JSON, sent by the
method ``CALL`` to the model's class, and what it gave, in one piece or in lines of JSON. So it is matched,
served, refused, compared and counted as any other.

Whether there is an SDK is known when the call is over: where the call of one was seen beneath, that is the
recorded one, and this is passed over. On replay the recording tells (:class:`Known`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from trace_ops import context
from trace_ops._cancellation import CANCELLED, is_cancellation
from trace_ops._json_text import COMPACT, render
from trace_ops._plain import failure
from trace_ops.errors import UnrecordedCallError
from trace_ops.exchange import Body, Exchange, Failure, Outcome, Request, Response, Stream, StreamEnd
from trace_ops.frameworks import _steps
from trace_ops.frameworks._known_models import METHOD, Known, as_step, passes_on
from trace_ops.frameworks._recorded_answer import RecordedAnswer
from trace_ops.tape import Tape
from trace_ops.trace import Span

Told = Callable[[], tuple[Any, bool]]
"""Tells an answer as JSON, and whether it can be given again exactly."""


def begin(tape: Tape, provider: str, name: str, body: Callable[[], dict[str, Any]]) -> ModelCall | None:
    """A call of the model ``name``, asked what ``body`` tells; ``None`` where that cannot be told.

    Raises :class:`UnrecordedCallError` where it is unknown and may not be made.
    """
    call: ModelCall | None = None
    refused: UnrecordedCallError | None = None
    with _steps.guarded(tape, f"{provider} {name}"):
        try:
            call = ModelCall(tape, provider, name, body)
        except UnrecordedCallError as error:
            refused = error
    if refused is not None:
        raise refused
    return call


class ModelCall:
    """A call that has begun. If there is an ``answer``, the model is not to be asked.

    Its methods raise :class:`UnrecordedCallError` where the call turns out to be one that may not be made.
    """

    def __init__(self, tape: Tape, provider: str, name: str, body: Callable[[], dict[str, Any]]) -> None:
        self._tape, self._provider, self._name, self._body = tape, provider, name, body
        self._known = Known.of(tape)
        self.held: list[Span] = []
        self._lines: list[str] = []
        self._at_ms: list[int] = []
        self._is_exact, self._is_whole, self._is_over = True, False, False
        # Not made for nothing: of a model that passes on it is seldom asked for.
        self._request = None if self._known.passes_on(name) else self._asked()
        self._play = None if self._request is None else tape.recall(provider, self._request)
        if self._play is None and not tape.records and not self._known.may_run(name):
            self._play = tape.play(provider, self._asked())  # which refuses it
        self._span = tape.draft("llm", name) if self._play is None else self._play.span
        is_served = self._play is not None and self._play.serving
        self.answer = RecordedAnswer(self._play) if self._play is not None and is_served else None

    def _asked(self) -> Request:
        return Request(METHOD, f"/{self._name}", body=Body.from_json(self._body(), COMPACT))

    def inside(self) -> AbstractContextManager[None]:
        """Have what begins in the block known as part of the call."""
        at = self._span.parent if self._play is None else self._span.id
        return context.inside(self._tape, at, self.held)

    def end(self, told: Told) -> None:
        """The model gave an answer; what is not it exactly is kept as a step, and never served."""

        def outcome() -> Outcome:
            answer, self._is_exact = told()
            return Response(200, [], Body.from_json(answer, COMPACT), elapsed_ms=self._elapsed_ms())

        self._end(outcome)

    def fail(self, error: BaseException) -> None:
        """The model raised an error, or was interrupted."""
        if is_cancellation(error):
            self._end(lambda: CANCELLED)
        elif isinstance(error, Exception):
            self._end(lambda: failure(error))
        else:
            self._drop()

    def piece(self, told: Told, *, is_last: bool = False) -> None:
        """The model gave a piece of its answer; if it ``is_last``, nothing is missing without an end."""
        self._is_whole = is_last
        if self._play is None and passes_on(self.held):
            return
        was_exact, self._is_exact = self._is_exact, False
        with _steps.guarded(self._tape, f"{self._provider} {self._name}"):
            piece, is_exact = told()
            self._lines.append(render(piece, COMPACT) + "\n")
            self._at_ms.append(round(self._elapsed_ms()))
            self._is_exact = was_exact and is_exact
        if len(self._lines) == 1:
            self._tape.pending(self._span, lambda: self._end_pieces("abandoned"))
            # What an SDK says, it was asked for by now.
            if self._play is None and not self._tape.records and not self._known.runs(self._name):
                self._end(lambda: Failure("none", ""))

    def end_pieces(self, error: BaseException | None = None) -> None:
        """The model has no more to give, failed, or its reader left."""
        if error is None:
            self._end_pieces("complete")
        elif isinstance(error, GeneratorExit):
            self._end_pieces("closed")
        elif is_cancellation(error):
            self._end_pieces("cancelled")
        elif isinstance(error, Exception):
            self._end_pieces("failed", failure(error))
        else:
            self._drop()

    def _end_pieces(self, end: StreamEnd, told: Failure | None = None) -> None:
        elapsed, end = self._elapsed_ms(), "complete" if self._is_whole and told is None else end
        self._end(lambda: Response(200, [], Stream(self._lines, self._at_ms), end, told, elapsed_ms=elapsed))

    def _elapsed_ms(self) -> float:
        return self._tape.now_ms() - self._span.start_ms

    def _end(self, outcome: Callable[[], Outcome]) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._tape.settled(self._span)
        refused: UnrecordedCallError | None = None
        with _steps.guarded(self._tape, f"{self._provider} {self._name}"):
            try:
                self._settle(outcome)
            except UnrecordedCallError as error:
                refused = error
        if refused is not None:
            raise refused

    def _settle(self, outcome: Callable[[], Outcome]) -> None:
        if self._play is None and passes_on(self.held):
            self._known.passed_on(self._name, self.held)
            self._tape.forget(self._span)
            return
        came_of_it = outcome()
        if self._play is None:
            for step in self.held:
                step.parent = self._span.id if step.parent == self._span.parent else step.parent
            request = self._request or self._asked()
            if not self._is_exact or self._known.runs(self._name):
                self._span.exchange = Exchange(self._provider, request, came_of_it)
                as_step(self._span)
                self._tape.add(self._span)
                self._tape.end(self._span)
                return
            self._play = self._tape.play(self._provider, request, self._span)
            self._known.made(self._name, self._span)
        self._play.attempts.append(came_of_it)
        self._play.finish()

    def _drop(self) -> None:
        self._is_over = True
        self._tape.settled(self._span)
        self._tape.forget(self._span)
