"""Anthropic messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire._events import count, data_of

Read = tuple[str | None, Usage | None, list[str], str | None]


def read(body: dict[str, Any]) -> Read:
    """Model, usage, tools and finish of a whole answer."""
    tools = [block["name"] for block in body.get("content") or [] if block.get("type") == "tool_use"]
    return body.get("model"), usage(body.get("usage")), tools, body.get("stop_reason")


def read_stream(events: Sequence[str]) -> Read:
    """The same of a stream; parses the start of the message and of its tool calls, and its last delta."""
    model: str | None = None
    finish: str | None = None
    counts: dict[str, Any] = {}
    tools: list[str] = []
    for event in events:
        if "message_start" in event:
            message = data_of(event).get("message") or {}
            model = message.get("model")
            counts = dict(message.get("usage") or {})
        elif "message_delta" in event:
            data = data_of(event)
            finish = (data.get("delta") or {}).get("stop_reason") or finish
            given = data.get("usage") or {}
            counts.update({key: value for key, value in given.items() if value is not None})
        elif "content_block_start" in event and '"tool_use"' in event:
            block = data_of(event).get("content_block") or {}
            if block.get("type") == "tool_use":
                tools.append(block["name"])
    return model, usage(counts), tools, finish


def usage(given: Any) -> Usage | None:
    """The usage object of messages, in which cached tokens are not part of the input tokens."""
    if not isinstance(given, dict):
        return None
    fresh, written = count(given.get("input_tokens")), count(given.get("output_tokens"))
    cache_read = count(given.get("cache_read_input_tokens"))
    cache_write = count(given.get("cache_creation_input_tokens"))
    if fresh is None and written is None:
        return None
    read_in = None if fresh is None else fresh + (cache_read or 0) + (cache_write or 0)
    reasoning = count((given.get("output_tokens_details") or {}).get("thinking_tokens"))
    return Usage(read_in, written, cache_read, cache_write, reasoning)


def text(body: dict[str, Any]) -> str | None:
    """The text blocks of the answer."""
    pieces = [block.get("text") or "" for block in body["content"] if block.get("type") == "text"]
    return "".join(pieces) if pieces else None


def stream_text(events: Sequence[str]) -> str | None:
    """The text blocks, put together."""
    deltas = [data_of(event).get("delta") or {} for event in events if "text_delta" in event]
    pieces = [delta["text"] for delta in deltas if isinstance(delta.get("text"), str)]
    return "".join(pieces) if pieces else None
