"""OpenAI: the functions that its tool runners call, of Responses and of Decisions.

A runner calls a copy of itself, or of the candidate, whose function is told to the tape, so that all it does
around a function is done.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops.context import watching
from trace_ops.frameworks import _steps
from trace_ops.frameworks._tool_steps import ToolStep, told
from trace_ops.tape import Tape

_RESPONSES = "openai.lib.responses_tool_runner"
_DECISIONS = "openai.lib.decisions_tool_runner"
_WRAPPED = {
    _RESPONSES: ("ResponsesToolRunner._execute_function", "AsyncResponsesToolRunner._execute_function"),
    _DECISIONS: ("_Run.candidates",),
}


class OpenAITools:
    """The tool runners of the ``openai`` package."""

    name = "openai"
    modules: Sequence[str] = (_RESPONSES, _DECISIONS)
    distributions: Sequence[str] = ("openai",)

    def install(self, module: str) -> None:
        """Wrap what calls a function, or what reads the candidates of a decision."""
        for path in _WRAPPED[module]:
            owner, _, method = path.partition(".")
            if hasattr(getattr(sys.modules[module], owner, None), method):
                wrap_function_wrapper(module, path, _execute if module == _RESPONSES else _candidates)


def _execute(wrapped: Any, runner: Any, args: Any, kwargs: Any) -> Any:
    tape = watching("openai")
    if tape is None:
        return wrapped(*args, **kwargs)
    telling: Any = None
    with _steps.guarded(tape, "a tool of openai"):
        asked, item = args
        function, arguments = runner._functions[item.name], asked.arguments[item.call_id]
        execute = _told(tape, item.name, arguments, function.execute)
        telling = copy.copy(runner)
        telling._functions = {**runner._functions, item.name: replace(function, execute=execute)}
    return wrapped(*args, **kwargs) if telling is None else wrapped.__func__(telling, *args, **kwargs)


def _candidates(wrapped: Any, _run: Any, args: Any, kwargs: Any) -> Any:
    candidates = wrapped(*args, **kwargs)
    tape = watching("openai")
    if tape is not None:
        with _steps.guarded(tape, "the candidates of a decision of openai"):
            return [
                one if one.execute is None else replace(one, execute=_told(tape, one.id, {}, one.execute))
                for one in candidates
            ]
    return candidates


def _told(tape: Tape, name: str, arguments: Any, function: Any) -> Any:
    return told(lambda *_, **__: ToolStep(tape, "openai", name, arguments, function), function)
