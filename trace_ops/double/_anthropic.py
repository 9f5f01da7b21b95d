"""Anthropic messages, on the first-party API, Bedrock and Vertex."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from trace_ops.double import _eventstream
from trace_ops.double._author import Prompt, Tool, Turn, tokens
from trace_ops.double._openai_chat import text_of
from trace_ops.double._reply import Rejection, Reply, compact, dense, event, server_sent
from trace_ops.double._request import Incoming

Block = dict[str, Any]
MODELS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5", "claude-3-5-haiku-latest")


def messages(incoming: Incoming) -> Reply:
    """``POST /v1/messages``."""
    message = _message(incoming, incoming.body, incoming.body.get("model"))
    if incoming.body.get("stream"):
        return _stream(message)
    return compact(message)


def invoke(incoming: Incoming) -> Reply:
    """Bedrock ``POST /model/{model}/invoke``."""
    return compact(_message(incoming, incoming.body, unquote(incoming.groups["model"])))


def invoke_stream(incoming: Incoming) -> Reply:
    """Bedrock ``POST /model/{model}/invoke-with-response-stream``: AWS event-stream frames."""
    message = _message(incoming, incoming.body, unquote(incoming.groups["model"]))
    events = list(_events(message))
    metrics = {"inputTokenCount": message["usage"]["input_tokens"], "invocationLatency": 412}
    events[-1] = events[-1] | {"amazon-bedrock-invocationMetrics": metrics}
    frames = [_eventstream.chunk(dense(each).encode()) for each in events]
    return Reply(events=frames, content_type="application/vnd.amazon.eventstream")


def raw_predict(incoming: Incoming) -> Reply:
    """Vertex ``POST .../models/{model}:rawPredict``, also ``count-tokens:rawPredict``."""
    name = incoming.groups["model"]
    if name == "count-tokens":
        return count_tokens(incoming)
    return compact(_message(incoming, incoming.body, name))


def stream_raw_predict(incoming: Incoming) -> Reply:
    """Vertex ``POST .../models/{model}:streamRawPredict``."""
    return _stream(_message(incoming, incoming.body, incoming.groups["model"]))


def count_tokens(incoming: Incoming) -> Reply:
    """``POST /v1/messages/count_tokens``."""
    return compact({"input_tokens": _asked(incoming.body)})


def models(incoming: Incoming) -> Reply:
    """``GET /v1/models``: pages of ``limit`` by ``after_id`` or ``before_id``."""
    return compact(_page([_model(name) for name in MODELS], incoming))


def model(incoming: Incoming) -> Reply:
    """``GET /v1/models/{id}``."""
    name = incoming.groups["id"]
    if name not in MODELS:
        raise Rejection(404, f"model: {name}")
    return compact(_model(name))


def _model(name: str) -> dict[str, Any]:
    return {"type": "model", "id": name, "display_name": name.title(), "created_at": "2025-10-01T00:00:00Z"}


def _page(items: list[dict[str, Any]], incoming: Incoming) -> dict[str, Any]:
    ids = [item["id"] for item in items]
    after = incoming.query.get("after_id")
    start = ids.index(after) + 1 if after in ids else 0
    limit = int(incoming.query.get("limit", 20))
    data = items[start : start + limit]
    return {
        "data": data,
        "has_more": start + limit < len(items),
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
    }


def create_batch(incoming: Incoming) -> Reply:
    """``POST /v1/messages/batches``: ended at once."""
    results = [
        {
            "custom_id": each["custom_id"],
            "result": {
                "type": "succeeded",
                "message": _message(incoming, each["params"], each["params"].get("model")),
            },
        }
        for each in incoming.body.get("requests") or ()
    ]
    name = incoming.mint("msgbatch_01", 22)
    counts = {"processing": 0, "succeeded": len(results), "errored": 0, "canceled": 0, "expired": 0}
    batch = {
        "id": name,
        "type": "message_batch",
        "processing_status": "ended",
        "request_counts": counts,
        "ended_at": "2025-10-01T00:00:09Z",
        "created_at": "2025-10-01T00:00:00Z",
        "expires_at": "2025-10-02T00:00:00Z",
        "archived_at": None,
        "cancel_initiated_at": None,
        "results_url": f"{incoming.base_url}/v1/messages/batches/{name}/results",
    }
    incoming.store.setdefault("batches", {})[name] = (batch, results)
    return compact(batch)


def batches(incoming: Incoming) -> Reply:
    """``GET /v1/messages/batches``."""
    return compact(_page([batch for batch, _ in incoming.store.get("batches", {}).values()], incoming))


def batch(incoming: Incoming) -> Reply:
    """``GET /v1/messages/batches/{id}``."""
    return compact(_batch(incoming)[0])


def batch_results(incoming: Incoming) -> Reply:
    """``GET /v1/messages/batches/{id}/results``: JSON lines."""
    lines = [f"{dense(line)}\n".encode() for line in _batch(incoming)[1]]
    return Reply(events=lines, content_type="application/x-jsonl")


def _batch(incoming: Incoming) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    found: tuple[dict[str, Any], list[dict[str, Any]]] | None
    found = incoming.store.get("batches", {}).get(incoming.groups["id"])
    if found is None:
        raise Rejection(404, f"No message batch with id {incoming.groups['id']}")
    return found


def _prompt(body: dict[str, Any], model_name: str) -> Prompt:
    user, results, names = "", list[tuple[str, str]](), dict[str, str]()
    for message in body["messages"]:
        content = message.get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else list(content or ())
        text = text_of([block for block in blocks if block.get("type") == "text"])
        if message.get("role") == "user" and text:
            user, results = text, []
        for block in blocks:
            if block.get("type") == "tool_use":
                names[block["id"]] = block["name"]
            elif block.get("type") == "tool_result":
                results.append((names.get(block["tool_use_id"], "tool"), text_of(block.get("content"))))
    choice = body.get("tool_choice") or {"type": "auto"}
    kinds = {"any": "required", "tool": choice.get("name", "auto")}
    wanted = (body.get("output_config") or {}).get("format") or body.get("output_format") or {}
    return Prompt(
        model=model_name,
        user=user,
        system=text_of(body.get("system")),
        tools=tuple(
            Tool(tool["name"], tool["input_schema"])
            for tool in body.get("tools") or ()
            if "input_schema" in tool
        ),
        results=tuple(results),
        schema=wanted.get("schema"),
        choice=kinds.get(choice["type"], choice["type"]),
        reasons=(body.get("thinking") or {}).get("type") in ("enabled", "adaptive"),
    )


def _asked(body: dict[str, Any]) -> int:
    texts = [body.get("system"), *(message.get("content") for message in body.get("messages") or ())]
    return sum(3 + len(tokens(text_of(text))) for text in texts) + 12 * len(body.get("tools") or ())


def _message(incoming: Incoming, body: dict[str, Any], model_name: Any) -> dict[str, Any]:
    if not isinstance(body.get("messages"), list):
        raise Rejection(400, "messages: Field required")
    turn = incoming.author(_prompt(body, str(model_name)))
    pieces = tokens(turn.text)
    limit = int(body.get("max_tokens") or len(pieces))
    content = _content(incoming, turn, "".join(pieces[:limit]))
    reason = "max_tokens" if len(pieces) > limit else "tool_use" if turn.calls else "end_turn"
    prefix = (
        "msg_bdrk_"
        if incoming.dialect == "bedrock"
        else "msg_vrtx_"
        if incoming.dialect == "vertex"
        else "msg_"
    )
    return {
        "id": incoming.mint(f"{prefix}01", 22),
        "type": "message",
        "role": "assistant",
        "model": model_name,
        "content": content,
        "stop_reason": "refusal" if turn.refusal else reason,
        "stop_sequence": None,
        "usage": {
            "input_tokens": _asked(body),
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens": min(limit, len(pieces)) + 8 * len(turn.calls),
            "service_tier": "standard",
        },
    }


def _content(incoming: Incoming, turn: Turn, text: str) -> list[Block]:
    content: list[Block] = []
    if turn.reasoning:
        signature = base64.b64encode(incoming.mint("", 60).encode()).decode()
        content.append({"type": "thinking", "thinking": turn.reasoning, "signature": signature})
    if text or turn.refusal:
        content.append({"type": "text", "text": text or turn.refusal})
    for call in turn.calls:
        use = {"id": incoming.mint("toolu_01", 22), "name": call.name, "input": dict(call.arguments)}
        content.append({"type": "tool_use"} | use)
    return content


def _stream(message: dict[str, Any]) -> Reply:
    # The blanks before the last brace are the provider's own noise; a recording has to keep them.
    padded = ("content_block_delta", "content_block_start", "message_stop", "message_delta")
    events = []
    for place, each in enumerate(_events(message)):
        padding = (place * 5 + 3) % 14 if each["type"] in padded else 0
        events.append(event(each, each["type"], padding))
    return server_sent(events)


def _events(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    usage = message["usage"]
    begun = {"content": [], "stop_reason": None, "usage": usage | {"output_tokens": 1}}
    yield {"type": "message_start", "message": message | begun}
    for index, block in enumerate(message["content"]):
        start, deltas = _unrolled(block)
        yield {"type": "content_block_start", "index": index, "content_block": start}
        if index == 0:
            yield {"type": "ping"}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    counted = {name: value for name, value in usage.items() if isinstance(value, int)}
    yield {"type": "message_delta", "delta": delta, "usage": counted}
    yield {"type": "message_stop"}


def _unrolled(block: Block) -> tuple[Block, list[Block]]:
    if block["type"] == "thinking":
        deltas: list[Block] = [
            {"type": "thinking_delta", "thinking": piece} for piece in tokens(block["thinking"])
        ]
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
        return {"type": "thinking", "thinking": "", "signature": ""}, deltas
    if block["type"] == "tool_use":
        pieces = ["", *tokens(json.dumps(block["input"]))]
        return block | {"input": {}}, [
            {"type": "input_json_delta", "partial_json": piece} for piece in pieces
        ]
    return {"type": "text", "text": ""}, [
        {"type": "text_delta", "text": piece} for piece in tokens(block["text"])
    ]
