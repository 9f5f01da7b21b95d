"""A long run of agents: conversations that grow turn by turn, tools side by side, streams, failures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from benchmarks._calls import CHAT
from trace_ops._summarise import summarise
from trace_ops.exchange import Body, Exchange, Failure, Request, Response, Stream
from trace_ops.trace import Span, Trace

TURNS = 40
"""Calls of a model in the life of an agent."""

_SYSTEM = "You find berths for ships. " * 40
_TOOL = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Looks a ship up in the log. " * 8,
        "parameters": {"type": "object", "properties": {"ship": {"type": "string"}}},
    },
}


def trace(steps: int) -> Trace:
    """A run of so many steps, or a few more: an agent, its calls, and two tools after each."""
    spans: list[Span] = []
    agent = 0
    while len(spans) < steps:
        agent += 1
        spans += _agent(agent, len(spans), spans[-1].start_ms + 200.0 if spans else 0.0)
    for span in spans:
        summarise(span)
    return Trace(name=f"{agent} agents", spans=spans)


def _agent(agent: int, before: int, start: float) -> Iterator[Span]:
    root = before + 1
    yield Span(root, "agent", f"agent {agent}", start_ms=start, ms=TURNS * 1_000.0, input=CHAT.prompt(agent))
    messages: list[Any] = [
        {"role": "system", "content": _SYSTEM},
        {"role": "user", "content": CHAT.prompt(agent)},
    ]
    number = root
    for turn in range(TURNS):
        at = start + turn * 1_000.0
        serial = agent * TURNS + turn
        number += 1
        yield _call(number, root, at, list(messages), _answer(serial, turn), is_stream=turn % 4 == 0)
        calls = _tool_calls(serial)
        messages.append({"role": "assistant", "content": CHAT.prompt(serial), "tool_calls": calls})
        for lane, call in enumerate(calls, 1):
            number += 1
            ship = json.loads(call["function"]["arguments"])
            output = None if number % 50 == 0 else f"{CHAT.prompt(serial + lane)} {call['id']}"
            error = None if output else Failure("builtins.KeyError", f"no ship {ship['ship']}")
            yield Span(
                number, "tool", "look_up", root, lane, at + 700.0 + lane, 200.0,
                input=ship, output=output, error=error,
            )  # fmt: skip
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": output or "no such ship"})


def _tool_calls(serial: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{serial}_{which}",
            "type": "function",
            "function": {"name": "look_up", "arguments": json.dumps({"ship": f"ship {serial}.{which}"})},
        }
        for which in range(2)
    ]


def _answer(serial: int, turn: int) -> dict[str, Any]:
    message = {"role": "assistant", "content": CHAT.prompt(serial), "tool_calls": _tool_calls(serial)}
    tokens = 400 + 300 * turn
    usage = {"prompt_tokens": tokens, "completion_tokens": 120, "total_tokens": tokens + 120}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    head = {"id": f"chatcmpl-{serial}", "object": "chat.completion", "model": "gpt-5-mini"}
    return {**head, "choices": [choice], "usage": usage}


def _call(
    number: int, parent: int, at: float, messages: list[Any], answer: dict[str, Any], *, is_stream: bool
) -> Span:
    asked = {"model": "gpt-5-mini", "messages": messages, "tools": [_TOOL], "stream": is_stream}
    request = Request("POST", "/chat/completions", body=Body(json.dumps(asked).encode()))
    body = _streamed(answer) if is_stream else Body(json.dumps(answer).encode())
    exchange = Exchange("openai", request, Response(200, [("content-type", "application/json")], body))
    return Span(number, "llm", "openai chat.completions", parent, 0, at, 600.0, exchange)


def _streamed(answer: dict[str, Any]) -> Stream:
    message = answer["choices"][0]["message"]
    deltas: list[Any] = [{"content": f"{word} "} for word in message["content"].split(" ")]
    deltas += [{"tool_calls": [{"index": at, **call}]} for at, call in enumerate(message["tool_calls"])]
    head = {"id": answer["id"], "object": "chat.completion.chunk", "model": answer["model"]}
    chunks = [{**head, "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    chunks.append({**head, "choices": [], "usage": answer["usage"]})
    events = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + ["data: [DONE]\n\n"]
    return Stream(events, [300 + 3 * at for at in range(len(events))])
