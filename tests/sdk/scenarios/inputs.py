"""What the scenarios ask: prompts, tools, schemas."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

ASK = [{"role": "user", "content": "How is the weather in Paris?"}]
CHAT: dict[str, Any] = {"model": "gpt-5", "messages": ASK}
MESSAGE: dict[str, Any] = {"model": "claude-sonnet-5-5", "max_tokens": 500, "messages": ASK}
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
CHAT_TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": PARAMETERS, "strict": True},
}
RESPONSES_TOOL = {"type": "function", "name": "get_weather", "parameters": PARAMETERS, "strict": True}
ANTHROPIC_TOOL = {"name": "get_weather", "description": "The weather", "input_schema": PARAMETERS}
THINKING = {"type": "enabled", "budget_tokens": 1024}


class Forecast(BaseModel):
    """A structured answer."""

    city: str
    degrees: float
    days: list[str]


def asking(text: str) -> list[dict[str, str]]:
    """Messages with that one question."""
    return [{"role": "user", "content": text}]
