"""An agent on the OpenAI SDK that works with the tools of an MCP server, which it starts by itself.

Without a key it talks to a provider double on this machine. On replay the server runs, unless its tools are
frozen; then no server is started::

    replay run --record stock.yaml -- examples/mcp_agent.py
    replay run --replay stock.yaml --freeze tools -- examples/mcp_agent.py
    replay inspect stock.yaml
"""
# ruff: noqa: T201

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from openai import AsyncOpenAI

from trace_ops.double import ProviderDouble, ToolUse, Turn

SERVER = StdioServerParameters(command=sys.executable, args=[str(Path(__file__).with_name("mcp_server.py"))])
DOUBLE_SAYS = (
    Turn(calls=(ToolUse("count_stock", {"item": "lamp"}), ToolUse("count_stock", {"item": "kettle"}))),
    Turn(text="We have no lamps until Monday, when 40 arrive. Of kettles there are 12, in hall B."),
)


async def answer(client: Any, question: str) -> str:
    """Answer a question, with what the server knows."""
    async with stdio_client(SERVER) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        tools = [_offered(tool.model_dump(by_alias=True)) for tool in (await session.list_tools()).tools]
        messages: list[Any] = [{"role": "user", "content": question}]
        while True:
            reply = await client.chat.completions.create(model="gpt-5-mini", messages=messages, tools=tools)
            message = reply.choices[0].message
            if not message.tool_calls:
                return str(message.content)
            messages.append(message.model_dump(include={"role", "content", "tool_calls"}))
            for call in message.tool_calls:
                result = await session.call_tool(call.function.name, json.loads(call.function.arguments))
                content = "\n".join(getattr(block, "text", "") for block in result.content)
                messages.append({"role": "tool", "tool_call_id": call.id, "content": content})


def _offered(tool: dict[str, Any]) -> dict[str, Any]:
    function = {name: tool[name] for name in ("name", "description")} | {"parameters": tool["inputSchema"]}
    return {"type": "function", "function": function}


@asynccontextmanager
async def connected() -> AsyncIterator[AsyncOpenAI]:
    """A client of the real provider if there is a key, else of a double."""
    if "OPENAI_API_KEY" in os.environ:
        yield AsyncOpenAI()
        return
    with ProviderDouble() as double:
        double.script(*DOUBLE_SAYS)
        async with AsyncOpenAI(base_url=double.openai_url, api_key="unused") as client:
            yield client


async def main(question: str) -> None:
    """Answer, and show the answer."""
    async with connected() as client:
        print(await answer(client, question))


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or "Are there lamps and kettles?"))
