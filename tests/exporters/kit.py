"""Calls of several providers, as short as a test can state them."""

from __future__ import annotations

import json
from typing import Any

from trace_ops.exchange import Body, Exchange, Request, Response
from trace_ops.trace import Span, Trace

Json = dict[str, Any]

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tell the weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def run(*spans: Span) -> Trace:
    """A run of these calls, numbered."""
    for number, span in enumerate(spans, 1):
        span.id = number
    return Trace(name="run", spans=list(spans))


def call(provider: str, path: str, request: Json, answer: Json, status: int = 200) -> Span:
    """A call on the wire."""
    exchange = Exchange(
        provider, Request("POST", path, body=_body(request)), Response(status, [], _body(answer))
    )
    return Span(0, "llm", f"{provider} call", exchange=exchange, ms=1.0)


def chat(*messages: Json, answer: Json, finish: str = "stop", **more: Any) -> Span:
    """A chat completion of OpenAI's."""
    choice = {"index": 0, "message": {"role": "assistant", **answer}, "finish_reason": finish}
    body = {"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-5", "choices": [choice]}
    return call("openai", "/chat/completions", {"model": "gpt-5", "messages": list(messages), **more}, body)


def claude(*messages: Json, answer: list[Json], stop: str = "end_turn", **more: Any) -> Span:
    """A message of Anthropic's."""
    body = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": answer,
        "stop_reason": stop,
    }
    request = {"model": "claude", "max_tokens": 9, "messages": list(messages), **more}
    return call("anthropic", "/v1/messages", request, body)


def responses(given: Any, *output: Json, id: str = "resp_1", **more: Any) -> Span:
    """An answer of OpenAI's Responses."""
    body = {"id": id, "object": "response", "model": "gpt-5", "status": "completed", "output": list(output)}
    return call("openai", "/responses", {"model": "gpt-5", "input": given, **more}, body)


def said(text: str) -> Json:
    """An item of Responses that says something."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}


def user(text: Any) -> Json:
    """What a user says."""
    return {"role": "user", "content": text}


def asks(city: str, id: str = "call_a") -> Json:
    """An assistant message of chat that asks for the weather."""
    function = {"name": "weather", "arguments": json.dumps({"city": city})}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": id, "type": "function", "function": function}],
    }


def _body(value: Any) -> Body:
    return Body(json.dumps(value).encode())
