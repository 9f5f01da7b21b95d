"""OpenAI Responses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from trace_ops.trace import Usage
from trace_ops.wire import _chat
from trace_ops.wire._content import part
from trace_ops.wire._events import Payload, count, data_of, dicts
from trace_ops.wire._items import message, parts_of_item
from trace_ops.wire._output import output_of
from trace_ops.wire._values import Read, finish_of, kind_of, mapping, model_in, parts_of, take, word_of
from trace_ops.wire.messages import ChatRequest, ChatResponse, Finish, Message, Part

API = "openai.responses"

FINISH: dict[str, Finish] = {
    "completed": "stop",
    "max_output_tokens": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
    "failed": "error",
}
_UNFINISHED = ("in_progress", "queued")
# Tools that run on the caller's side; the provider's own (web search, MCP, ...) are not asked of anyone.
_NAMED_CALLS = ("function_call", "custom_tool_call")
_CALLS = ("computer_call", "local_shell_call", "shell_call", "apply_patch_call")
_LAST = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")


def request(body: dict[str, Any], path: str = "") -> ChatRequest:
    """What a model is asked: a message for each item of the input."""
    rest = dict(body)
    model = take(rest, "model", str) or model_in(path)
    given = rest.pop("input", None)
    if isinstance(given, list):
        messages = tuple(message(item, f"input.{at}") for at, item in enumerate(given))
    else:
        parts = tuple(parts_of(given, part, "input"))
        messages = (Message("user", parts, path="input"),) if parts else ()
    return ChatRequest(
        api=API,
        model=model,
        messages=messages,
        system=tuple(parts_of(rest.pop("instructions", None), part, "instructions")),
        tools=tuple(_chat.tool(tool) for tool in take(rest, "tools", list) or []),
        parameters=rest,
    )


def response(body: dict[str, Any]) -> ChatResponse:
    """What a model answered: all items of the output are one message."""
    rest = dict(body)
    model = take(rest, "model", str)
    output = take(rest, "output", list)
    status = rest.get("status")
    word = word_of(mapping(rest, "incomplete_details").get("reason") or status)
    finish = None if word in _UNFINISHED else finish_of(word, FINISH)
    answer = _answer(output or [])
    if finish == "stop" and any(not call.server for call in answer.tool_calls):
        finish = "tool_calls"
    answered = output is not None
    return ChatResponse(
        api=API,
        model=model,
        messages=(answer,) if answered else (),
        finish=(finish,) if answered else (),
        finish_words=(word,) if answered else (),
        usage=usage(rest.get("usage")),
        error=rest.pop("error", None),
        complete=status not in _UNFINISHED,
        extra=rest,
    )


def assemble(events: Iterable[Payload]) -> ChatResponse:
    """A streamed answer: its last event holds it all; one that was cut short is put together."""
    seen = list(dicts(events))
    whole: dict[str, Any] = {}
    last = False
    error: Any = None
    for event in seen:
        kind = event.get("type")
        if kind == "error":
            error = event.get("error") or event
        elif isinstance(event.get("response"), dict):
            whole = {**whole, **event["response"]}
            last = last or kind in _LAST
    if not (last and whole.get("output")):
        # Some gateways leave the output out of the last event.
        whole["output"] = output_of(seen) or whole.get("output") or []
    found = response(whole)
    return replace(found, complete=last and error is None, error=error or found.error)


def _answer(output: list[Any]) -> Message:
    """All items as one message; ids and states of those that are messages stay by their number."""
    parts: list[Part] = []
    extra: dict[str, Any] = {}
    for at, item in enumerate(output):
        if kind_of(item, "") == "message":
            turn = message(item, "output")
            parts += turn.parts
            if turn.extra:
                extra[str(at)] = turn.extra
        else:
            parts += parts_of_item(item)
    return Message("assistant", tuple(parts), path="output", extra=extra or None)


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
    details = mapping(given, "input_tokens_details")
    if read_in is None and written is None:
        return None
    return Usage(
        input=read_in,
        output=written,
        cache_read=count(details.get("cached_tokens")),
        cache_write=count(details.get("cache_write_tokens")),
        reasoning=count(mapping(given, "output_tokens_details").get("reasoning_tokens")),
    )


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
