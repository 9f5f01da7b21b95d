"""A librarian on Pydantic AI: looks books up, and answers with a model that is checked.

Without a key it talks to a provider double on this machine::

    replay run --record books.yaml -- examples/pydantic_ai_agent.py
    replay run --replay books.yaml -- examples/pydantic_ai_agent.py
    replay inspect books.yaml
"""
# ruff: noqa: T201

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from trace_ops.double import ProviderDouble, ToolUse, Turn

ADVICE = {"title": "The Sea Around Us", "shelf": "B4", "why": "It is on the sea, and on its shelf."}
DOUBLE_SAYS = (
    Turn(calls=(ToolUse("find_books", {"topic": "the sea"}),)),
    Turn(calls=(ToolUse("final_result", ADVICE),)),
)


class Advice(BaseModel):
    """What a reader is told."""

    title: str
    shelf: str
    why: str


librarian = Agent(name="librarian", output_type=Advice, instructions="You recommend one book that is there.")


@librarian.tool_plain
def find_books(topic: str) -> list[dict[str, Any]]:
    """Find books on a topic."""
    return [
        {"title": "The Sea Around Us", "shelf": "B4", "there": True, "topic": topic},
        {"title": "The Old Man and the Sea", "shelf": "C1", "there": False, "topic": topic},
    ]


@contextmanager
def connected() -> Iterator[Any]:
    """A model of the real provider if there is a key, else of a double."""
    if "OPENAI_API_KEY" in os.environ:
        yield OpenAIChatModel("gpt-5-mini")
    else:
        with ProviderDouble() as double:
            double.script(*DOUBLE_SAYS)
            provider = OpenAIProvider(base_url=double.openai_url, api_key="unused")
            yield OpenAIChatModel("gpt-5-mini", provider=provider)


if __name__ == "__main__":
    with connected() as model:
        print(librarian.run_sync(" ".join(sys.argv[1:]) or "A book on the sea?", model=model).output)
