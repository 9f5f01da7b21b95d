"""Chat completions and legacy completions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from trace_ops.double._author import Prompt, Tool, Turn, tokens
from trace_ops.double._reply import Rejection, Reply, compact, event, pretty, server_sent
from trace_ops.double._request import Incoming


def chat(incoming: Incoming) -> Reply:
    """``POST /chat/completions``."""
    body = incoming.body
    if not isinstance(body.get("messages"), list):
        raise Rejection(400, "Missing required parameter: 'messages'.", "missing_required_parameter")
    model = str(body.get("model") or incoming.groups.get("deployment") or "gpt-5")
    turns = [incoming.author(prompt(body, model)) for _ in range(body.get("n") or 1)]
    head: dict[str, Any] = {
        "id": incoming.mint("chatcmpl-", 29),
        "object": "chat.completion",
        "created": incoming.mint.created,
        "model": model,
    }
    tail = {"service_tier": "default", "system_fingerprint": incoming.mint.hex("fp_", 10)}
    if body.get("stream"):
        head["object"] = "chat.completion.chunk"
        chunks = [*_chunks(incoming, head | tail, turns), event("[DONE]")]
        return server_sent(chunks)
    answer = head | {"choices": [_choice(incoming, i, turn) for i, turn in enumerate(turns)]}
    answer |= {"usage": _usage(body, turns)} | tail
    return (compact if incoming.dialect == "azure" else pretty)(answer)


def completion(incoming: Incoming) -> Reply:
    """``POST /completions``."""
    body = incoming.body
    asked = body.get("prompt", "")
    prompts = [str(each) for each in asked] if isinstance(asked, list) else [str(asked)]
    model = str(body.get("model", "gpt-3.5-turbo-instruct"))
    turns = [incoming.author(Prompt(model, user=each)) for each in prompts for _ in range(body.get("n") or 1)]
    head = {
        "id": incoming.mint("cmpl-", 29),
        "object": "text_completion",
        "created": incoming.mint.created,
        "model": model,
    }
    usage = _count(sum(len(tokens(each)) for each in prompts), turns)
    if not body.get("stream"):
        choices = [
            {"text": turn.text, "index": i, "logprobs": None, "finish_reason": "stop"}
            for i, turn in enumerate(turns)
        ]
        return pretty(head | {"choices": choices, "usage": usage})
    chunks = []
    for i, turn in enumerate(turns):
        for piece in [*tokens(turn.text), ""]:
            choice = {"text": piece, "index": i, "logprobs": None, "finish_reason": None if piece else "stop"}
            chunks.append(event(head | {"choices": [choice]}))
    if (body.get("stream_options") or {}).get("include_usage"):
        chunks.append(event(head | {"choices": [], "usage": usage}))
    return server_sent([*chunks, event("[DONE]")])


def prompt(body: dict[str, Any], model: str) -> Prompt:
    """What messages and tools in the format of chat completions ask of a model."""
    system, user, results, names = "", "", list[tuple[str, str]](), dict[str, str]()
    for message in body["messages"]:
        role, text = message.get("role"), text_of(message.get("content"))
        if role in ("system", "developer"):
            system = text
        elif role == "user":
            user, results = text, []
        elif role == "assistant":
            for call in message.get("tool_calls") or ():
                names[call.get("id")] = (call.get("function") or {}).get("name", "")
        elif role == "tool":
            results.append((names.get(str(message.get("tool_call_id")), "tool"), text))
    tools = [tool["function"] for tool in body.get("tools") or () if tool.get("type") == "function"]
    wanted = body.get("response_format") or {}
    schema = (wanted.get("json_schema") or {}).get("schema")
    if schema is None and wanted.get("type") == "json_object":
        schema = {"properties": {"answer": {"type": "string"}}}
    choice = body.get("tool_choice") or "auto"
    return Prompt(
        model=model,
        user=user,
        system=system,
        tools=tuple(Tool(each["name"], each.get("parameters") or {}) for each in tools),
        results=tuple(results),
        schema=schema,
        choice=choice if isinstance(choice, str) else (choice.get("function") or {}).get("name", "auto"),
    )


def text_of(content: Any) -> str:
    """The text in a message's content, be it a string or a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict)).strip()
    return ""


def _limited(body: dict[str, Any], text: str) -> tuple[list[str], bool]:
    pieces = tokens(text)
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or len(pieces)
    return pieces[:limit], len(pieces) > limit


def _finish(turn: Turn, cut: bool) -> str:
    return "length" if cut else "tool_calls" if turn.calls else "stop"


def _choice(incoming: Incoming, index: int, turn: Turn) -> dict[str, Any]:
    pieces, cut = _limited(incoming.body, turn.text)
    message: dict[str, Any] = {
        "role": "assistant",
        "content": "".join(pieces) if pieces else None,
        "refusal": turn.refusal or None,
        "annotations": [],
    }
    if turn.calls:
        message["tool_calls"] = [
            {
                "id": incoming.mint("call_"),
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
            }
            for call in turn.calls
        ]
    logprobs = _logprobs(pieces) if incoming.body.get("logprobs") else None
    return {"index": index, "message": message, "logprobs": logprobs, "finish_reason": _finish(turn, cut)}


def _chunks(incoming: Incoming, head: dict[str, Any], turns: list[Turn]) -> Iterator[bytes]:
    with_usage = bool((incoming.body.get("stream_options") or {}).get("include_usage"))

    def chunk(choices: list[dict[str, Any]], usage: Any = None) -> bytes:
        last = {"usage": usage} if with_usage else {}
        return event(
            head | {"choices": choices} | last | {"obfuscation": incoming.mint("", 7 + len(choices))}
        )

    for index, turn in enumerate(turns):
        pieces, cut = _limited(incoming.body, turn.text)
        for delta in _deltas(incoming, turn, pieces):
            logprobs = (
                _logprobs([delta["content"]])
                if incoming.body.get("logprobs") and delta.get("content")
                else None
            )
            yield chunk([{"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": None}])
        yield chunk([{"index": index, "delta": {}, "logprobs": None, "finish_reason": _finish(turn, cut)}])
    if with_usage:
        yield chunk([], _usage(incoming.body, turns))


def _deltas(incoming: Incoming, turn: Turn, pieces: list[str]) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": None if turn.calls or turn.refusal else "", "refusal": None}
    for piece in pieces:
        yield {"content": piece}
    for piece in tokens(turn.refusal):
        yield {"refusal": piece}
    for index, call in enumerate(turn.calls):
        function = {"name": call.name, "arguments": ""}
        yield {
            "tool_calls": [
                {"index": index, "id": incoming.mint("call_"), "type": "function", "function": function}
            ]
        }
        for piece in tokens(json.dumps(dict(call.arguments))):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _logprobs(pieces: list[str]) -> dict[str, Any]:
    content = [
        {
            "token": piece,
            "logprob": -1.0 / (3 + len(piece) + place),
            "bytes": list(piece.encode()),
            "top_logprobs": [],
        }
        for place, piece in enumerate(pieces)
    ]
    return {"content": content, "refusal": None}


def _usage(body: dict[str, Any], turns: list[Turn]) -> dict[str, Any]:
    asked = sum(3 + len(tokens(text_of(message.get("content")))) for message in body["messages"])
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    return _count(asked, turns, limit) | {
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _count(asked: int, turns: list[Turn], limit: int | None = None) -> dict[str, Any]:
    written = sum(
        len(tokens(turn.text)[:limit]) + 8 * len(turn.calls) + len(tokens(turn.refusal)) for turn in turns
    )
    return {"prompt_tokens": asked, "completion_tokens": written, "total_tokens": asked + written}
