"""Tools of LangChain, served from the cassette: everything around them runs, they do not."""

from __future__ import annotations

import functools
import sys
from typing import Any

from trace_ops._plain import plain
from trace_ops.context import watching
from trace_ops.frameworks._frozen import raised
from trace_ops.frameworks._langchain_copies import run_copy
from trace_ops.frameworks._langchain_runs import Runs
from trace_ops.tape import Tape
from trace_ops.trace import Span


def run(runs: Runs, wrapped: Any, tool: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for ``BaseTool.run`` and ``arun``: where the tool is frozen, a copy of it runs, which serves.

    LangChain checks the arguments, calls the callbacks and formats what comes of it, as ever.
    """
    tape = watching("langchain")
    if tape is None or not tape.freeze.holds("tool", tool.name):
        return wrapped(*args, **kwargs)
    call_id = kwargs.get("tool_call_id")
    return run_copy(tape, wrapped, tool, lambda: _serving(runs, tape, tool, call_id), args, kwargs)


def _serving(runs: Runs, tape: Tape, tool: Any, call_id: str | None) -> dict[str, Any]:
    """What a tool does, in its two forms, with the recorded outcome in their place where there is one."""

    @functools.wraps(tool._run)
    def serve(*args: Any, **kwargs: Any) -> Any:
        recorded = _recorded(runs, tape)
        return tool._run(*args, **kwargs) if recorded is None else _again(tool, recorded, call_id)

    @functools.wraps(tool._arun)
    async def serve_async(*args: Any, **kwargs: Any) -> Any:
        recorded = _recorded(runs, tape)
        return await tool._arun(*args, **kwargs) if recorded is None else _again(tool, recorded, call_id)

    return {"_run": serve, "_arun": serve_async}


def _recorded(runs: Runs, tape: Tape) -> Span | None:
    """The recorded step; raises that there is none where nothing frozen may run."""
    span = runs.running(tape)
    if span is None or span.kind != "tool":
        return None
    recorded = tape.take(span)
    if recorded is None and "tool" in tape.freeze.strict and not tape.records:
        raise tape.refused_step(span)
    return recorded


def _again(tool: Any, recorded: Span, call_id: str | None) -> Any:
    """What the tool gave, for LangChain to format; raises what it raised."""
    output, artifact = plain(recorded.output), plain(recorded.attributes.get("artifact"))
    if recorded.attributes.get("status") == "error":
        # The tool's own handler made this of its error: it is the message already.
        message = getattr(sys.modules.get("langchain_core.messages.tool"), "ToolMessage", None)
        if call_id is not None and message is not None:
            output = message(output, tool_call_id=call_id, name=tool.name, status="error")
    elif recorded.error is not None:
        raise raised(recorded.error)
    return (output, artifact) if tool.response_format == "content_and_artifact" else output
