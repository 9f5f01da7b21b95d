"""What is served from the cassette in place of a step, by what the recorder was told to freeze."""

from __future__ import annotations

from trace_ops import _raised
from trace_ops.errors import UnrecordedCallError
from trace_ops.exchange import Failure
from trace_ops.tape import Tape
from trace_ops.trace import Span


class RecordedStepError(RuntimeError):
    """Stands in, under its name, for the error of a frozen step whose class is not to be had."""


def served(tape: Tape, span: Span, *also: str) -> Span | UnrecordedCallError | None:
    """The recorded step to serve for a call, or the error to raise instead; ``None`` where it runs.

    ``also`` are other names that the tool goes by.
    """
    if not tape.freeze.holds("tool", span.name, *also):
        return None
    return tape.take(span) or refusal(tape, span)


def refusal(tape: Tape, span: Span) -> UnrecordedCallError | None:
    """The error for a frozen call that is not recorded, where such a call may not run."""
    return tape.refused_step(span) if "tool" in tape.freeze.strict and not tape.records else None


def raised(recorded: Failure) -> Exception:
    """The error that was recorded: of its own class, if it can be had, and of the same name and text."""
    return _raised.raised(recorded, RecordedStepError)
