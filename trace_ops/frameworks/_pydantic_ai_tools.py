"""One call of a function tool of Pydantic AI: its arguments, and the recorded output in its place."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from trace_ops import context
from trace_ops._plain import failure, plain, read
from trace_ops.errors import UnrecordedCallError
from trace_ops.frameworks import _steps
from trace_ops.frameworks._frozen import served
from trace_ops.tape import Tape
from trace_ops.trace import Span


class PydanticTool:
    """A call. ``served`` is the step to serve in its place, or the error that there is none.

    Nothing here raises, but :meth:`again`: that error, or the tool's request to the model to try again.
    """

    def __init__(self, tape: Tape, name: Any, arguments: Any) -> None:
        self.served: Span | UnrecordedCallError | None = None
        self._tape = tape
        self._span: Span | None = None
        with _steps.guarded(tape, "a tool of Pydantic AI"):
            self._span = _steps.begin(tape, "tool", name, via="pydantic_ai", input=arguments)
            self.served = served(tape, self._span)

    def inside(self) -> AbstractContextManager[None]:
        """Make the step the parent of what runs in the block."""
        return nullcontext() if self._span is None else context.inside(self._tape, self._span.id)

    def again(self) -> Any:
        """The recorded output; raises the recorded request to try again."""
        recorded = self.served
        if not isinstance(recorded, Span):
            assert recorded is not None
            raise recorded
        retry, output = recorded.attributes.get("retry"), plain(recorded.output)
        if self._span is not None:
            self._span.output, self._span.error = output, recorded.error
            self._span.attributes |= {} if retry is None else {"retry": retry}
            self._tape.end(self._span)
        if retry is not None:
            raise sys.modules["pydantic_ai.exceptions"].ModelRetry(retry)
        return output

    def end(self, output: Any = None, *, error: BaseException | None = None) -> None:
        """Keep what came of it. Errors other than a request to try again are never served."""
        span = self._span
        if span is None:
            return
        with _steps.guarded(self._tape, "the output of a tool of Pydantic AI"):
            span.output, is_exact = read(output)
            if error is not None:
                span.error = failure(error)
                is_exact = type(error) is sys.modules["pydantic_ai.exceptions"].ModelRetry
                span.attributes |= {"retry": str(error)} if is_exact else {}
            if not is_exact:
                span.attributes["inexact"] = True
        with _steps.guarded(self._tape, "a tool of Pydantic AI"):
            self._tape.end(span)
