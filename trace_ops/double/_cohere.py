"""Cohere's chat of both versions, embeddings and re-ranking."""

from __future__ import annotations

import json
from typing import Any

from trace_ops.double import _openai_chat
from trace_ops.double._author import Prompt, Tool, Turn, tokens
from trace_ops.double._openai_rest import vector
from trace_ops.double._reply import Reply, compact, dense, event
from trace_ops.double._request import Incoming


def chat(incoming: Incoming) -> Reply:
    """``POST /v2/chat``."""
    body = incoming.body
    turn: Turn = incoming.author(_openai_chat.prompt(body, str(body.get("model"))))
    name, calls = incoming.mint.hex("", 32), _calls(incoming, turn)
    finish, usage = "TOOL_CALL" if calls else "COMPLETE", _usage(turn)
    if body.get("stream"):
        return Reply(events=_events(name, turn, calls, finish, usage), content_type="text/event-stream")
    message: dict[str, Any] = {"role": "assistant"}
    if calls:
        message |= {"tool_plan": f"I will use {calls[0]['function']['name']}.", "tool_calls": calls}
    else:
        message["content"] = [{"type": "text", "text": turn.text}]
    return compact({"id": name, "message": message, "finish_reason": finish, "usage": usage})


def _calls(incoming: Incoming, turn: Turn) -> list[dict[str, Any]]:
    return [
        {
            "id": incoming.mint(f"{call.name}_", 12),
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
        }
        for call in turn.calls
    ]


def _usage(turn: Turn) -> dict[str, Any]:
    counts = {"input_tokens": 11, "output_tokens": len(tokens(turn.text)) + 8 * len(turn.calls)}
    return {"billed_units": counts, "tokens": counts, "cached_tokens": 0}


def _events(
    name: str, turn: Turn, calls: list[dict[str, Any]], finish: str, usage: dict[str, Any]
) -> list[bytes]:
    def sent(kind: str, message: Any = None, **fields: Any) -> bytes:
        delta = {} if message is None else {"delta": {"message": message}}
        return event({"type": kind} | fields | delta, kind)

    empty = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    events = [sent("message-start", empty, id=name)]
    if calls:
        events += [sent("tool-plan-delta", {"tool_plan": piece}) for piece in ("I will", " use it.")]
    else:
        events.append(sent("content-start", {"content": {"type": "text", "text": ""}}, index=0))
        events += [sent("content-delta", {"content": {"text": each}}, index=0) for each in tokens(turn.text)]
        events.append(sent("content-end", index=0))
    for index, call in enumerate(calls):
        started = call | {"function": call["function"] | {"arguments": ""}}
        events.append(sent("tool-call-start", {"tool_calls": started}, index=index))
        for piece in tokens(call["function"]["arguments"]):
            arguments = {"tool_calls": {"function": {"arguments": piece}}}
            events.append(sent("tool-call-delta", arguments, index=index))
        events.append(sent("tool-call-end", index=index))
    end = {"type": "message-end", "delta": {"finish_reason": finish, "usage": usage}}
    return [*events, event(end, "message-end")]


def chat_v1(incoming: Incoming) -> Reply:
    """``POST /v1/chat``, streamed as JSON a line."""
    body = incoming.body
    tools = tuple(Tool(tool["name"], _schema(tool)) for tool in body.get("tools") or ())
    results = tuple(
        (str((each.get("call") or {}).get("name")), dense(each.get("outputs")))
        for each in body.get("tool_results") or ()
    )
    turn: Turn = incoming.author(
        Prompt(str(body.get("model")), user=str(body.get("message", "")), tools=tools, results=results)
    )
    calls = [{"name": call.name, "parameters": dict(call.arguments)} for call in turn.calls]
    generation = incoming.mint.hex("", 32)
    answer: dict[str, Any] = {
        "response_id": incoming.mint.hex("", 32),
        "text": turn.text,
        "generation_id": generation,
        "chat_history": [
            {"role": "USER", "message": body.get("message")},
            {"role": "CHATBOT", "message": turn.text},
        ],
        "finish_reason": "COMPLETE",
        "meta": {"api_version": {"version": "1"}, **_usage(turn)},
    }
    if calls:
        answer["tool_calls"] = calls
    if not body.get("stream"):
        return compact(answer)
    lines: list[dict[str, Any]] = [{"event_type": "stream-start", "generation_id": generation}]
    lines += [{"event_type": "text-generation", "text": piece} for piece in tokens(turn.text)]
    if calls:
        lines.append({"event_type": "tool-calls-generation", "tool_calls": calls})
    end = {"event_type": "stream-end", "finish_reason": "COMPLETE", "response": answer}
    lines = [{"is_finished": False} | line for line in lines] + [{"is_finished": True} | end]
    return Reply(
        events=[f"{dense(line)}\n".encode() for line in lines], content_type="application/stream+json"
    )


def _schema(tool: dict[str, Any]) -> dict[str, Any]:
    named = tool.get("parameter_definitions") or {}
    return {"type": "object", "properties": {name: {"type": "string"} for name in named}}


def embed(incoming: Incoming) -> Reply:
    """``POST /v1/embed`` and ``/v2/embed``."""
    body = incoming.body
    texts = [str(text) for text in body.get("texts") or ()]
    vectors: Any = [vector(text, 8) for text in texts]
    kind = "embeddings_by_type" if body.get("embedding_types") else "embeddings_floats"
    answer = {
        "id": incoming.mint.hex("", 32),
        "texts": texts,
        "embeddings": {"float": vectors} if body.get("embedding_types") else vectors,
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": len(texts)}},
        "response_type": kind,
    }
    return compact(answer)


def rerank(incoming: Incoming) -> Reply:
    """``POST /v1/rerank`` and ``/v2/rerank``: the longest document first."""
    documents = incoming.body.get("documents") or ()
    order = sorted(range(len(documents)), key=lambda at: -len(str(documents[at])))
    results = [{"index": at, "relevance_score": 1 / (2 + place)} for place, at in enumerate(order)]
    return compact({"id": incoming.mint.hex("", 32), "results": results, "meta": {}})
