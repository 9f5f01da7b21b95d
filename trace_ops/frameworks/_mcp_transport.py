"""Connections to MCP servers: to none at all, where every answer comes from the cassette."""

from __future__ import annotations

import math
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from trace_ops.context import watching
from trace_ops.frameworks._mcp_request import HANDSHAKES
from trace_ops.tape import Tape

# What every function that is made by ``asynccontextmanager`` runs.
_MANAGER = asynccontextmanager(aiter).__code__


def stand_in(module: str, function: str) -> None:
    """Let a function that connects to a server connect to none, where none is needed.

    It is ``asynccontextmanager`` round a generator function, and most programs hold it by name before a
    recorder is started: what changes is the generator function it calls, which all who hold it share.
    """
    manager = getattr(import_module(module), function, None)
    if manager is None:
        return
    if getattr(manager, "__code__", None) is not _MANAGER:
        raise TypeError(f"{function} is not an async context manager")
    cell = manager.__closure__[_MANAGER.co_freevars.index("func")]
    cell.cell_contents = _choosing(cell.cell_contents, _has_session_id(function))


def _choosing(live: Callable[..., Any], has_session_id: bool) -> Callable[..., Any]:
    def connect(*args: Any, **kwargs: Any) -> Any:
        tape = watching("mcp")
        if tape is None or not needs_no_server(tape):
            return live(*args, **kwargs)
        return _nowhere(tape, has_session_id)

    connect.__doc__ = live.__doc__
    return connect


def needs_no_server(tape: Tape) -> bool:
    """Whether the cassette answers all: nothing may go live, all tools are frozen, and it knows a server."""
    if tape.live or tape.freeze.tools is not True or tape.recorded is None:
        return False
    return any(step.attributes.get("mcp") in HANDSHAKES for step in tape.recorded)


async def _nowhere(tape: Tape, has_session_id: bool) -> AsyncIterator[Any]:
    """Streams that lead nowhere. A request that gets there is not in the cassette: it is refused."""
    anyio = sys.modules["anyio"]
    answers, read_stream = anyio.create_memory_object_stream(0)
    write_stream, requests = anyio.create_memory_object_stream(math.inf)

    async def refuse() -> None:
        async for sent in requests:
            message = getattr(sent.message, "root", sent.message)
            if getattr(message, "id", None) is not None and hasattr(message, "method"):
                tape.refused(_refusal(message))
                await answers.aclose()  # which the session takes for the end of the server

    async with answers, read_stream, write_stream, requests, anyio.create_task_group() as tasks:
        tasks.start_soon(refuse)
        try:
            yield (read_stream, write_stream, lambda: None) if has_session_id else (read_stream, write_stream)
        finally:
            tasks.cancel_scope.cancel()


def _refusal(message: Any) -> str:
    params = message.params if isinstance(message.params, dict) else {}
    about = "".join(f" {params[key]!r}" for key in ("name", "uri") if key in params)
    return (
        f"the cassette has no answer (left) of an MCP server to {message.method}{about}, and with all tools "
        "frozen no server runs. Record it again, or freeze tools by name: freeze_tools=['search', ...]."
    )


def _has_session_id(function: str) -> bool:
    """Before mcp 2.0, streamable HTTP gives a third thing, which tells the id of the session."""
    return function.startswith("streamable") and "mcp_types" not in sys.modules
