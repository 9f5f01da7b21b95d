"""Steps of frameworks, tools and stores of others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from trace_ops import context
from trace_ops._plain import failure, plain, read
from trace_ops.context import watching
from trace_ops.errors import UnrecordedCallError
from trace_ops.frameworks import _steps
from trace_ops.frameworks._frozen import raised
from trace_ops.tape import Tape
from trace_ops.trace import Span, SpanKind

T = TypeVar("T")


class OwnStep:
    """One step. ``served`` is the recorded one in its place, or the error that there is none."""

    def __init__(self, tape: Tape, library: str, kind: SpanKind, name: str, input: Any) -> None:
        self.served: Span | UnrecordedCallError | None = None
        self._tape, self._what = tape, f"{library} {name}"
        self._span: Span | None = None
        with _steps.guarded(tape, self._what):
            self._span = _steps.begin(tape, kind, name, via=library, input=input)
            if tape.freeze.holds(kind, name):
                self.served = tape.take(self._span) or self._refused(self._span)

    def _refused(self, span: Span) -> UnrecordedCallError | None:
        is_strict = span.kind in self._tape.freeze.strict and not self._tape.records
        return self._tape.refused_step(span) if is_strict else None

    def inside(self) -> AbstractContextManager[None]:
        """Make the step the parent of what runs in the block."""
        return nullcontext() if self._span is None else context.inside(self._tape, self._span.id)

    def again(self) -> Any:
        """The recorded output; raises the recorded error, or that there is nothing recorded."""
        recorded = self.served
        if not isinstance(recorded, Span):
            assert recorded is not None
            raise recorded
        assert self._span is not None
        self._span.output, self._span.error = plain(recorded.output), recorded.error
        self._tape.end(self._span)
        if recorded.error is not None:
            raise raised(recorded.error)
        return plain(recorded.output)

    def end(self, keep: Callable[[], Any], *, error: BaseException | None = None) -> None:
        """End the step; what JSON cannot hold exactly is never served."""
        span = self._span
        if span is None:
            return
        with _steps.guarded(self._tape, self._what):
            try:
                span.output, is_exact = read(keep() if error is None else None)
                if not is_exact or not isinstance(error, (Exception, type(None))):
                    span.attributes["inexact"] = True
                span.error = None if error is None else failure(error)
            finally:
                self._tape.end(span)


def _same(value: Any) -> Any:
    return value


def record_step(
    library: str,
    kind: SpanKind,
    name: str,
    live: Callable[[], T],
    *,
    input: Any = None,
    keep: Callable[[T], Any] = _same,
    rebuild: Callable[[Any], T] = _same,
) -> T:
    """Record what ``live`` does as a step, beneath the one the code runs in; calls it makes are beneath it.

    Without a recorder, and with ``intercept_<library>=False``, this is ``live()``. A frozen ``tool`` or
    ``retrieval`` does not run on replay: ``rebuild`` makes its output of what was kept, and an error is
    raised as what it was, or as :class:`RecordedStepError` where its class is not to be had. ``keep`` turns
    an output into what JSON can hold; documents are kept as mappings of ``id``, ``text``, ``metadata`` and
    ``score``.
    """
    tape = watching(library)
    if tape is None:
        return live()
    step = OwnStep(tape, library, kind, name, input)
    if step.served is not None:
        return rebuild(step.again())
    try:
        with step.inside():
            output = live()
    except BaseException as error:
        step.end(lambda: None, error=error)
        raise
    step.end(lambda: keep(output))
    return output


async def record_step_async(
    library: str,
    kind: SpanKind,
    name: str,
    live: Callable[[], Awaitable[T]],
    *,
    input: Any = None,
    keep: Callable[[T], Any] = _same,
    rebuild: Callable[[Any], T] = _same,
) -> T:
    """As :func:`record_step`, with what ``live`` gives awaited."""
    tape = watching(library)
    if tape is None:
        return await live()
    step = OwnStep(tape, library, kind, name, input)
    if step.served is not None:
        return rebuild(step.again())
    try:
        with step.inside():
            output = await live()
    except BaseException as error:
        step.end(lambda: None, error=error)
        raise
    step.end(lambda: keep(output))
    return output
