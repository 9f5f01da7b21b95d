"""CrewAI: crews, tasks, agents, flows and tools as steps, told by its own events.

Its event bus calls handlers in a pool of threads, when what they are told of is long under way; what is
told here is told inline, where ``emit`` is called, so that the calls of SDKs find the step they belong to.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops._warn import warn
from trace_ops.context import watching
from trace_ops.frameworks import _crewai_tools
from trace_ops.frameworks._crewai_steps import Steps

_BUS = "crewai.events.event_bus"
_RUNS = {
    "crewai.crew": ("Crew.kickoff", "Crew.akickoff"),
    "crewai.flow.flow": ("Flow.kickoff_async",),
    "crewai.flow.runtime": ("Flow.kickoff_async",),
    "crewai.agent": ("Agent.kickoff", "Agent.kickoff_async"),
}
_TOOLS = {
    "crewai.tools.base_tool": ("BaseTool.run", "BaseTool.arun", "Tool.run", "Tool.arun"),
    "crewai.tools.structured_tool": ("CrewStructuredTool.invoke", "CrewStructuredTool.ainvoke"),
}
_FUNCTIONS = {
    "crewai.llm": ("LLM._handle_tool_call",),
    "crewai.llms.base_llm": ("BaseLLM._handle_tool_execution",),
}
_WAITS = {
    "crewai.utilities.rpm_controller": "RPMController._wait_for_next_minute",
    "crewai.llms.retry": "get_retry_delay_seconds",
}
_steps = Steps()


class CrewAI:
    """The ``crewai`` package: the bus of its events, what starts a run, and what runs a tool."""

    @property
    def name(self) -> str:
        """The name of the flag."""
        return "crewai"

    @property
    def modules(self) -> Sequence[str]:
        """Where events are emitted, runs start, tools run, and where it waits."""
        return (_BUS, *_RUNS, *_TOOLS, *_FUNCTIONS, *_WAITS)

    @property
    def distributions(self) -> Sequence[str]:
        """The package itself."""
        return ("crewai",)

    def install(self, module: str) -> None:
        """Wrap what a module has of those."""
        if module == _BUS:
            wrap_function_wrapper(module, "CrewAIEventsBus.emit", _steps.emit)
        elif module in _WAITS:
            wrap_function_wrapper(module, _WAITS[module], _at_once)
        elif module in _RUNS:
            _wrap(module, _RUNS[module], _steps.run)
        elif module in _FUNCTIONS:
            _wrap(module, _FUNCTIONS[module], functools.partial(_crewai_tools.run_function, _steps))
        elif not _wrap(module, _TOOLS[module], functools.partial(_crewai_tools.run, _steps)):
            warn("tools of CrewAI cannot be frozen: this version runs them in another way", stacklevel=4)


def _wrap(module: str, paths: Sequence[str], wrapper: Any) -> bool:
    """Wrap methods of classes that have them of their own; whether there was any: old versions lack some."""
    found = [path for path in paths if _has_own(module, *path.split("."))]
    for path in found:
        wrap_function_wrapper(module, path, wrapper)
    return bool(found)


def _has_own(module: str, owner: str, method: str) -> bool:
    return method in vars(getattr(sys.modules[module], owner, object))


def _at_once(wrapped: Any, _instance: Any, args: Any, kwargs: Any) -> Any:
    """Do not wait for a limit of requests or between attempts where no request is made."""
    tape = watching("crewai")
    return wrapped(*args, **kwargs) if tape is None or tape.live else 0.0
