"""One call of a decorated function: its step in the trace, and what is served in its place."""

from __future__ import annotations

import inspect
from collections.abc import Generator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from trace_ops import context
from trace_ops._guard import guarded
from trace_ops._plain import failure, plain, read
from trace_ops._raised import raised
from trace_ops._typed import again, read_output
from trace_ops.tape import Tape
from trace_ops.trace import Span, SpanKind


class RecordedToolError(RuntimeError):
    """Stands in, under its name, for the error of a frozen tool whose class is not to be had."""


class ToolCall:
    """The step of one call. ``recorded`` is the step to serve in its place, if any.

    By what ``function`` says it returns, outputs are served that JSON cannot hold.

    None of its methods raises, but :meth:`again` and :meth:`each_again`, which raise the recorded error, and
    the constructor, where the call is frozen, must not run, and was not recorded.
    """

    def __init__(
        self, tape: Tape, name: str, arguments: dict[str, Any], freeze: bool | None, function: Any = None
    ) -> None:
        self.recorded: Span | None = None
        self._tape, self._what, self._function = tape, f"tool {name}", function
        self._span: Span | None = None
        refused = False
        with guarded(tape, self._what):
            given = plain(arguments)
            kind: SpanKind = "custom" if _is_told(tape.step(), name, given) else "tool"
            self._span = tape.begin(kind, name, input=given)
            wanted = tape.freeze.holds("tool", name)
            if wanted if freeze is None else freeze:
                self.recorded = tape.take(self._span)
                strict = freeze is None and "tool" in tape.freeze.strict
                refused = self.recorded is None and strict and not tape.records
        if refused and self._span is not None:
            raise tape.refused_step(self._span)

    def inside(self) -> AbstractContextManager[None]:
        """Make the step the parent of what runs in the block."""
        return nullcontext() if self._span is None else context.inside(self._tape, self._span.id)

    def again(self) -> Any:
        """The recorded output, a copy of it; raises the recorded error."""
        assert self.recorded is not None
        if self.recorded.error is not None:
            raise raised(self.recorded.error, RecordedToolError)
        return again(self._tape, self.recorded, self._function)

    def each_again(self) -> Generator[Any, Any, Any]:
        """The recorded items, then the recorded error or result."""
        assert self.recorded is not None
        yield from plain(self.recorded.output) or ()
        if self.recorded.error is not None:
            raise raised(self.recorded.error, RecordedToolError)
        return plain(self.recorded.attributes.get("returned"))

    def end(
        self,
        output: Any = None,
        *,
        error: BaseException | None = None,
        returned: Any = None,
        whole: bool = True,
    ) -> None:
        """End the step.

        ``returned`` is the result of a generator, whose ``output`` are its items. An output that is not
        ``whole``, or that JSON cannot hold exactly, is never served.
        """
        span = self._span
        if span is None:
            return
        with guarded(self._tape, self._what):
            span.output, marks = read_output(output, self._function)
            exact = "inexact" not in marks
            span.attributes |= marks
            if returned is not None:
                span.attributes["returned"], is_exact = read(returned)
                exact = exact and is_exact
            # A call that was cancelled or interrupted has no outcome of its own.
            if not (exact and whole and (error is None or isinstance(error, Exception))):
                span.attributes["inexact"] = True
            span.error = None if error is None else failure(error)
            self._tape.end(span)


def _is_told(around: Span | None, name: str, given: dict[str, Any]) -> bool:
    """Whether the step around is the same call, as a framework or an SDK that runs the function tells it."""
    if around is None or (around.kind, around.name) != ("tool", name) or not isinstance(around.input, dict):
        return False
    return all(around.input.get(key) == value for key, value in given.items())


def arguments_of(
    signature: inspect.Signature | None, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """The arguments of a call by their names, as far as the function has any."""
    try:
        bound = None if signature is None else signature.bind(*args, **kwargs).arguments
    except TypeError:  # the function itself raises it, in its own words
        bound = None
    if bound is None:
        return {"args": list(args), **kwargs}
    return {name: value for name, value in bound.items() if name != "self"}
