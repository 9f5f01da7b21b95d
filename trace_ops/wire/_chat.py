"""OpenAI chat completions, completions and embeddings, and those who speak their format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire._events import count, data_of, says

Read = tuple[str | None, Usage | None, list[str], str | None]


def read(body: dict[str, Any]) -> Read:
    """Model, usage, tools and finish of a whole answer."""
    choices = body.get("choices") or []
    tools = [name for choice in choices for name in _tools(choice.get("message") or {})]
    finish = choices[0].get("finish_reason") if choices else None
    return body.get("model"), usage(body.get("usage")), tools, finish


def read_stream(events: Sequence[str]) -> Read:
    """The same of a stream; parses its first event and those that say something new."""
    model: str | None = None
    used: Usage | None = None
    finish: str | None = None
    tools: list[str] = []
    for event in events:
        names_tool = '"name"' in event and ('"tool_calls"' in event or '"function_call"' in event)
        if model and not names_tool and not says(event, "usage") and not says(event, "finish_reason"):
            continue
        data = data_of(event)
        model = model or data.get("model") or None
        used = usage(data.get("usage") or (data.get("x_groq") or {}).get("usage")) or used
        for choice in data.get("choices") or []:
            tools += _tools(choice.get("delta") or {})
            if not choice.get("index"):
                finish = choice.get("finish_reason") or finish
    return model, used, tools, finish


def usage(given: Any) -> Usage | None:
    """The usage object of chat, completions and embeddings."""
    if not isinstance(given, dict):
        return None
    read_in = count(given.get("prompt_tokens"))
    written = count(given.get("completion_tokens"))
    details = given.get("prompt_tokens_details") or {}
    reasoning = count((given.get("completion_tokens_details") or {}).get("reasoning_tokens"))
    total = count(given.get("total_tokens"))
    if read_in is None and written is None and total is None:
        return None
    if total and read_in is not None and written is not None and total > read_in + written:
        # Some providers count reasoning in the total only; it is paid for as output.
        written = total - read_in
    if read_in is None and written is None:
        read_in = total
    cached = count(details.get("cached_tokens"))
    return Usage(
        input=read_in,
        output=written,
        cache_read=count(given.get("prompt_cache_hit_tokens")) if cached is None else cached,
        cache_write=count(details.get("cache_write_tokens")),
        reasoning=reasoning,
    )


def text(body: dict[str, Any]) -> str | None:
    """The text of the first choice."""
    choice = body["choices"][0]
    return _plain(choice["message"].get("content") if "message" in choice else choice.get("text"))


def stream_text(events: Sequence[str]) -> str | None:
    """The text of the first choice, put together."""
    pieces = []
    for event in events:
        for choice in data_of(event).get("choices") or []:
            if not choice.get("index"):
                delta = choice.get("delta")
                pieces.append(_plain(delta.get("content") if delta is not None else choice.get("text")))
    found = [piece for piece in pieces if piece is not None]
    return "".join(found) if found else None


def _plain(content: Any) -> str | None:
    if isinstance(content, list):
        return "".join(part.get("text") or "" for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else None


def _tools(message: dict[str, Any]) -> list[str]:
    calls = [call.get("function") or call.get("custom") or {} for call in message.get("tool_calls") or []]
    calls.append(message.get("function_call") or {})
    return [call["name"] for call in calls if call.get("name")]
