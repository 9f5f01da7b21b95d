"""OpenAI Responses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire._events import count, data_of

Read = tuple[str | None, Usage | None, list[str], str | None]

_LAST = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
# Tools that run on the caller's side; the provider's own (web search, MCP, ...) are not asked of anyone.
_NAMED_CALLS = ("function_call", "custom_tool_call")
_CALLS = ("computer_call", "local_shell_call", "shell_call", "apply_patch_call")


def read(body: dict[str, Any]) -> Read:
    """Model, usage, tools and finish of a whole answer."""
    incomplete = body.get("incomplete_details") or {}
    tools = [name for item in body.get("output") or [] if (name := _tool(item))]
    return body.get("model"), usage(body.get("usage")), tools, incomplete.get("reason") or body.get("status")


def read_stream(events: Sequence[str]) -> Read:
    """The same of a stream: its last event holds the whole answer; one cut short is read piece by piece."""
    for event in reversed(events):
        if any(last in event for last in _LAST):
            whole = data_of(event).get("response")
            if isinstance(whole, dict):
                return _with_items(read(whole), events)
    first: dict[str, Any] = next((data_of(event) for event in events if '"response"' in event), {})
    model = (first.get("response") or {}).get("model")
    return model, None, _added_tools(events), None


def usage(given: Any) -> Usage | None:
    """The usage object of Responses."""
    if not isinstance(given, dict):
        return None
    read_in, written = count(given.get("input_tokens")), count(given.get("output_tokens"))
    details = given.get("input_tokens_details") or {}
    if read_in is None and written is None:
        return None
    return Usage(
        input=read_in,
        output=written,
        cache_read=count(details.get("cached_tokens")),
        cache_write=count(details.get("cache_write_tokens")),
        reasoning=count((given.get("output_tokens_details") or {}).get("reasoning_tokens")),
    )


def text(body: dict[str, Any]) -> str | None:
    """The text of all messages of the answer."""
    pieces = [
        part.get("text") or ""
        for item in body.get("output") or []
        if item.get("type") == "message"
        for part in item.get("content") or []
        if part.get("type") == "output_text"
    ]
    return "".join(pieces) if pieces else None


def stream_text(events: Sequence[str]) -> str | None:
    """The text of all messages, put together."""
    deltas = [data_of(event) for event in events if "response.output_text.delta" in event]
    pieces = [data["delta"] for data in deltas if isinstance(data.get("delta"), str)]
    return "".join(pieces) if pieces else None


def _with_items(found: Read, events: Sequence[str]) -> Read:
    # Some gateways leave the output out of the last event.
    return found if found[2] else (found[0], found[1], _added_tools(events), found[3])


def _added_tools(events: Sequence[str]) -> list[str]:
    added = [data_of(event) for event in events if "response.output_item.added" in event]
    return [name for data in added if (name := _tool(data.get("item") or {}))]


def _tool(item: dict[str, Any]) -> str | None:
    kind = item.get("type")
    if kind in _NAMED_CALLS:
        name = item.get("name")
        return name if isinstance(name, str) else None
    return kind.removesuffix("_call") if kind in _CALLS else None
