"""Pydantic AI: runs of agents and calls of their function tools, as steps, and tools from the cassette."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops import context
from trace_ops._plain import failure, plain
from trace_ops.context import Place, watching
from trace_ops.frameworks import _steps
from trace_ops.frameworks._tool_steps import ToolStep, run_async
from trace_ops.tape import Tape
from trace_ops.trace import Span

_AGENT, _TOOLS = "pydantic_ai.agent", "pydantic_ai.toolsets.function"


class PydanticAI:
    """``Agent.iter``, which every kind of run goes through, and the toolset of functions."""

    @property
    def name(self) -> str:
        """The name of the flag."""
        return "pydantic_ai"

    @property
    def modules(self) -> Sequence[str]:
        """Where agents and toolsets are defined."""
        return (_AGENT, _TOOLS)

    @property
    def distributions(self) -> Sequence[str]:
        """The packages it comes in."""
        return ("pydantic-ai-slim",)

    def install(self, module: str) -> None:
        """Wrap the runs of agents, or the calls of tools."""
        if module == _AGENT:
            wrap_function_wrapper(module, "Agent.iter", _iter)
        else:
            wrap_function_wrapper(module, "FunctionToolset.call_tool", _call_tool)


def _iter(wrapped: Any, agent: Any, args: Any, kwargs: Any) -> Any:
    inner = wrapped(*args, **kwargs)
    tape = watching("pydantic_ai")
    return inner if tape is None else _Run(tape, agent, args[0] if args else kwargs.get("user_prompt"), inner)


class _Run:
    """The run of an agent in place of the framework's own context manager, which it only stands around."""

    def __init__(self, tape: Tape, agent: Any, prompt: Any, inner: Any) -> None:
        self._tape, self._agent, self._prompt, self._inner = tape, agent, prompt, inner
        self._step: Span | None = None
        self._place: Place | None = None
        self._run: Any = None

    async def __aenter__(self) -> Any:
        with _steps.guarded(self._tape, "a run of Pydantic AI"):
            name = getattr(self._agent, "name", None) or "agent"
            self._step = _steps.begin(self._tape, "agent", name, via="pydantic_ai", input=self._prompt)
            self._place = context.enter(self._tape, self._step.id)
        try:
            self._run = await self._inner.__aenter__()
        except BaseException as error:
            self._end(error)
            raise
        return self._run

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> Any:
        try:
            suppressed = await self._inner.__aexit__(kind, error, trace)
        except BaseException as raised:
            self._end(raised)
            raise
        self._end(None if suppressed else error)
        return suppressed

    def _end(self, error: BaseException | None) -> None:
        if self._place is not None:
            context.leave(self._place)
        if self._step is None:
            return
        with _steps.guarded(self._tape, "a run of Pydantic AI"):
            result = getattr(self._run, "result", None)
            self._step.output = plain(getattr(result, "output", None))
            # Leaving a run early, as a stream that is read in part does, is no failure of it.
            self._step.error = None if error is None or isinstance(error, GeneratorExit) else failure(error)
            self._tape.end(self._step)


async def _call_tool(wrapped: Any, toolset: Any, args: Any, kwargs: Any) -> Any:
    tape = watching("pydantic_ai")
    if tape is None:
        return await wrapped(*args, **kwargs)
    given = dict(zip(("name", "tool_args"), args)) | kwargs
    name = given.get("name")
    function = getattr(getattr(toolset, "tools", {}).get(name), "function", None)
    step = ToolStep(tape, "pydantic_ai", name, given.get("tool_args"), function)
    return await run_async(step, wrapped, args, kwargs)
