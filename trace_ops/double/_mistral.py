"""Mistral's chat and models, where they differ from OpenAI's paths of the same name, and conversations."""

from __future__ import annotations

import json
from typing import Any

from trace_ops.double import _openai_chat, _openai_rest
from trace_ops.double._author import Prompt, Tool, Turn, tokens
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


def start(incoming: Incoming) -> Reply:
    """``POST /v1/conversations``: a conversation is kept with the tools and the model it begins with."""
    body, name = incoming.body, incoming.mint.hex("conv_", 32)
    offered = [tool["function"] for tool in body.get("tools") or () if tool.get("type") == "function"]
    kept = {"model": str(body.get("model")), "tools": offered, "user": "", "names": {}}
    incoming.store.setdefault("conversations", {})[name] = kept
    return _converse(incoming, name, kept)


def append(incoming: Incoming) -> Reply:
    """``POST /v1/conversations/{id}``: what is new goes on with what is kept."""
    name = incoming.groups["id"]
    kept = incoming.store.get("conversations", {}).get(name)
    if kept is None:
        raise Rejection(404, f"Conversation {name} not found")
    return _converse(incoming, name, kept)


def _converse(incoming: Incoming, name: str, kept: dict[str, Any]) -> Reply:
    given = incoming.body.get("inputs")
    entries = [{"role": "user", "content": given}] if isinstance(given, str) else given or []
    results = []
    for entry in entries:
        if entry.get("type") == "function.result":
            results.append((kept["names"].get(entry["tool_call_id"], "tool"), str(entry["result"])))
        else:
            kept["user"] = str(entry.get("content"))
    tools = tuple(Tool(tool["name"], tool.get("parameters") or {}) for tool in kept["tools"])
    turn = incoming.author(Prompt(kept["model"], kept["user"], tools=tools, results=tuple(results)))
    outputs: list[dict[str, Any]] = []
    for call in turn.calls:
        identity = incoming.mint("", 9)
        kept["names"][identity] = call.name
        asked = {"tool_call_id": identity, "name": call.name, "arguments": json.dumps(dict(call.arguments))}
        outputs.append({"type": "function.call", "id": incoming.mint.hex("fc_", 24), **asked})
    if not outputs:
        said = {"role": "assistant", "content": turn.text, "model": kept["model"]}
        outputs = [{"type": "message.output", "id": incoming.mint.hex("msg_", 24), **said}]
    usage = {"prompt_tokens": 11, "completion_tokens": 8, "total_tokens": 19}
    head = {"conversation_id": name, "object": "conversation.response"}
    return compact(head | {"outputs": outputs, "usage": usage})


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
