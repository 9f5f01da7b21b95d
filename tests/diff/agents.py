"""Agent runs from a plan, so that an edit of the plan has the consequences it would have in a real run.

A conversation grows: each request repeats what was said, answers and tool results flow into later requests.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from trace_ops.exchange import Body, Exchange, Request, Response
from trace_ops.trace import Span, Trace, Usage

Api = Literal["chat", "responses", "messages"]
Key = tuple[Any, ...]
"""Names a step of a plan: ``(talk, turn)`` an LLM call, ``(talk, turn, n)`` a tool, ``(talk,)`` the agent."""

_PATHS = {"chat": "/chat/completions", "responses": "/responses", "messages": "/v1/messages"}


@dataclass
class Call:
    """A tool that an answer asks for, and what it gives."""

    name: str
    arguments: dict[str, Any]
    result: Any


@dataclass
class Turn:
    """One LLM call: what the user says before it, if anything, what is answered, and which tools then run."""

    answer: str
    asked: str | None = None
    calls: list[Call] = field(default_factory=list)
    model: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    hidden: bool = False


@dataclass
class Talk:
    """One conversation. ``agent``: in a span of its own. ``parallel``: beside neighbours that are too."""

    system: str
    turns: list[Turn]
    name: str = ""
    model: str = "gpt-5"
    agent: bool = True
    parallel: bool = False
    gone: bool = False


@dataclass
class Run:
    """A trace, and which span each step of the plan became."""

    trace: Trace
    ids: dict[Key, int]


def run(talks: list[Talk], api: Api = "chat", seed: int = 0) -> Run:
    """The trace of a plan. The seed decides ids, the numbers of lanes, and how parallel talks interleave."""
    rng = random.Random(seed)
    made = Run(Trace("test"), {})
    lanes = list(range(1, len(talks) + 1))
    rng.shuffle(lanes)
    for group in _groups(talks):
        beside = len(group) > 1
        pending = [_steps(made, talks[n], n, lanes[n] if beside else 0, api, rng) for n in group]
        while pending:
            steps = rng.choice(pending)
            if next(steps, None) is None:
                pending.remove(steps)
    return made


def _groups(talks: list[Talk]) -> list[list[int]]:
    groups: list[list[int]] = []
    for number, talk in enumerate(talks):
        if talk.parallel and groups and talks[groups[-1][-1]].parallel:
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups


def _begin(made: Run, key: Key, kind: Any, name: str, **fields: Any) -> Span:
    spans = made.trace.spans
    span = Span(len(spans) + 1, kind, name, start_ms=len(spans) * 10.0, ms=5.0, **fields)
    spans.append(span)
    made.ids[key] = span.id
    return span


def _steps(made: Run, talk: Talk, number: int, lane: int, api: Api, rng: random.Random) -> Iterator[Span]:
    if talk.gone:
        return
    where: dict[str, Any] = {"lane": lane}
    around = None
    if talk.agent:
        first = talk.turns[0].asked if talk.turns else None
        around = _begin(made, (number,), "agent", talk.name or f"agent {number}", input=first, **where)
        where["parent"] = around.id
        yield around
    said: list[Any] = []
    previous: str | None = None
    for place, turn in enumerate(talk.turns):
        fresh: list[Any] = []
        if turn.asked is not None:
            fresh.append({"role": "user", "content": turn.asked})
        ids = [f"call_{rng.randbytes(8).hex()}" for _ in turn.calls]
        said += fresh
        if not turn.hidden:
            yield _llm(made, (number, place), talk, turn, said, ids, api, where, rng)
        _say(said, turn, ids, api)
        for index, call in enumerate(turn.calls):
            if call.name.startswith("unseen"):
                continue
            yield _begin(
                made,
                (number, place, index),
                "tool",
                call.name,
                input=call.arguments,
                output=call.result,
                **where,
            )
        previous = turn.answer
    if around is not None:
        around.output = previous


def _llm(
    made: Run,
    key: Key,
    talk: Talk,
    turn: Turn,
    said: list[Any],
    ids: list[str],
    api: Api,
    where: dict[str, Any],
    rng: random.Random,
) -> Span:
    model = turn.model or talk.model
    body: dict[str, Any] = {"model": model, **turn.parameters}
    if api == "chat":
        body["messages"] = [{"role": "system", "content": talk.system}, *said]
    elif api == "responses":
        body |= {"instructions": talk.system, "input": list(said)}
    else:
        body |= {"system": talk.system, "max_tokens": 100, "messages": list(said)}
    exchange = Exchange(
        "anthropic" if api == "messages" else "openai",
        Request("POST", _PATHS[api], body=_body(body)),
        Response(200, [], _body(_answer(turn, ids, model, api, rng))),
    )
    fields = {"exchange": exchange, "model": model, "usage": Usage(100, 10), **where}
    return _begin(
        made, key, "llm", f"{exchange.provider} {api}", tools=[call.name for call in turn.calls], **fields
    )


def _body(value: Any) -> Body:
    return Body(json.dumps(value).encode())


def _answer(turn: Turn, ids: list[str], model: str, api: Api, rng: random.Random) -> dict[str, Any]:
    answer_id = rng.randbytes(8).hex()
    calls = list(zip(ids, turn.calls))
    if api == "chat":
        message: dict[str, Any] = {"role": "assistant", "content": turn.answer, "refusal": None}
        if calls:
            message["tool_calls"] = _chat_calls(calls)
        finish = "tool_calls" if calls else "stop"
        return {
            "id": f"chatcmpl-{answer_id}",
            "object": "chat.completion",
            "created": rng.randrange(10**9),
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }
    if api == "responses":
        text = {"type": "output_text", "text": turn.answer, "annotations": []}
        item = {"type": "message", "id": f"msg_{answer_id}", "role": "assistant", "status": "completed"}
        output = [{**item, "content": [text]}, *_items(calls)]
        return {
            "id": f"resp_{answer_id}",
            "object": "response",
            "created_at": rng.randrange(10**9),
            "model": model,
            "status": "completed",
            "output": output,
            "usage": {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110},
        }
    return {
        "id": f"msg_{answer_id}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": turn.answer}, *_blocks(calls)],
        "stop_reason": "tool_use" if calls else "end_turn",
        "usage": {"input_tokens": 100, "output_tokens": 10},
    }


def _say(said: list[Any], turn: Turn, ids: list[str], api: Api) -> None:
    """Add an answer and the results of its tools to a conversation."""
    calls = list(zip(ids, turn.calls))
    results = [(id_, _text(call.result)) for id_, call in calls]
    if api == "chat":
        message: dict[str, Any] = {"role": "assistant", "content": turn.answer}
        said.append({**message, "tool_calls": _chat_calls(calls)} if calls else message)
        said += [{"role": "tool", "tool_call_id": id_, "content": text} for id_, text in results]
    elif api == "responses":
        said.append({"role": "assistant", "content": [{"type": "output_text", "text": turn.answer}]})
        said += _items(calls)
        said += [{"type": "function_call_output", "call_id": id_, "output": text} for id_, text in results]
    else:
        said.append(
            {"role": "assistant", "content": [{"type": "text", "text": turn.answer}, *_blocks(calls)]}
        )
        if results:
            blocks = [{"type": "tool_result", "tool_use_id": id_, "content": text} for id_, text in results]
            said.append({"role": "user", "content": blocks})


def _text(result: Any) -> str:
    return result if isinstance(result, str) else json.dumps(result)


def _chat_calls(calls: list[tuple[str, Call]]) -> list[dict[str, Any]]:
    return [
        {
            "id": id_,
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(call.arguments)},
        }
        for id_, call in calls
    ]


def _items(calls: list[tuple[str, Call]]) -> list[dict[str, Any]]:
    return [
        {"type": "function_call", "call_id": id_, "name": call.name, "arguments": json.dumps(call.arguments)}
        for id_, call in calls
    ]


def _blocks(calls: list[tuple[str, Call]]) -> list[dict[str, Any]]:
    return [
        {"type": "tool_use", "id": id_, "name": call.name, "input": call.arguments} for id_, call in calls
    ]
