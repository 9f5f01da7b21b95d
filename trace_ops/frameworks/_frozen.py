"""What is served from the cassette in place of a step, by what the recorder was told to freeze."""

from __future__ import annotations

import builtins
import sys

from trace_ops.errors import UnrecordedCallError
from trace_ops.exchange import Failure
from trace_ops.tape import Tape
from trace_ops.trace import Span


class RecordedStepError(RuntimeError):
    """Stands in for the error of a frozen step whose class cannot be made from its message."""


def served(tape: Tape, span: Span) -> Span | UnrecordedCallError | None:
    """The recorded step to serve for a call, or the error to raise instead; ``None`` where it runs."""
    if not tape.freeze.holds("tool", span.name):
        return None
    return tape.take(span) or refusal(tape, span)


def refusal(tape: Tape, span: Span) -> UnrecordedCallError | None:
    """The error for a frozen call that is not recorded, where such a call may not run."""
    return tape.refused_step(span) if "tool" in tape.freeze.strict and not tape.records else None


def raised(recorded: Failure) -> Exception:
    """The error that was recorded, of its own class where that is made of a message."""
    module, _, name = recorded.type.rpartition(".")
    cls = getattr(builtins if module == "builtins" else sys.modules.get(module), name, None)
    if isinstance(cls, type) and issubclass(cls, Exception):
        try:
            return cls(recorded.message)
        except TypeError:  # it is not made of a message alone
            pass
    return RecordedStepError(f"{recorded.type}: {recorded.message}")
