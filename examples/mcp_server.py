"""An MCP server over stdio: what is in a warehouse. ``mcp_agent.py`` starts it."""

from __future__ import annotations

try:
    from mcp.server.mcpserver import MCPServer
except ImportError:  # before mcp 2.0
    from mcp.server.fastmcp import FastMCP as MCPServer  # type: ignore[no-redef, attr-defined]

server = MCPServer("warehouse")


@server.tool()
def count_stock(item: str) -> str:
    """How many of an item there are."""
    return {"kettle": "12 kettles in hall B", "lamp": "no lamps, 40 arrive on Monday"}.get(item, "unknown")


if __name__ == "__main__":
    server.run()
