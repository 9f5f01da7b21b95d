"""MCP: what a client asks of servers, as steps of the run, and answered from the cassette where frozen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops.context import watching
from trace_ops.frameworks._mcp_request import Asked, McpRequest
from trace_ops.frameworks._mcp_transport import stand_in

_TRANSPORTS = {
    "mcp.client.stdio": ("stdio_client",),
    "mcp.client.sse": ("sse_client",),
    "mcp.client.streamable_http": ("streamable_http_client", "streamablehttp_client"),
}


class Mcp:
    """The ``mcp`` package: every request of a ``ClientSession``, and its connection to a server."""

    @property
    def name(self) -> str:
        """The name of the flag."""
        return "mcp"

    @property
    def modules(self) -> Sequence[str]:
        """Where requests are sent, and where servers are started or reached."""
        return ("mcp.client.session", *_TRANSPORTS)

    @property
    def distributions(self) -> Sequence[str]:
        """The package of the client."""
        return ("mcp",)

    def install(self, module: str) -> None:
        """Wrap the requests of sessions, or the functions that connect them."""
        if module in _TRANSPORTS:
            for function in _TRANSPORTS[module]:
                stand_in(module, function)
            return
        wrap_function_wrapper(module, "ClientSession.send_request", _send_request)
        try:
            wrap_function_wrapper(module, "ClientSession.send_discover", _send_discover)
        except AttributeError:  # before mcp 2.0, whose handshake may be this request
            pass


async def _send_request(wrapped: Any, session: Any, args: Any, kwargs: Any) -> Any:
    tape = watching("mcp")
    if tape is None:
        return await wrapped(*args, **kwargs)
    request = args[0] if args else kwargs.get("request")
    result_type = args[1] if len(args) > 1 else kwargs.get("result_type")
    asked = McpRequest(tape, session, lambda: Asked.of(request), result_type)
    return await _answered(asked, wrapped, args, kwargs)


async def _send_discover(wrapped: Any, session: Any, args: Any, kwargs: Any) -> Any:
    tape = watching("mcp")
    if tape is None:
        return await wrapped(*args, **kwargs)
    asked = McpRequest(tape, session, lambda: Asked("server/discover"), None)
    return await _answered(asked, wrapped, args, kwargs)


async def _answered(asked: McpRequest, wrapped: Any, args: Any, kwargs: Any) -> Any:
    if asked.is_served:
        return asked.again()
    try:
        with asked.inside():
            result = await wrapped(*args, **kwargs)
    except BaseException as error:
        asked.end(error=error)
        raise
    asked.end(result)
    return result
