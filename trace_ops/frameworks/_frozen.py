"""Whether a call of a tool is served from the cassette, by what the recorder was told to freeze."""

from __future__ import annotations

from trace_ops.errors import UnrecordedCallError
from trace_ops.tape import Tape
from trace_ops.trace import Span


def served(tape: Tape, span: Span) -> Span | UnrecordedCallError | None:
    """The recorded step to serve for a call, or the error to raise instead; ``None`` where it runs."""
    if not tape.freeze.holds("tool", span.name):
        return None
    return tape.take(span) or refusal(tape, span)


def refusal(tape: Tape, span: Span) -> UnrecordedCallError | None:
    """The error for a frozen call that is not recorded, where such a call may not run."""
    return tape.refused_step(span) if "tool" in tape.freeze.strict and not tape.records else None
