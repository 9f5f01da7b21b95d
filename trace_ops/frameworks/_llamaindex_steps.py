"""The spans of LlamaIndex's own instrumentation as steps: which are worth one, and of what kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from trace_ops import context
from trace_ops._plain import failure, plain
from trace_ops.context import Place, watching
from trace_ops.frameworks import _steps
from trace_ops.frameworks._langchain_values import is_a
from trace_ops.frameworks._llamaindex_agents import Agents, is_machinery, is_workflow
from trace_ops.frameworks._llamaindex_values import outcome_of, readable
from trace_ops.tape import Tape
from trace_ops.trace import Span, SpanKind

NAME = "llamaindex"
"""The name of the flag."""

_UUID = 37
"""The length of what makes the id of a span unique, with the dash before it."""

_ANSWERING = ("chat", "achat", "stream_chat", "astream_chat")
_SCOPES: tuple[tuple[str, str, tuple[str, ...], SpanKind], ...] = (
    ("llama_index.core.base.base_query_engine", "BaseQueryEngine", ("query", "aquery"), "chain"),
    ("llama_index.core.base.agent.types", "BaseAgent", _ANSWERING, "agent"),
    ("llama_index.core.chat_engine.types", "BaseChatEngine", _ANSWERING, "chain"),
    (
        "llama_index.core.response_synthesizers.base",
        "BaseSynthesizer",
        ("synthesize", "asynthesize"),
        "chain",
    ),
    ("llama_index.core.base.base_selector", "BaseSelector", ("_select", "_aselect"), "decision"),
    ("llama_index.core.question_gen.types", "BaseQuestionGenerator", ("generate", "agenerate"), "chain"),
    (
        "llama_index.core.postprocessor.types",
        "BaseNodePostprocessor",
        ("_postprocess_nodes", "_apostprocess_nodes"),
        "chain",
    ),
)
"""Methods that are a step; the others are how these do it. Tools, retrievers and models are seen where they
are called."""
_END: Any = object()
_GIVEN = ("str_or_query_bundle", "query", "message", "queries", "nodes", "tools")


@dataclass(eq=False)
class Open:
    """A span of theirs that has begun, with the step it is, if it is one, and where that is."""

    tape: Tape
    instance: Any
    span: Span | None = None
    place: Place | None = None
    agents: Agents | None = None
    step_of: Agents | None = None


class Steps:
    """What the span handler is told. Nothing here raises into the program; any thread may call."""

    def __init__(self) -> None:
        self._open: dict[str, Open] = {}

    def enter(self, id_: str, bound: Any, instance: Any, parent_id: str | None) -> None:
        """A span begins."""
        tape = watching(NAME)
        if tape is None:
            return
        with _steps.guarded(tape, "a step of LlamaIndex"):
            method = id_[:-_UUID].rpartition(".")[2]
            around = self._open.get(parent_id or "") or self._here(tape)
            begun = (
                self._run(tape, method, bound, instance)
                or self._step(tape, method, bound, around)
                or self._call(tape, method, bound, instance, around)
            )
            if begun is not None:
                self._open[id_] = begun

    def _here(self, tape: Tape) -> Open | None:
        """The workflow that the code runs in, where it runs in a thread that knows of no span."""
        step = context.current_span(tape)
        running = [one for one in list(self._open.values()) if one.agents is not None and one.tape is tape]
        return next((one for one in running if one.span is not None and one.span.id == step), None)

    def _run(self, tape: Tape, method: str, bound: Any, instance: Any) -> Open | None:
        """A workflow runs, or an agent, which is one."""
        if method != "run" or not is_workflow(instance):
            return None
        agents = Agents(tape, instance)
        span = _steps.begin(tape, agents.kind, agents.name, via=NAME, input=agents.asked(bound.arguments))
        return Open(tape, instance, span, context.enter(tape, span.id), agents)

    def _step(self, tape: Tape, method: str, bound: Any, around: Open | None) -> Open | None:
        """A step of a workflow. Those of which LlamaIndex makes its agents are no matter of the program."""
        agents = None if around is None else around.agents
        if agents is None or not agents.has(method):
            return None
        event = next((bound.arguments[key] for key in ("ev", "event") if key in bound.arguments), None)
        if event is None:
            event = next(iter(list(bound.arguments.values())[-1:]), None)
        if is_machinery(agents.workflow, method):
            place = agents.enter(method, event)
            return Open(tape, None, None, place, step_of=agents)
        span = _steps.begin(tape, "chain", method, via=NAME, input=readable(event))
        return Open(tape, None, span, context.enter(tape, span.id), step_of=agents)

    def _call(self, tape: Tape, method: str, bound: Any, instance: Any, around: Open | None) -> Open | None:
        """A component is asked; one that passes on to another form of itself is asked once."""
        kind = next(
            (
                kind
                for module, cls, methods, kind in _SCOPES
                if method in methods and is_a(instance, module, cls)
            ),
            None,
        )
        if kind is None or (around is not None and around.instance is instance and around.agents is None):
            return None
        span = _steps.begin(tape, kind, type(instance).__name__, via=NAME, input=_asked(bound.arguments))
        return Open(tape, instance, span, context.enter(tape, span.id))

    def exit(self, id_: str, result: Any) -> None:
        """A span ends with a result."""
        found = self._left(id_)
        if found is None:
            return
        with _steps.guarded(found.tape, "the end of a step of LlamaIndex"):
            if found.step_of is not None:
                found.step_of.told(result)
            failed = None
            if found.agents is not None:
                failed = found.agents.failed if result is None else None  # older versions do not tell
                found.agents.end(failed)
            if found.span is None:
                return
            if _is_streamed(result):
                _when_read(found.tape, found.span, result)
            elif found.agents is not None:
                _steps.end(found.tape, found.span, output=outcome_of(result), error=failed)
            else:
                _steps.end(found.tape, found.span, output=readable(result))

    def drop(self, id_: str, error: BaseException | None) -> None:
        """A span ends with an error."""
        found = self._left(id_)
        if found is None:
            return
        with _steps.guarded(found.tape, "the end of a step of LlamaIndex"):
            if found.step_of is not None:
                found.step_of.failed = error
            if found.agents is not None:
                found.agents.end(error)
            if found.span is not None:
                _steps.end(found.tape, found.span, error=error)

    def _left(self, id_: str) -> Open | None:
        found = self._open.pop(id_, None)
        if found is not None and found.place is not None:
            context.leave(found.place)
        return found


def _asked(arguments: dict[str, Any]) -> Any:
    """What a component is given, first of all the question."""
    found = {name: readable(arguments[name]) for name in _GIVEN if arguments.get(name) is not None}
    choices = arguments.get("choices")
    if choices is not None:
        found["choices"] = readable(list(choices))
    return next(iter(found.values())) if len(found) == 1 else found


def _is_streamed(result: Any) -> bool:
    module = "llama_index.core.base.response.schema"
    return is_a(result, module, "StreamingResponse") or is_a(result, module, "AsyncStreamingResponse")


def _when_read(tape: Tape, span: Span, result: Any) -> None:
    """End a step when its reader has read what it streams, or left it."""
    texts: list[str] = []

    def end(error: BaseException | None = None) -> None:
        tape.settled(span)
        with _steps.guarded(tape, "the end of a step of LlamaIndex"):
            if span.ms is None:
                span.output = plain("".join(texts))
                left = isinstance(error, GeneratorExit)
                span.error = None if error is None or left else failure(error)
                tape.end(span)

    tape.pending(span, end)
    tokens = result.response_gen
    read = _read_async if hasattr(tokens, "__aiter__") else _read
    result.response_gen = read(tape, span, tokens, texts, end)


# What is read within the step is asked of a model when somebody reads it, and is part of the step.


def _read(tape: Tape, span: Span, tokens: Any, texts: list[str], end: Callable[..., None]) -> Iterator[Any]:
    try:
        while True:
            with context.inside(tape, span.id):
                token = next(tokens, _END)
            if token is _END:
                break
            texts.append(str(token))
            yield token
    except BaseException as error:
        end(error)
        raise
    end()


async def _read_async(
    tape: Tape, span: Span, tokens: Any, texts: list[str], end: Callable[..., None]
) -> AsyncIterator[Any]:
    try:
        while True:
            with context.inside(tape, span.id):
                token = await anext(tokens, _END)
            if token is _END:
                break
            texts.append(str(token))
            yield token
    except BaseException as error:
        end(error)
        raise
    end()
