"""Anthropic: the tools that its tool runners run, and that a program calls in a loop of its own.

What runs is ``call`` of the tool, whoever calls it: functions made tools by ``beta_tool``, tools that
Anthropic defines and the program implements (memory), and the members of toolsets.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops.context import watching
from trace_ops.frameworks._tool_steps import ToolStep, run, run_async

_FUNCTIONS = "anthropic.lib.tools._beta_functions"
_TOOLSETS = "anthropic.lib.tools._toolsets._runnable"
_BASES = {
    _FUNCTIONS: ("BaseFunctionTool", "BetaBuiltinFunctionTool", "BetaAsyncBuiltinFunctionTool"),
    _TOOLSETS: ("BetaRunnableToolset", "BetaAsyncRunnableToolset"),
}

_running: ContextVar[Any] = ContextVar("trace_ops_anthropic_tool", default=None)
"""The tool that runs: what it overrides of its base class is part of the same call."""


class AnthropicTools:
    """The tools of the ``anthropic`` package that run in the program."""

    name = "anthropic"
    modules: Sequence[str] = tuple(_BASES)
    distributions: Sequence[str] = ("anthropic",)

    def install(self, module: str) -> None:
        """Wrap ``call`` of each class of tools that has one of its own, also of those to come."""
        for name in _BASES[module]:
            base = getattr(sys.modules[module], name, None)
            if base is not None:
                for cls in _with_subclasses(base):
                    _watch(cls)
                _on_subclass(base, _watch)


def _with_subclasses(base: Any) -> Iterator[type]:
    yield base
    for derived in base.__subclasses__():
        yield from _with_subclasses(derived)


def _on_subclass(base: Any, watch: Callable[[type], None]) -> None:
    """Watch the classes that are derived from now on."""
    own = vars(base).get("__init_subclass__")

    def init_subclass(cls: Any, /, **options: Any) -> None:
        before = super(base, cls).__init_subclass__ if own is None else own.__get__(None, cls)
        before(**options)
        watch(cls)

    base.__init_subclass__ = classmethod(init_subclass)


def _watch(cls: type) -> None:
    method = vars(cls).get("call")
    if method is None or hasattr(method, "_self_wrapper") or getattr(method, "__isabstractmethod__", False):
        return
    wrap_function_wrapper(cls, "call", _call_async if inspect.iscoroutinefunction(method) else _call)


def _call(wrapped: Any, tool: Any, args: Any, kwargs: Any) -> Any:
    step = _step(tool, args, kwargs)
    if step is None:
        return wrapped(*args, **kwargs)
    before = _running.set(tool)
    try:
        return run(step, wrapped, args, kwargs)
    finally:
        _running.reset(before)


async def _call_async(wrapped: Any, tool: Any, args: Any, kwargs: Any) -> Any:
    step = _step(tool, args, kwargs)
    if step is None:
        return await wrapped(*args, **kwargs)
    before = _running.set(tool)
    try:
        return await run_async(step, wrapped, args, kwargs)
    finally:
        _running.reset(before)


def _step(tool: Any, args: Any, kwargs: Any) -> ToolStep | None:
    tape = watching("anthropic")
    if tape is None or _running.get() is tool:
        return None
    is_member = hasattr(tool, "toolset_name")
    given = dict(zip(("context", "name", "input") if is_member else ("input",), args)) | kwargs
    return ToolStep(tape, "anthropic", given.get("name") if is_member else tool.name, given.get("input"))
