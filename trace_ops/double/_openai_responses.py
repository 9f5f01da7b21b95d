"""The Responses API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from trace_ops.double._author import Prompt, Tool, Turn, tokens
from trace_ops.double._openai_chat import text_of
from trace_ops.double._reply import Rejection, Reply, event, pretty, server_sent
from trace_ops.double._request import Incoming

Item = dict[str, Any]


def create(incoming: Incoming) -> Reply:
    """``POST /responses``."""
    body = incoming.body
    items = _history(incoming) + _input_items(body.get("input"))
    model = str(body.get("model", "gpt-5"))
    turn = incoming.author(_prompt(body, model, items))
    output = _output(incoming, turn)
    response = _response(incoming, model, items, output)
    if body.get("store") is not False:
        responses = incoming.store.setdefault("responses", {})
        responses[response["id"]] = {"response": response, "items": items + output}
    if body.get("stream"):
        return server_sent([event(each, each["type"]) for each in _events(incoming, response)])
    return pretty(response)


def retrieve(incoming: Incoming) -> Reply:
    """``GET /responses/{id}``."""
    return pretty(_stored(incoming, incoming.groups["id"], 404)["response"])


def delete(incoming: Incoming) -> Reply:
    """``DELETE /responses/{id}``."""
    _stored(incoming, incoming.groups["id"], 404)
    del incoming.store["responses"][incoming.groups["id"]]
    return pretty({"id": incoming.groups["id"], "object": "response", "deleted": True})


def input_items(incoming: Incoming) -> Reply:
    """``GET /responses/{id}/input_items``: newest first, ``limit`` a page."""
    stored = _stored(incoming, incoming.groups["id"], 404)
    items = [
        {"id": f"msg_{place:024d}", "type": "message", "status": "completed"} | item
        for place, item in enumerate(stored["items"])
        if item.get("type") in (None, "message")
    ][::-1]
    return pretty(page(items, incoming))


def input_tokens(incoming: Incoming) -> Reply:
    """``POST /responses/input_tokens``."""
    count = _asked(_history(incoming) + _input_items(incoming.body.get("input")))
    return pretty({"object": "response.input_tokens", "input_tokens": count})


def page(items: list[Any], incoming: Incoming, limit: int = 20) -> dict[str, Any]:
    """One cursor page of ``items`` by the ``after`` and ``limit`` of the query."""
    after = incoming.query.get("after")
    ids = [item["id"] for item in items]
    start = ids.index(after) + 1 if after in ids else 0
    limit = int(incoming.query.get("limit", limit))
    data = items[start : start + limit]
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": start + limit < len(items),
    }


def _stored(incoming: Incoming, name: str, status: int) -> dict[str, Any]:
    found: dict[str, Any] | None = incoming.store.get("responses", {}).get(name)
    if found is None:
        raise Rejection(status, f"Response with id '{name}' not found.", "previous_response_not_found")
    return found


def _history(incoming: Incoming) -> list[Item]:
    previous = incoming.body.get("previous_response_id")
    return list(_stored(incoming, previous, 400)["items"]) if previous else []


def _input_items(value: Any) -> list[Item]:
    if isinstance(value, str):
        return [{"role": "user", "content": [{"type": "input_text", "text": value}]}]
    return [dict(item) for item in value or ()]


def _prompt(body: dict[str, Any], model: str, items: list[Item]) -> Prompt:
    user, results, names = "", list[tuple[str, str]](), dict[str, str]()
    for item in items:
        kind = item.get("type", "message")
        if kind == "message" and item.get("role") == "user":
            user, results = text_of(item.get("content")), []
        elif kind == "function_call":
            names[str(item.get("call_id"))] = str(item.get("name"))
        elif kind == "function_call_output":
            results.append((names.get(str(item.get("call_id")), "tool"), str(item.get("output"))))
    wanted = (body.get("text") or {}).get("format") or {}
    choice = body.get("tool_choice") or "auto"
    return Prompt(
        model=model,
        user=user,
        system=str(body.get("instructions") or ""),
        tools=tuple(
            Tool(tool["name"], tool.get("parameters") or {})
            for tool in body.get("tools") or ()
            if tool.get("type") == "function"
        ),
        results=tuple(results),
        schema=wanted.get("schema"),
        choice=choice if isinstance(choice, str) else str(choice.get("name", "auto")),
        reasons=bool(body.get("reasoning")),
    )


def _output(incoming: Incoming, turn: Turn) -> list[Item]:
    output: list[Item] = []
    if turn.reasoning:
        summary = [{"type": "summary_text", "text": turn.reasoning}]
        output.append({"id": incoming.mint.hex("rs_", 48), "type": "reasoning", "summary": summary})
    if turn.text or turn.refusal:
        part: Item = {"type": "output_text", "annotations": [], "logprobs": [], "text": turn.text}
        if turn.refusal:
            part = {"type": "refusal", "refusal": turn.refusal}
        output.append(
            {
                "id": incoming.mint.hex("msg_", 48),
                "type": "message",
                "status": "completed",
                "content": [part],
                "role": "assistant",
            }
        )
    return output + [
        {
            "id": incoming.mint.hex("fc_", 48),
            "type": "function_call",
            "status": "completed",
            "arguments": json.dumps(dict(call.arguments)),
            "call_id": incoming.mint("call_"),
            "name": call.name,
        }
        for call in turn.calls
    ]


def _asked(items: list[Item]) -> int:
    return sum(3 + len(tokens(text_of(item.get("content")) or str(item.get("output", "")))) for item in items)


def _response(incoming: Incoming, model: str, items: list[Item], output: list[Item]) -> dict[str, Any]:
    body = incoming.body
    asked, written = _asked(items), sum(len(tokens(json.dumps(item))) for item in output)
    return {
        "id": incoming.mint.hex("resp_", 48),
        "object": "response",
        "created_at": incoming.mint.created,
        "status": "completed",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "max_tool_calls": None,
        "model": model,
        "output": output,
        "parallel_tool_calls": body.get("parallel_tool_calls", True),
        "previous_response_id": body.get("previous_response_id"),
        "prompt_cache_key": None,
        "reasoning": body.get("reasoning") or {"effort": None, "summary": None},
        "safety_identifier": None,
        "service_tier": "default",
        "store": body.get("store", True),
        "temperature": body.get("temperature", 1.0),
        "text": body.get("text") or {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools", []),
        "top_logprobs": 0,
        "top_p": body.get("top_p", 1.0),
        "truncation": "disabled",
        "usage": {
            "input_tokens": asked,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": asked + written,
        },
        "user": None,
        "metadata": body.get("metadata") or {},
    }


def _events(incoming: Incoming, response: dict[str, Any]) -> Iterator[dict[str, Any]]:
    pending = response | {"status": "in_progress", "output": [], "usage": None}
    inner: list[dict[str, Any]] = [{"type": "response.created", "response": pending}]
    inner.append({"type": "response.in_progress", "response": pending})
    for index, item in enumerate(response["output"]):
        inner.append({"type": "response.output_item.added", "output_index": index, "item": _begun(item)})
        inner.extend(_item_events(incoming, index, item))
        inner.append({"type": "response.output_item.done", "output_index": index, "item": item})
    inner.append({"type": "response.completed", "response": response})
    for number, each in enumerate(inner):
        yield {"type": each["type"], "sequence_number": number} | each


def _begun(item: Item) -> Item:
    empty: dict[str, Item] = {
        "reasoning": {"summary": []},
        "message": {"status": "in_progress", "content": []},
        "function_call": {"status": "in_progress", "arguments": ""},
    }
    return item | empty[item["type"]]


def _item_events(incoming: Incoming, index: int, item: Item) -> Iterator[dict[str, Any]]:
    at: dict[str, Any] = {"item_id": item["id"], "output_index": index}
    if item["type"] == "function_call":
        for piece in tokens(item["arguments"]):
            yield _delta(incoming, "response.function_call_arguments", at, piece)
        done = {"name": item["name"], "arguments": item["arguments"]}
        yield {"type": "response.function_call_arguments.done"} | at | done
        return
    if item["type"] == "reasoning":
        at |= {"summary_index": 0}
        part, name, field = item["summary"][0], "response.reasoning_summary_text", "text"
        around = "response.reasoning_summary_part"
    else:
        at |= {"content_index": 0}
        part = item["content"][0]
        field = "refusal" if part["type"] == "refusal" else "text"
        name = "response.refusal" if field == "refusal" else "response.output_text"
        around = "response.content_part"
    extra: dict[str, Any] = {"logprobs": []} if name == "response.output_text" else {}
    yield {"type": f"{around}.added"} | at | {"part": part | {field: ""}}
    for piece in tokens(part[field]):
        yield _delta(incoming, name, at, piece) | extra
    yield {"type": f"{name}.done"} | at | {field: part[field]} | extra
    yield {"type": f"{around}.done"} | at | {"part": part}


def _delta(incoming: Incoming, name: str, at: dict[str, Any], piece: str) -> dict[str, Any]:
    return (
        {"type": f"{name}.delta"} | at | {"delta": piece, "obfuscation": incoming.mint("", 16 - len(piece))}
    )
