"""Tools of LlamaIndex: each call is a step, or the recorded outcome in its place.

A tool that is made of a function runs as a copy of itself with a function that tells the tape: LlamaIndex
makes its result of what that gives, as ever. Of other tools the result as a whole is kept.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops._plain import plain, read
from trace_ops.context import watching
from trace_ops.frameworks import _steps
from trace_ops.frameworks._langchain_values import is_a
from trace_ops.frameworks._llamaindex_agents import HANDOFF
from trace_ops.frameworks._llamaindex_classes import own_methods
from trace_ops.frameworks._llamaindex_json import kept_output, output_again
from trace_ops.frameworks._llamaindex_steps import NAME
from trace_ops.frameworks._llamaindex_values import TOOLS
from trace_ops.frameworks._tool_steps import ToolStep, run, run_async, told
from trace_ops.tape import Tape
from trace_ops.trace import Span

_RESULT = "result"
_FUNCTIONS = "llama_index.core.tools.function_tool"
_PROGRAMS = "llama_index.core.program."


def watch(cls: type) -> None:
    """Have the calls of tools of a class recorded, where it says itself how it is called."""
    if (cls.__module__, cls.__name__) == (TOOLS, "BaseToolAsyncAdapter"):
        return  # it only calls another
    is_async = any(one.__module__ == TOOLS and one.__name__ == "AsyncBaseTool" for one in cls.__mro__)
    for name in own_methods(cls, ("call", "acall") if is_async else ("__call__",)):
        method = vars(cls)[name]

        def watched(wrapped: Any, tool: Any, args: Any, kwargs: Any, *, method=method, name=name) -> Any:  # type: ignore[no-untyped-def]
            tape = watching(NAME)
            # What a class makes its own of that it derives from is part of its own.
            if tape is None or _owner(tool, name) is not cls:
                return wrapped(*args, **kwargs)
            return _called(tape, cls, method, wrapped, tool, args, kwargs)

        wrap_function_wrapper(cls, name, watched)


def _owner(tool: Any, name: str) -> type:
    return next((cls for cls in type(tool).__mro__ if name in vars(cls)), object)


def _called(tape: Tape, cls: type, method: Any, wrapped: Any, tool: Any, args: Any, kwargs: Any) -> Any:
    stand_in: Any = None
    arguments: Any = None
    with _steps.guarded(tape, "a tool of LlamaIndex"):
        if cls.__module__ == _FUNCTIONS:
            if _real(tool).__module__.startswith(_PROGRAMS):
                return wrapped(*args, **kwargs)  # the form of an answer, which a model has filled in
            stand_in = _function_tool(tape, tool)
        else:
            arguments = _arguments(inspect.signature(wrapped), None, args, kwargs)
    if stand_in is not None:
        return method.__get__(stand_in, type(stand_in))(*args, **kwargs)
    name = tool.metadata.name
    if arguments is None or _is_told(tape, name, arguments):
        return wrapped(*args, **kwargs)
    runs: Callable[..., Any] = run_async if inspect.iscoroutinefunction(inspect.unwrap(wrapped)) else run
    return runs(_ResultStep(tape, name, arguments), wrapped, args, kwargs)


def _function_tool(tape: Tape, tool: Any) -> Any:
    real = _real(tool)
    signature, context_name = _signature(real), getattr(tool, "ctx_param_name", None)

    def begin(*args: Any, **kwargs: Any) -> ToolStep:
        name, arguments = tool.metadata.name, _arguments(signature, context_name, args, kwargs)
        if (real.__module__, real.__name__) == (HANDOFF, "handoff"):
            return _Handoff(tape, name, arguments)
        return _FunctionStep(tape, NAME, name, arguments)

    stand_in = copy.copy(tool)
    stand_in._fn, stand_in._async_fn = told(begin, tool._fn), told(begin, tool._async_fn)
    return stand_in


def _real(tool: Any) -> Any:
    """The function that a tool is made of."""
    return getattr(tool, "_real_fn", None) or tool._fn


def _signature(function: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # of something that is written in C
        return None


def _arguments(signature: inspect.Signature | None, context_name: str | None, args: Any, kwargs: Any) -> Any:
    """The arguments of a call by their names, without the context of the run."""
    try:
        bound = None if signature is None else signature.bind(*args, **kwargs).arguments
    except TypeError:  # the function itself raises it, in its own words
        bound = None
    if bound is None or signature is None:
        found = {"args": list(args), **kwargs} if args else dict(kwargs)
    else:
        found = {}
        for name, value in bound.items():
            if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
                found.update(value)
            else:
                found[name] = list(value) if isinstance(value, tuple) else value
    found.pop(context_name or "", None)
    return found


def _is_told(tape: Tape, name: Any, arguments: Any) -> bool:
    """Whether the step around is the same call, in the other of the two forms that a tool has."""
    around = tape.step()
    same = around is not None and (around.kind, around.name, around.via) == ("tool", str(name), NAME)
    return same and around is not None and around.input == plain(arguments)


class _FunctionStep(ToolStep):
    """A function that is a tool. Of its errors LlamaIndex tells the text."""

    told_as_text = True


class _Handoff(ToolStep):
    """An agent hands over to another: a decision, never served, as the other has its turn by it."""

    def __init__(self, tape: Tape, name: Any, arguments: Any) -> None:
        self.served: Any = None
        self._tape, self._what, self._function = tape, "a handoff of LlamaIndex", None
        self._span: Span | None = None
        self._to = arguments.get("to_agent")
        with _steps.guarded(tape, self._what):
            self._span = _steps.begin(tape, "decision", f"handoff to {self._to}", via=NAME, input=arguments)

    def end(self, output: Any = None, *, error: BaseException | None = None) -> None:
        """Keep to whom."""
        if error is None:
            output = self._to
        super().end(output, error=error)


class _ResultStep(ToolStep):
    """A tool whose result is kept as a whole."""

    told_as_text = True

    def __init__(self, tape: Tape, name: Any, arguments: Any) -> None:
        super().__init__(tape, NAME, name, arguments)
        self._name = name

    def again(self) -> Any:
        """The recorded result; raises the recorded error."""
        recorded = self.served
        rest = plain(recorded.attributes.get(_RESULT)) if isinstance(recorded, Span) else None
        if rest is not None and self._span is not None:
            self._span.attributes[_RESULT] = rest
        content = super().again()
        return content if rest is None else output_again(content, {"tool_name": self._name, **plain(rest)})

    def end(self, output: Any = None, *, error: BaseException | None = None) -> None:
        """Keep what came of it; a result that says that the tool failed is a result."""
        span = self._span
        if span is not None and is_a(output, TOOLS, "ToolOutput"):
            with _steps.guarded(self._tape, f"the result of {self._what}"):
                result, (content, rest) = output, kept_output(output)
                output = content
                span.attributes[_RESULT], is_exact = read(rest)
                if not is_exact or (result.tool_name != self._name):
                    span.attributes["inexact"] = True
        super().end(output, error=error)
