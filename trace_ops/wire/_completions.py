"""OpenAI completions: prompts as text, and answers as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trace_ops.wire import _chat
from trace_ops.wire._events import Payload
from trace_ops.wire._values import model_in, take
from trace_ops.wire.messages import ChatRequest, ChatResponse, Message, Part, TextPart, UnknownPart

API = "openai.completions"


def request(body: dict[str, Any], path: str = "") -> ChatRequest:
    """What a model is asked: a message for each prompt."""
    rest = dict(body)
    model = take(rest, "model", str) or model_in(path)
    prompt = rest.pop("prompt", None)
    # A list of numbers is one prompt in tokens.
    several = isinstance(prompt, list) and not all(isinstance(item, int) for item in prompt)
    messages = (
        [Message("user", (_part(item),), path=f"prompt.{at}") for at, item in enumerate(prompt)]
        if isinstance(prompt, list) and several
        else []
        if prompt is None
        else [Message("user", (_part(prompt),), path="prompt")]
    )
    return ChatRequest(API, model, tuple(messages), parameters=rest)


def response(body: dict[str, Any]) -> ChatResponse:
    """What a model answered."""
    return _chat.response(body, API)


def assemble(events: Iterable[Payload]) -> ChatResponse:
    """A streamed answer, put together."""
    return _chat.assemble(events, API)


def _part(prompt: Any) -> Part:
    return TextPart(prompt) if isinstance(prompt, str) else UnknownPart("prompt", prompt)
