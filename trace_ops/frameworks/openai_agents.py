"""OpenAI Agents: what its tracing tells, as steps of the run, and its function tools from the cassette."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops._imports import version_of
from trace_ops._warn import warn
from trace_ops.context import watching
from trace_ops.frameworks._agents_steps import NAME, Steps
from trace_ops.frameworks._agents_tools import AgentsTool

_STAND_IN = "replay"
_EXECUTION = "agents.run_internal.tool_execution"
_INVOKE, _RESULT = "_invoke_function_tool_with_metadata", "_FunctionToolInvocationResult"


class OpenAIAgents:
    """The ``agents`` package: a trace processor beside those of the program, and the calls of tools."""

    @property
    def name(self) -> str:
        """The name of the flag."""
        return NAME

    @property
    def modules(self) -> Sequence[str]:
        """The package; programs have packages of that name too, which are left alone."""
        return ("agents",)

    @property
    def distributions(self) -> Sequence[str]:
        """The package that brings it."""
        return ("openai-agents",)

    def install(self, module: str) -> None:
        """Add the processor, and wrap what runs a function tool."""
        agents = sys.modules[module]
        if version_of("openai-agents") is None or not hasattr(agents, "add_trace_processor"):
            return
        steps = Steps()
        _register(agents, steps)
        # A program that sets its own processors means to replace those that export, not a recorder.
        wrap_function_wrapper(
            "agents.tracing.provider", "SynchronousMultiTracingProcessor.set_processors", steps.stay
        )
        wrap_function_wrapper("agents.tracing.processors", "BackendSpanExporter.export", _export)
        if hasattr(sys.modules.get(_EXECUTION), _INVOKE) and hasattr(sys.modules["agents.tool"], _RESULT):
            wrap_function_wrapper(_EXECUTION, _INVOKE, _tools_of(steps))
        else:
            warn(
                "tools of OpenAI Agents cannot be frozen: this version runs them in another way", stacklevel=4
            )


def _register(agents: Any, steps: Steps) -> None:
    """Add the processor, now or when there is something to add it to.

    That is made at the first run, with an exporter that reads certificates, which takes longer than opening
    a recorder may.
    """
    if getattr(sys.modules.get("agents.tracing.setup"), "GLOBAL_TRACE_PROVIDER", steps) is not None:
        agents.add_trace_processor(steps)
        return

    def made(wrapped: Any, provider: Any, args: Any, kwargs: Any) -> None:
        wrapped(*args, **kwargs)
        provider.register_processor(steps)

    wrap_function_wrapper("agents.tracing.provider", "DefaultTraceProvider.__init__", made)


def _export(wrapped: Any, exporter: Any, args: Any, kwargs: Any) -> Any:
    """Keep the key that stands in on replay from the exporter, which would send it, and keep it for good.

    Without that key there would be none, and then nothing is exported.
    """
    if os.environ.get("OPENAI_API_KEY") == _STAND_IN and not getattr(exporter, "_api_key", None):
        items = args[0] if args else kwargs.get("items", ())
        if not any(getattr(item, "tracing_api_key", None) for item in items):
            return None
    return wrapped(*args, **kwargs)


def _tools_of(steps: Steps) -> Any:
    async def invoke(wrapped: Any, _instance: Any, args: Any, kwargs: Any) -> Any:
        tape = watching(NAME)
        if tape is None:
            return await wrapped(*args, **kwargs)
        call = AgentsTool(tape, steps.current(), kwargs)
        if call.served is not None:
            return call.again()
        try:
            with call.inside():
                result = await wrapped(*args, **kwargs)
        except BaseException as error:
            call.end(error=error)
            raise
        call.end(result)
        return result

    return invoke
