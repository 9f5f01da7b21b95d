"""google-genai: the functions that it calls by itself while it generates, chats or streams.

Tools of MCP servers, which it calls as well, are steps of their own.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops.context import watching
from trace_ops.frameworks._tool_steps import ToolStep, run, run_async

_MODULE = "google.genai._extra_utils"


class GoogleTools:
    """Automatic function calling of the ``google-genai`` package."""

    name = "google"
    modules: Sequence[str] = (_MODULE,)
    distributions: Sequence[str] = ("google-genai",)

    def install(self, module: str) -> None:
        """Wrap what calls a function with the arguments of the model."""
        for name, invoke in (
            ("invoke_function_from_dict_args", _invoke),
            ("invoke_function_from_dict_args_async", _invoke_async),
        ):
            if hasattr(sys.modules[module], name):
                wrap_function_wrapper(module, name, invoke)


def _invoke(wrapped: Any, _instance: Any, args: Any, kwargs: Any) -> Any:
    step = _step(args, kwargs)
    return wrapped(*args, **kwargs) if step is None else run(step, wrapped, args, kwargs)


async def _invoke_async(wrapped: Any, _instance: Any, args: Any, kwargs: Any) -> Any:
    step = _step(args, kwargs)
    return await (wrapped(*args, **kwargs) if step is None else run_async(step, wrapped, args, kwargs))


def _step(args: Any, kwargs: Any) -> ToolStep | None:
    tape = watching("google")
    if tape is None:
        return None
    given = dict(zip(("args", "function_to_invoke"), args)) | kwargs
    function = given.get("function_to_invoke")
    name = getattr(function, "__name__", "function")
    return ToolStep(tape, "google", name, given.get("args"), function)
