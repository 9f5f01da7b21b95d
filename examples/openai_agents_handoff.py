"""Two agents on OpenAI Agents: the first finds out what a customer wants, and hands over to the second.

Without a key it talks to a provider double on this machine::

    replay run --record refund.yaml -- examples/openai_agents_handoff.py
    replay run --replay refund.yaml -- examples/openai_agents_handoff.py
    replay inspect refund.yaml
"""
# ruff: noqa: T201

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from agents import Agent, OpenAIResponsesModel, Runner, function_tool, set_trace_processors
from openai import AsyncOpenAI

from trace_ops.double import ProviderDouble, ToolUse, Turn

DOUBLE_SAYS = (
    Turn(calls=(ToolUse("transfer_to_refunds"),)),
    Turn(calls=(ToolUse("refund", {"order": 1042, "reason": "the kettle arrived broken"}),)),
    Turn(text="I am sorry about the kettle. 39.90 euros are on their way back to you."),
)


@function_tool
def refund(order: int, reason: str) -> dict[str, Any]:
    """Pay the price of an order back."""
    return {"order": order, "refunded": "39.90 EUR", "reason": reason}


async def answer(model: Any, complaint: str) -> str:
    """Answer a customer who complains."""
    refunds = Agent("refunds", instructions="You pay back what arrived broken.", tools=[refund], model=model)
    triage = Agent("triage", instructions="You find who can help.", handoffs=[refunds], model=model)
    result = await Runner.run(triage, complaint)
    return str(result.final_output)


@asynccontextmanager
async def connected() -> AsyncIterator[Any]:
    """A model of the real provider if there is a key, else of a double, which gets no traces."""
    if "OPENAI_API_KEY" in os.environ:
        yield OpenAIResponsesModel("gpt-5-mini", AsyncOpenAI())
        return
    set_trace_processors([])
    with ProviderDouble() as double:
        double.script(*DOUBLE_SAYS)
        async with AsyncOpenAI(base_url=double.openai_url, api_key="unused") as client:
            yield OpenAIResponsesModel("gpt-5-mini", client)


async def main(complaint: str) -> None:
    """Answer, and show the answer."""
    async with connected() as model:
        print(await answer(model, complaint))


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or "The kettle of order 1042 arrived broken."))
