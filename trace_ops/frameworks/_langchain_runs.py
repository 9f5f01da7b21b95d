"""The runs of LangChain's callbacks as steps: which are worth one, of what kind, and beneath which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from trace_ops import context
from trace_ops._plain import read
from trace_ops.frameworks import _steps
from trace_ops.frameworks._langchain_values import is_a, readable, tool_result
from trace_ops.tape import Tape
from trace_ops.trace import Span, SpanKind

_WRAPPERS = ("Runnable", "Prompt", "ChannelWrite", "ChannelRead", "Branch<", "__start__", "__end__", "_write")
_INTEGRATIONS = ("langgraph", "langchain_create_agent")


@dataclass
class Run:
    """A run that has begun.

    ``span`` is its step, if it is worth one, ``within`` that of the innermost run around it that is, and
    ``step`` the id of what is begun in it hangs beneath.
    """

    tape: Tape
    name: str
    span: Span | None = None
    within: Span | None = None
    step: int | None = None
    place: context.Place | None = None
    parent_id: UUID | None = None
    is_node: bool = False
    is_busy: bool = False


class Runs:
    """The runs that have begun and not ended, of all tapes. Every method may be called in any thread."""

    def __init__(self) -> None:
        self._runs: dict[UUID, Run] = {}

    def chain(
        self,
        tape: Tape,
        run_id: UUID,
        parent_id: UUID | None,
        name: str,
        input: Any,
        *,
        tags: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
        run_type: str | None = None,
    ) -> None:
        """A chain, a graph or one of its nodes begins."""
        metadata = metadata or {}
        around = self._runs.get(parent_id) if parent_id else None
        run = Run(tape, name, is_node=any(tag.startswith("graph:step:") for tag in tags))
        in_node = around is not None and around.is_node
        is_graphs = run.is_node or in_node or metadata.get("ls_integration") in _INTEGRATIONS
        graphs = is_graphs and tape.watches("langgraph")
        if run.is_node:
            if graphs and around is not None and around.within is not None and around.within.kind == "chain":
                # What holds nodes is a graph, whatever it is called.
                around.within.kind, around.within.via = "agent", "langgraph"
            # A node is given the whole state, unless it was sent something of its own.
            sent = "__pregel_push" in metadata.get("langgraph_triggers", ()) and isinstance(input, dict)
            kind: SpanKind | None = "chain" if graphs and not name.startswith("__") else None
            input = input if sent else None
        elif in_node and around and name in ("LangGraph", around.name):
            kind = None
        elif in_node and _place_in_sequence(tags) > 1:
            kind, input = ("decision" if graphs and not name.startswith(_WRAPPERS) else None), None
        elif parent_id is None and metadata.get("ls_integration") in _INTEGRATIONS:
            kind = "agent" if graphs else None
        elif run_type in ("prompt", "parser") or "langsmith:hidden" in tags:
            kind = None
        else:
            kind = None if around is not None and name.startswith(_WRAPPERS) else "chain"
        self._begin(run, run_id, parent_id, kind, readable(input))

    def tool(self, tape: Tape, run_id: UUID, parent_id: UUID | None, name: str, input: Any) -> None:
        """A tool begins."""
        self._begin(Run(tape, name), run_id, parent_id, "tool", readable(input))

    def retriever(self, tape: Tape, run_id: UUID, parent_id: UUID | None, name: str, query: Any) -> None:
        """A retriever begins."""
        self._begin(Run(tape, name), run_id, parent_id, "retrieval", query)

    def model(self, tape: Tape, run_id: UUID, parent_id: UUID | None, name: str) -> None:
        """A model is asked. Its call is the step, beneath the right one, or that of the SDK it has."""
        self._begin(Run(tape, name), run_id, parent_id, None, None)

    def _begin(
        self, run: Run, run_id: UUID, parent_id: UUID | None, kind: SpanKind | None, input: Any
    ) -> None:
        tape = run.tape
        around = self._runs.get(parent_id) if parent_id else None
        if around is not None and around.tape is not tape:
            around = None
        if around is not None:
            around.is_busy = True
        run.parent_id, run.within = parent_id, around.within if around is not None else None
        run.step = parent = _innermost(tape, around.step if around is not None else None, self._here(run))
        if kind is not None:
            via = "langgraph" if run.is_node or kind in ("agent", "decision") else "langchain"
            run.span = run.within = _steps.begin(tape, kind, run.name, via=via, input=input)
            run.span.parent = parent  # none at all, for all that the code runs in one
            run.step = run.span.id
        self._runs[run_id] = run
        if run.step is not None:
            run.place = context.enter(tape, run.step)

    def _here(self, run: Run) -> int | None:
        """The step the code runs in. A batch begins its runs one after the other before any does a thing."""
        step = context.current_span(run.tape)
        for other in list(self._runs.values()):
            span = other.span
            if other.tape is run.tape and span is not None and span.id == step:
                same = (other.name, other.parent_id) == (run.name, run.parent_id)
                if same and not other.is_busy and not any(one.parent == step for one in list(run.tape.spans)):
                    return span.parent
                other.is_busy = True
        return step

    def running(self, tape: Tape) -> Span | None:
        """The tool step that the code runs in."""
        step = context.current_span(tape)
        spans = [run.span for run in list(self._runs.values()) if run.tape is tape]
        return next((span for span in spans if span is not None and span.id == step), None)

    def end(self, run_id: UUID, output: Any = None) -> None:
        """A run ends with a result."""
        run = self._left(run_id)
        if run is None:
            return
        with _steps.guarded(run.tape, f"the end of {run.name}"):
            if run.span is not None:
                _end(run.tape, run.span, output)

    def fail(self, run_id: UUID, error: BaseException) -> None:
        """A run ends with an error, or with what LangGraph and generators use errors for."""
        run = self._left(run_id)
        if run is None:
            return
        with _steps.guarded(run.tape, f"the end of {run.name}"):
            if run.span is not None and run.span.ms is None:  # else it was refused, and has ended
                _fail(run.tape, run.span, error)

    def _left(self, run_id: UUID) -> Run | None:
        run = self._runs.pop(run_id, None)
        if run is not None and run.place is not None:
            context.leave(run.place)
        return run


def _end(tape: Tape, span: Span, output: Any) -> None:
    if span.kind != "tool":
        if span.kind == "retrieval" and not all(read(document.metadata)[1] for document in output):
            span.attributes["inexact"] = True
        _steps.end(tape, span, output=readable(output))
        return
    output, more = tool_result(output)
    span.attributes.update(more)
    _steps.end(tape, span, output=output, error=output if more.get("status") == "error" else None)


def _fail(tape: Tape, span: Span, error: BaseException) -> None:
    output, is_signal = None, is_a(error, "langgraph.errors", "GraphBubbleUp")
    if is_signal:
        what = "interrupt" if is_a(error, "langgraph.errors", "GraphInterrupt") else "command"
        output = {what: readable(error.args[0] if error.args else None)}
        span.attributes["left_by"] = what
    if span.kind == "tool" and (is_signal or not isinstance(error, Exception)):
        span.attributes["inexact"] = True  # it has no outcome of its own
    told = None if is_signal or isinstance(error, GeneratorExit) else error
    _steps.end(tape, span, output=output, error=told)


def _innermost(tape: Tape, known: int | None, here: int | None) -> int | None:
    """The step LangChain knows of, or one of the program's own within it."""
    if known is None or here is None or here == known:
        return here if known is None else known
    parents = {span.id: span.parent for span in list(tape.spans)}
    step: int | None = here
    while step is not None and step != known:
        step = parents.get(step)
    return here if step == known else known


def _place_in_sequence(tags: Sequence[str]) -> int:
    places = [tag.removeprefix("seq:step:") for tag in tags if tag.startswith("seq:step:")]
    return int(places[0]) if places and places[0].isdecimal() else 0
