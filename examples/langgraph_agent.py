"""A travel agent on LangGraph (``create_agent`` of LangChain): a model, and two tools that it may use.

Without a key it talks to a provider double on this machine::

    replay run --record travel.yaml -- examples/langgraph_agent.py
    replay run --replay travel.yaml -- examples/langgraph_agent.py
    replay inspect travel.yaml
"""
# ruff: noqa: T201

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

from trace_ops.double import ProviderDouble, ToolUse, Turn

DOUBLE_SAYS = (
    Turn(calls=(ToolUse("get_weather", {"city": "Oslo"}), ToolUse("get_weather", {"city": "Rome"}))),
    Turn(calls=(ToolUse("find_trains", {"to": "Rome"}),)),
    Turn(text="Go to Rome: it is 18 degrees and sunny there. The night train leaves at 19:53."),
)


@tool
def get_weather(city: str) -> str:
    """How the weather is in a city."""
    return {"Oslo": "4 degrees and rain", "Rome": "18 degrees and sun"}.get(city, "unknown")


@tool
def find_trains(to: str) -> list[dict[str, str]]:
    """When trains to a city leave."""
    return [{"to": to, "leaves": "19:53", "arrives": "09:11"}]


def plan(model: Any, wish: str) -> str:
    """Plan a journey."""
    agent = create_agent(
        model, [get_weather, find_trains], system_prompt="You plan journeys by train.", name="travel agent"
    )
    state = agent.invoke({"messages": [{"role": "user", "content": wish}]})
    return str(state["messages"][-1].content)


@contextmanager
def connected() -> Iterator[Any]:
    """A model of the real provider if there is a key, else of a double."""
    if "OPENAI_API_KEY" in os.environ:
        yield ChatOpenAI(model="gpt-5-mini")
    else:
        with ProviderDouble() as double:
            double.script(*DOUBLE_SAYS)
            yield ChatOpenAI(model="gpt-5-mini", base_url=double.openai_url, api_key="unused")  # type: ignore[arg-type]


if __name__ == "__main__":
    with connected() as model:
        print(plan(model, " ".join(sys.argv[1:]) or "Oslo or Rome this weekend?"))
