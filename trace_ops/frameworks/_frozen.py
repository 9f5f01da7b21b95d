"""What is served from the cassette in place of a step, by what the recorder was told to freeze."""

from __future__ import annotations

import builtins
import sys

from trace_ops._plain import failure
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
    module, _, name = recorded.type.rpartition(".")
    own = getattr(builtins if module == "builtins" else sys.modules.get(module), name, None)
    known = [own] if isinstance(own, type) and issubclass(own, Exception) else []
    for kind in (*known, *(_alike(one, module, name, recorded.message) for one in known)):
        try:
            error = kind(recorded.message)
        except Exception:  # noqa: BLE001, S112 - a class of others, which may want anything
            continue
        if failure(error) == recorded:
            return error
    return _alike(RecordedStepError, module, name, recorded.message)(recorded.message)


def _alike(kind: type[Exception], module: str, name: str, text: str) -> type[Exception]:
    """A class that passes for one whose errors are not made of their text alone, as ``KeyError`` is not."""
    own = {"__module__": module, "__init__": lambda self, *_: None, "__str__": lambda self: text}
    return type(name, (kind,), own)
