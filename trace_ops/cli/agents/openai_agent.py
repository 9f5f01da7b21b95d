"""A travel guide: asks a model, runs the tools that it asks for, streams its answer."""

from __future__ import annotations

import json
from typing import Any

from openai import OpenAI

from trace_ops import tool

GUIDE = "You are a travel guide. Look at the weather before you advise."
QUESTION = "Oslo or Rome this weekend?"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather of the weekend.",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]


@tool
def get_weather(city: str) -> str:
    """Look up the weather of the weekend."""
    return {"Oslo": "4 °C and rain", "Rome": "18 °C and sun"}[city]


def travel(question: str = QUESTION, guide: str = GUIDE) -> str:
    """Answer a question about where to go."""
    client: Any = OpenAI()
    messages: list[Any] = [{"role": "system", "content": guide}, {"role": "user", "content": question}]

    answer = client.chat.completions.create(model="gpt-5-mini", messages=messages, tools=TOOLS)
    asked = answer.choices[0].message
    messages.append(asked.model_dump(include={"role", "content", "tool_calls"}))
    for call in asked.tool_calls or []:
        result = get_weather(**json.loads(call.function.arguments))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": result})

    options = {"include_usage": True}
    stream = client.chat.completions.create(
        model="gpt-5-mini", messages=messages, tools=TOOLS, stream=True, stream_options=options
    )
    return "".join(choice.delta.content or "" for chunk in stream for choice in chunk.choices)


if __name__ == "__main__":
    print(travel())  # noqa: T201
