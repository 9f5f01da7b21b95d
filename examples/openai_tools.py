"""A support agent on the OpenAI SDK: runs the tools that the model asks for until it has its answer.

Without a key it talks to a provider double on this machine::

    replay run --record orders.yaml -- examples/openai_tools.py "Where is order 1042?"
    replay run --replay orders.yaml -- examples/openai_tools.py "Where is order 1042?"
    replay inspect orders.yaml
"""
# ruff: noqa: T201

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from openai import OpenAI

from trace_ops import tool
from trace_ops.double import Prompt, ProviderDouble, ToolUse, Turn

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "find_order",
            "description": "Where an order is.",
            "parameters": {
                "type": "object",
                "properties": {"number": {"type": "integer"}},
                "required": ["number"],
            },
        },
    }
]


@tool
def find_order(number: int) -> dict[str, Any]:
    """Look an order up."""
    return {"order": number, "state": "shipped", "arrives": "tomorrow"}


def answer(client: Any, question: str) -> str:
    """Answer a customer."""
    messages: list[Any] = [{"role": "user", "content": question}]
    while True:
        reply = client.chat.completions.create(model="gpt-5-mini", messages=messages, tools=TOOLS)
        message = reply.choices[0].message
        if not message.tool_calls:
            return str(message.content)
        messages.append(message.model_dump(include={"role", "content", "tool_calls"}))
        for call in message.tool_calls:
            found = find_order(**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(found)})


def double_says(prompt: Prompt) -> Turn:
    """What stands in for a model where there is no key."""
    numbers = re.findall(r"\d+", prompt.user)
    if prompt.results or not numbers:
        return Turn(text="It has shipped, and will be with you tomorrow.")
    return Turn(calls=(ToolUse("find_order", {"number": int(numbers[0])}),))


@contextmanager
def connected() -> Iterator[OpenAI]:
    """A client of the real provider if there is a key, else of a double."""
    if "OPENAI_API_KEY" in os.environ:
        yield OpenAI()
    else:
        with ProviderDouble(author=double_says) as double:
            yield OpenAI(base_url=double.openai_url, api_key="unused")


if __name__ == "__main__":
    with connected() as client:
        print(answer(client, " ".join(sys.argv[1:]) or "Where is order 1042?"))
