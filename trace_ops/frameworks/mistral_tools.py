"""mistralai: the functions that ``run_async`` and its stream call for a ``RunContext``.

Tools of MCP servers, which it calls as well, are steps of their own.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops.context import watching
from trace_ops.frameworks import _steps
from trace_ops.frameworks._tool_steps import ToolStep, told
from trace_ops.tape import Tape

_MODULE, _CREATE = "mistralai.extra.run.context", "create_function_result"


class MistralTools:
    """The runs of the ``mistralai`` package."""

    name = "mistral"
    modules: Sequence[str] = (_MODULE,)
    distributions: Sequence[str] = ("mistralai",)

    def install(self, module: str) -> None:
        """Wrap what calls a function, where a run calls it."""
        if hasattr(sys.modules[module], _CREATE):
            wrap_function_wrapper(module, _CREATE, _create)


def _create(wrapped: Any, _instance: Any, args: Any, kwargs: Any) -> Any:
    tape = watching("mistral")
    if tape is None:
        return wrapped(*args, **kwargs)
    given = dict(zip(("function_call", "run_tool", "continue_on_fn_error"), args)) | kwargs
    with _steps.guarded(tape, "a tool of mistralai"):
        given["run_tool"] = _telling(tape, given["run_tool"])
    return wrapped(**given)


def _telling(tape: Tape, tool: Any) -> Any:
    """The same tool, whose function is told to the tape."""

    def begin(**arguments: Any) -> ToolStep:
        return ToolStep(tape, "mistral", tool.name, arguments)

    for field in ("callable", "awaitable"):
        function = getattr(tool, field, None)
        if function is not None:
            return replace(tool, **{field: told(begin, function)})
    return tool
