"""One call of a function tool of OpenAI Agents: its arguments, and the recorded output in its place."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from trace_ops import context
from trace_ops._plain import failure, plain
from trace_ops._typed import TYPED, again, read_output
from trace_ops.errors import UnrecordedCallError
from trace_ops.frameworks import _steps
from trace_ops.frameworks._agents_steps import NAME, Open
from trace_ops.frameworks._frozen import raised, served
from trace_ops.frameworks._tool_steps import is_made_of
from trace_ops.tape import Tape
from trace_ops.trace import Span

_FLAG = "is_sdk_generated_error"
_RAISED = "raised"  # the error ended the run, while others become what the model is told


class AgentsTool:
    """A call. ``served`` is the step to serve in its place, or the error that there is none.

    Nothing here raises, but :meth:`again`: that error, or the recorded one.

    The step is that of the framework's own span, or one of its own where its tracing is off.
    """

    def __init__(self, tape: Tape, around: Open | None, call: dict[str, Any]) -> None:
        self.served: Span | UnrecordedCallError | None = None
        self._tape, self._around = tape, around
        self._span: Span | None = None
        self._function = _function(call)
        with _steps.guarded(tape, "a tool of OpenAI Agents"):
            name, given = call["function_tool"].name, _arguments(call["arguments"])
            if (
                around is not None
                and around.is_own
                and around.step is not None
                and around.step.kind == "tool"
            ):
                self._span = around.step
                self._span.input = plain(given)
                around.filled = True
            else:
                self._around = None
                tape.not_captured("agents and handoffs of OpenAI Agents, whose tracing is disabled")
                self._span = _steps.begin(tape, "tool", name, via=NAME, input=given)
            self.served = served(tape, self._span)

    def inside(self) -> AbstractContextManager[None]:
        """Make the step the parent of what runs in the block."""
        return nullcontext() if self._span is None else context.inside(self._tape, self._span.id)

    def again(self) -> Any:
        """The recorded output, as the framework hands it on."""
        recorded = self.served
        if not isinstance(recorded, Span):
            assert recorded is not None
            raise recorded
        generated = bool(recorded.attributes.get(_FLAG))
        if self._span is not None:
            self._span.error = recorded.error
        marks = {name: True for name in (_FLAG, TYPED, _RAISED) if recorded.attributes.get(name)}
        self._end(plain(recorded.output), marks)
        if recorded.error is not None and _RAISED in marks:
            raise raised(recorded.error)
        output = again(self._tape, recorded, self._function)
        return sys.modules["agents.tool"]._FunctionToolInvocationResult(output, generated)

    def end(self, result: Any = None, *, error: BaseException | None = None) -> None:
        """Keep what came of it. An error that its message does not make again is kept, and never served."""
        with _steps.guarded(self._tape, "the output of a tool of OpenAI Agents"):
            if error is not None:
                if self._span is not None:
                    self._span.error = failure(error)
                is_exact = isinstance(error, Exception) and is_made_of(error)
                self._end(None, {_RAISED: True} if is_exact else {"inexact": True})
                return
            output, marks = read_output(result.output, self._function)
            self._end(output, {**marks, _FLAG: True} if getattr(result, _FLAG, False) else marks)

    def _end(self, output: Any, marks: dict[str, Any]) -> None:
        if self._span is None:
            return
        self._span.output = output
        self._span.attributes |= marks
        if self._around is None:
            self._tape.end(self._span)


def _function(call: dict[str, Any]) -> Any:
    """The function of the program that a tool was made of, if any."""
    invoke = getattr(call.get("function_tool"), "on_invoke_tool", None)
    return getattr(
        getattr(invoke, "_invoke_tool_impl", None), "__agents_function_tool_wrapped_callable__", None
    )


def _arguments(text: str) -> Any:
    """What the model wrote as arguments, which need not be JSON."""
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return text
