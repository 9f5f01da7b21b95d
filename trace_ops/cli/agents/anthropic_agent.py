"""A travel guide: asks a model, runs the tools that it asks for, streams its answer."""

from __future__ import annotations

from typing import Any

from anthropic import Anthropic

from trace_ops import tool

GUIDE = "You are a travel guide. Look at the weather before you advise."
QUESTION = "Oslo or Rome this weekend?"
TOOLS = [
    {
        "name": "get_weather",
        "description": "The weather of the weekend.",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
]


@tool
def get_weather(city: str) -> str:
    """Look up the weather of the weekend."""
    return {"Oslo": "4 °C and rain", "Rome": "18 °C and sun"}[city]


def travel(question: str = QUESTION, guide: str = GUIDE) -> str:
    """Answer a question about where to go."""
    client: Any = Anthropic()
    settings: dict[str, Any] = {
        "model": "claude-sonnet-5",
        "max_tokens": 500,
        "system": guide,
        "tools": TOOLS,
    }
    messages: list[Any] = [{"role": "user", "content": question}]

    asked = client.messages.create(messages=messages, **settings)
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "content": get_weather(**block.input)}
        for block in asked.content
        if block.type == "tool_use"
    ]
    said = [block.model_dump(include={"type", "text", "id", "name", "input"}) for block in asked.content]
    messages += [{"role": "assistant", "content": said}, {"role": "user", "content": results}]

    stream = client.messages.create(messages=messages, stream=True, **settings)
    deltas = (event.delta for event in stream if event.type == "content_block_delta")
    return "".join(delta.text for delta in deltas if delta.type == "text_delta")


if __name__ == "__main__":
    print(travel())  # noqa: T201
