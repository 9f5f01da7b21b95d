"""Models of LangChain that no SDK stands behind: a step of their own, where no call was seen beneath."""

from __future__ import annotations

from typing import Any

from trace_ops.frameworks import _steps
from trace_ops.frameworks._langchain_values import readable
from trace_ops.tape import Tape
from trace_ops.trace import Usage


class Asked:
    """A model that was asked, and what was on the tape by then."""

    def __init__(self, tape: Tape, name: str, messages: Any) -> None:
        self._tape, self._name, self._messages = tape, name, messages
        self._seen, self._start_ms = len(tape.spans), tape.now_ms()

    def end(self, parent: int | None, *, result: Any = None, error: BaseException | None = None) -> None:
        """Add the step, unless a call of an SDK was it, or a cache answered."""
        tape = self._tape
        since = list(tape.spans)[self._seen :]
        if any(span.exchange is not None and span.parent == parent for span in since):
            return
        answers = [answer for given in getattr(result, "generations", ()) for answer in given]
        message = getattr(answers[0], "message", None) if answers else None
        usage = getattr(message, "usage_metadata", None) or {}
        if usage.get("total_cost") == 0:  # as LangChain's cache has it
            return
        asked = self._messages[0] if len(self._messages) == 1 else self._messages
        span = _steps.begin(tape, "llm", self._name, via="langchain", input=readable(asked))
        span.parent, span.start_ms = parent, self._start_ms
        span.tools = [call["name"] for call in getattr(message, "tool_calls", ())]
        if usage:
            span.usage = Usage(usage.get("input_tokens"), usage.get("output_tokens"))
        said = [getattr(answer, "message", None) or answer.text for answer in answers]
        output = readable(said[0] if len(said) == 1 else said)
        told = None if isinstance(error, GeneratorExit) else error
        _steps.end(tape, span, output=output or None, error=told)
