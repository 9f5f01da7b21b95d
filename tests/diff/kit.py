"""Steps to compare, made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from trace_ops.exchange import Body, Exchange, Outcome, Request, Response
from trace_ops.trace import Span, Trace, Usage


def chat(answer: Any = "Hello.", *, path: str = "/chat/completions", **request: Any) -> Span:
    """A chat call; the answer is a text, a message, or an outcome."""
    body = {"model": "gpt-5", "messages": [{"role": "user", "content": "Hi!"}], **request}
    outcome: Outcome = answer if not isinstance(answer, (str, dict)) else _answered(answer)
    exchange = Exchange("openai", Request("POST", path, body=json_body(body)), outcome)
    span = Span(0, "llm", "openai chat", exchange=exchange, ms=5.0, model=str(body["model"]))
    if span.is_unmetered:
        span.usage, span.cost_usd = Usage(0, 0), 0.0
    return span


def _answered(answer: str | dict[str, Any], finish: str = "stop") -> Response:
    message = {"content": answer} if isinstance(answer, str) else answer
    finish = "tool_calls" if message.get("tool_calls") else finish
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return Response(200, [], json_body({"object": "chat.completion", "model": "gpt-5", "choices": [choice]}))


def calls(*tools: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """An answer that asks for tools."""
    return {
        "content": None,
        "tool_calls": [
            {
                "id": f"call_{n}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(given)},
            }
            for n, (name, given) in enumerate(tools)
        ],
    }


def step(kind: Any, name: str = "step", input: Any = None, output: Any = None, **fields: Any) -> Span:
    """Any other step."""
    return Span(0, kind, name, input=input, output=output, ms=5.0, **fields)


def trace(*spans: Span) -> Trace:
    """A trace of these steps, numbered from 1."""
    return Trace("test", spans=[replace(span, id=number) for number, span in enumerate(spans, 1)])


def json_body(value: Any) -> Body:
    return Body(json.dumps(value).encode())
