"""Mistral's chat and models, where they differ from OpenAI's, whose paths they have."""

from __future__ import annotations

import json
from typing import Any

from trace_ops.double import _openai_chat, _openai_rest
from trace_ops.double._author import Turn, tokens
from trace_ops.double._reply import Rejection, Reply, compact, event, server_sent
from trace_ops.double._request import Incoming


def chat(incoming: Incoming) -> Reply:
    """``POST /v1/chat/completions``."""
    body = incoming.body
    if not isinstance(body.get("messages"), list):
        raise Rejection(422, "messages: Field required")
    turn: Turn = incoming.author(_openai_chat.prompt(body, str(body.get("model"))))
    calls = [
        {
            "id": incoming.mint("", 9),
            "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
            "index": index,
        }
        for index, call in enumerate(turn.calls)
    ]
    written = len(tokens(turn.text)) + 8 * len(calls)
    usage = {"prompt_tokens": 11, "completion_tokens": written, "total_tokens": 11 + written}
    head = {"id": incoming.mint.hex("", 32), "created": incoming.mint.created, "model": body.get("model")}
    finish = "tool_calls" if calls else "stop"
    if not body.get("stream"):
        message = {"role": "assistant", "tool_calls": calls or None, "content": turn.text}
        choice = {"index": 0, "finish_reason": finish, "message": message}
        return compact(head | {"object": "chat.completion", "usage": usage, "choices": [choice]})
    head |= {"object": "chat.completion.chunk"}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": piece} for piece in tokens(turn.text)]
    last = {"content": "", "tool_calls": calls} if calls else {"content": ""}
    chunks = [_chunk(head, delta, None) for delta in deltas]
    return server_sent([*chunks, _chunk(head | {"usage": usage}, last, finish), event("[DONE]")])


def _chunk(head: dict[str, Any], delta: dict[str, Any], finish: str | None) -> bytes:
    return event(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def embeddings(incoming: Incoming) -> Reply:
    """``POST /v1/embeddings``."""
    reply = _openai_rest.embeddings(incoming)
    answer = json.loads(reply.body)
    answer["usage"] |= {"completion_tokens": 0}
    return compact({"id": incoming.mint.hex("", 32), **answer})


def models(incoming: Incoming) -> Reply:
    """``GET /v1/models``."""
    model = {"id": "mistral-large-latest", "object": "model", "created": incoming.mint.created}
    return compact({"object": "list", "data": [model | {"capabilities": {}, "type": "base"}]})
