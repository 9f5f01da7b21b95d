"""Tools of CrewAI, served from the cassette: everything around them runs, they do not."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from wrapt import ObjectProxy

from trace_ops import context
from trace_ops._plain import failure
from trace_ops._typed import again, read_output
from trace_ops.context import watching
from trace_ops.errors import UnrecordedCallError
from trace_ops.frameworks import _steps
from trace_ops.frameworks._crewai_events import named
from trace_ops.frameworks._crewai_steps import Open, Steps
from trace_ops.frameworks._frozen import raised, served
from trace_ops.frameworks._mcp_request import SERVER_TOOL
from trace_ops.tape import Tape
from trace_ops.trace import Span

if TYPE_CHECKING:
    _Proxy = ObjectProxy[Any]
else:
    _Proxy = ObjectProxy  # not generic before wrapt 2


def run(steps: Steps, wrapped: Any, tool: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for what runs a tool, plain or async: it checks and counts as ever, on a stand-in."""
    tape = watching("crewai")
    if tape is None:
        return wrapped(*args, **kwargs)
    given = kwargs.get("input", {"args": list(args)} if args else kwargs)
    call = CrewTool(tape, steps, tool.name, given, getattr(tool, "_original_tool", None) or tool)
    stand_in = _StandIn(tool, call)
    if inspect.iscoroutinefunction(wrapped):
        return _steps.ended_async(call, wrapped.__func__(stand_in, *args, **kwargs))
    return _steps.ended(call, functools.partial(wrapped.__func__, stand_in, *args, **kwargs))


def run_function(steps: Steps, wrapped: Any, _model: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for what runs the functions that a model is given along with a question."""
    tape = watching("crewai")
    if tape is not None:
        args = [_functions(tape, steps, value) for value in args]
        kwargs = {name: _functions(tape, steps, value) for name, value in kwargs.items()}
    return wrapped(*args, **kwargs)


def _functions(tape: Tape, steps: Steps, given: Any) -> Any:
    if not isinstance(given, dict) or not all(callable(function) for function in given.values()):
        return given
    # What belongs to a tool is seen there.
    is_tool = {name: hasattr(getattr(one, "__self__", None), "args_schema") for name, one in given.items()}
    return {
        name: one if is_tool[name] else functools.partial(_function, tape, steps, name, one)
        for name, one in given.items()
    }


def _function(tape: Tape, steps: Steps, name: str, function: Any, /, **kwargs: Any) -> Any:
    call = CrewTool(tape, steps, name, kwargs)
    return _steps.ended(call, functools.partial(call.in_place_of(function), **kwargs))


class _StandIn(_Proxy):
    """The tool itself, but for the function that it runs."""

    def __init__(self, tool: Any, call: CrewTool) -> None:
        super().__init__(tool)
        self._self_call = call

    @property
    def func(self) -> Any:
        return self._self_call.in_place_of(self.__wrapped__.func)

    @property
    def _run(self) -> Any:
        return self._self_call.in_place_of(self.__wrapped__._run)

    @property
    def _arun(self) -> Any:
        return self._self_call.in_place_of(self.__wrapped__._arun)


class CrewTool:
    """A call of a tool: its step is the one that an event began, or one of its own.

    Nothing here raises, but what stands in for the function: the recorded error, or that there is nothing
    recorded.
    """

    def __init__(self, tape: Tape, steps: Steps, name: Any, given: Any, tool: Any = None) -> None:
        self._tape, self._what = tape, f"tool {name} of CrewAI"
        self._names = [str(name)]
        self._span: Span | None = None
        self._open: Open | None = None
        self._ran = False
        self._function = getattr(tool, "func", None)  # what CrewAI calls in its place says nothing of types
        self._recorded: Span | UnrecordedCallError | None = None
        with _steps.guarded(tape, self._what):
            self._open = steps.tool(tape, named(str(name)))
            if self._open is None:
                self._span = _steps.begin(tape, "tool", named(str(name)), via="crewai", input=given)
            else:
                self._span, self._open.busy = self._open.span, True
            lent = getattr(tool, "original_tool_name", None)
            if lent is not None:  # by an MCP server, which has another name for it
                self._span.attributes[SERVER_TOOL] = lent
                self._names.append(lent)

    def in_place_of(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, run within the step, or what is served instead of it."""
        self._function = self._function or function

        @functools.wraps(function)
        def stand_in(*args: Any, **kwargs: Any) -> Any:
            self._find()
            if self._recorded is not None:
                return self._again()
            with self._inside():
                output = function(*args, **kwargs)
            return self._awaited(output) if inspect.iscoroutine(output) else output

        @functools.wraps(function)
        async def stand_in_async(*args: Any, **kwargs: Any) -> Any:
            output = stand_in(*args, **kwargs)
            return await output if inspect.iscoroutine(output) else output

        return stand_in_async if inspect.iscoroutinefunction(function) else stand_in

    async def _awaited(self, output: Any) -> Any:
        with self._inside():
            return await output

    def _inside(self) -> AbstractContextManager[None]:
        # Also where no context reaches: CrewAI runs plain tools of async crews in bare threads.
        return nullcontext() if self._span is None else context.inside(self._tape, self._span.id)

    def _find(self) -> None:
        self._ran = True
        if self._span is None:
            return
        with _steps.guarded(self._tape, self._what):
            self._recorded = self._open.recorded if self._open is not None else None
            if self._recorded is None:  # else it is another attempt at the same call
                self._recorded = served(self._tape, self._span, *self._names)
            if self._open is not None:
                self._open.recorded = self._recorded

    def _again(self) -> Any:
        recorded = self._recorded
        if not isinstance(recorded, Span):
            assert recorded is not None
            raise recorded
        if recorded.error is not None:
            raise raised(recorded.error)
        return again(self._tape, recorded, self._function)

    def end(self, output: Any = None, *, error: BaseException | None = None) -> None:
        """Keep what came of it. What has no outcome that can be given again is never served."""
        span, around = self._span, self._open
        if span is None:
            return
        with _steps.guarded(self._tape, self._what):
            if span.ms is None:
                self._keep(span, output, error)
            if around is not None:
                around.busy, around.filled = False, True
            elif span.ms is None:
                self._tape.end(span)

    def _keep(self, span: Span, output: Any, error: BaseException | None) -> None:
        span.output, marks = read_output(output, self._function)
        span.error = None if error is None else failure(error)
        span.attributes |= marks
        # What CrewAI checks before the tool runs, it checks again; an interrupt is no outcome.
        if "inexact" not in marks and self._ran and (error is None or isinstance(error, Exception)):
            span.attributes.pop("inexact", None)
        else:
            span.attributes["inexact"] = True
