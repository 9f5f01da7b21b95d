"""The spans of OpenAI Agents' tracing as steps: a trace, its agents, tools, handoffs and guardrails."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from trace_ops import context
from trace_ops._plain import failure, plain
from trace_ops.context import Place, watching
from trace_ops.frameworks import _steps
from trace_ops.tape import Tape
from trace_ops.trace import Link, Span, SpanKind

NAME = "openai_agents"
"""The name of the flag."""

_KINDS: dict[str, SpanKind] = {
    "agent": "agent",
    "function": "tool",
    "handoff": "decision",
    "guardrail": "custom",
    "custom": "custom",
}
"""Steps of their own. Other spans are passed over: turns, and what the SDK beneath is asked, where it is
recorded."""


@dataclass
class Open:
    """A span of theirs that has begun. ``step`` is ours for it, or the one around it."""

    tape: Tape
    step: Span | None
    place: Place | None = None
    is_own: bool = False
    filled: bool = False
    handoffs: dict[str, int] = field(default_factory=dict)


class Steps:
    """A trace processor. It never raises, and does nothing where no tape is active."""

    def __init__(self) -> None:
        self._open: dict[str, Open] = {}

    def stay(self, wrapped: Callable[..., Any], processors: Any, args: Any, kwargs: Any) -> Any:
        """Come back among the processors that a program replaces."""
        given = wrapped(*args, **kwargs)
        processors.add_tracing_processor(self)
        return given

    def current(self) -> Open | None:
        """The open span that the code runs in."""
        span = sys.modules["agents.tracing"].get_current_span()
        return self._open.get(span.span_id) if span is not None else None

    def on_trace_start(self, trace: Any) -> None:
        """A workflow begins. It may end in another context, so it is no place of its own."""
        tape = watching(NAME)
        if tape is None:
            return
        with _steps.guarded(tape, "a workflow of OpenAI Agents"):
            step = _steps.begin(tape, "chain", trace.name, via=NAME)
            self._open[trace.trace_id] = Open(tape, step, is_own=True)

    def on_trace_end(self, trace: Any) -> None:
        """A workflow is over."""
        found = self._open.pop(trace.trace_id, None)
        if found is not None and found.step is not None:
            with _steps.guarded(found.tape, "a workflow of OpenAI Agents"):
                _fill(found.step, found.step.input, found.step.output)
                found.tape.end(found.step)

    def on_span_start(self, span: Any) -> None:
        """A step begins."""
        tape = watching(NAME)
        if tape is None:
            return
        data = span.span_data
        with _steps.guarded(tape, "a step of OpenAI Agents"):
            around = self._open.get(span.parent_id) or self._open.get(span.trace_id)
            kind = _KINDS.get(data.type)
            if kind is None:
                self._open[span.span_id] = Open(tape, around.step if around else None)
                return
            parent = _beneath(tape, around.step if around else None)
            step = _steps.begin(tape, kind, _name(data), via=NAME, parent=parent, **_attributes(data))
            opened = Open(tape, step, context.enter(tape, step.id), is_own=True)
            self._open[span.span_id] = opened
            self._link(span, step)

    def on_span_end(self, span: Any) -> None:
        """A step is over."""
        found = self._open.pop(span.span_id, None)
        if found is None:
            return
        if found.place is not None:
            context.leave(found.place)
        if found.step is None:
            return
        with _steps.guarded(found.tape, "a step of OpenAI Agents"):
            if not found.is_own:
                self._told(span, found.step)
                return
            self._end(span, found)

    def _end(self, span: Any, found: Open) -> None:
        step, data = found.step, span.span_data
        assert step is not None
        if step.kind == "tool" and not found.filled:
            step.input, step.output = plain(data.input), plain(data.output)
            step.attributes["inexact"] = True
        elif step.kind == "decision":
            step.name, step.input, step.output = _name(data), plain(data.from_agent), plain(data.to_agent)
            workflow = self._open.get(span.trace_id)
            if workflow is not None and data.to_agent:
                workflow.handoffs[data.to_agent] = step.id
        elif data.type == "agent":
            step.attributes |= plain(_attributes(data))  # which it knows since it began
        elif data.type == "guardrail":
            step.output = {"triggered": plain(data.triggered)}
        if span.error is not None and step.error is None:
            step.error = failure(span.error.get("message"))
        found.tape.end(step)

    def _link(self, span: Any, step: Span) -> None:
        workflow = self._open.get(span.trace_id)
        if step.kind == "agent" and workflow is not None:
            handoff = workflow.handoffs.pop(step.name, None)
            step.links += [] if handoff is None else [Link("caused_by", handoff)]

    def _told(self, span: Any, step: Span) -> None:
        """What a model was asked and said tells what its agent was given and came to."""
        data = span.span_data
        if step.kind != "agent" or data.type not in ("generation", "response"):
            return
        response = getattr(data, "response", None)
        said = getattr(data, "output", None) if response is None else response.output
        workflow = self._open.get(span.trace_id)
        for told in (step, workflow.step if workflow else None):
            if told is not None:
                _fill(told, data.input if told.input is None else told.input, said or told.output)

    def shutdown(self) -> None:
        """Nothing is held back."""

    def force_flush(self) -> None:
        """Nothing is held back."""


def _fill(step: Span, given: Any, said: Any) -> None:
    step.input, step.output = plain(given), plain(said)


def _name(data: Any) -> str:
    if data.type == "handoff":
        return f"handoff to {data.to_agent}" if data.to_agent else "handoff"
    return str(data.name)


def _attributes(data: Any) -> dict[str, Any]:
    if data.type == "agent":
        known = {name: getattr(data, name, None) for name in ("tools", "handoffs", "output_type")}
        return {name: value for name, value in known.items() if value}
    if data.type == "guardrail":
        return {"guardrail": True}
    return {"data": data.data} if data.type == "custom" and data.data else {}


def _beneath(tape: Tape, around: Span | None) -> int | None:
    """The parent of a new step: the one of theirs around it, or what runs within that, such as a tool."""
    here = context.current_span(tape)
    if around is None:
        return here
    parents = {span.id: span.parent for span in tape.spans}
    at = here
    while at is not None:
        if at == around.id:
            return here
        at = parents.get(at)
    return around.id
