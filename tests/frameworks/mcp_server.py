"""A small MCP server, over stdio or HTTP. It counts what reaches it in the file it is given.

Over HTTP it answers at a socket that listens already, whose number it is given: whoever connects before it is
up waits for it, however long it takes to start.
"""

from __future__ import annotations

import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

Server: Any  # of either version, for all that mypy knows
try:
    Server = import_module("mcp.server.mcpserver").MCPServer
except ImportError:  # before mcp 2.0
    Server = import_module("mcp.server.fastmcp").FastMCP

COUNT = Path(sys.argv[1]) if len(sys.argv) > 1 else None


def arrived(what: str) -> None:
    if COUNT is not None:
        with COUNT.open("a", encoding="utf-8") as file:
            file.write(what + "\n")


server = Server(sys.argv[3] if len(sys.argv) > 3 else "weather")


@server.tool()
def forecast(city: str, days: int = 1) -> str:
    """Tell the weather."""
    arrived(f"forecast {city}")
    return f"{server.name} says sunny in {city} for {days} days"


@server.tool()
def measured(city: str) -> dict[str, float]:
    """Tell the temperature, as structured content."""
    arrived(f"measured {city}")
    return {"celsius": 21.5}


@server.tool()
def broken(city: str) -> str:
    """Fail."""
    arrived(f"broken {city}")
    raise ValueError(f"no station in {city}")


@server.resource("station://{city}")
def station(city: str) -> str:
    """Describe a station."""
    arrived(f"station {city}")
    return f"Station of {city}"


@server.prompt()
def ask(city: str) -> str:
    """Ask for the weather."""
    arrived(f"ask {city}")
    return f"How is the weather in {city}?"


if __name__ == "__main__":
    arrived("started")
    how, _, number = (sys.argv[2] if len(sys.argv) > 2 else "stdio").partition(":")
    if how == "stdio":
        server.run("stdio")
    else:
        import uvicorn

        listening = socket.socket(fileno=int(number))
        uvicorn.Server(uvicorn.Config(server.streamable_http_app(), log_level="warning")).run([listening])
