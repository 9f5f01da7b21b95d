"""How large cassettes are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import _calls
from benchmarks._report import Row, sizes
from benchmarks._scale import Scale
from trace_ops import Recorder, load_cassette
from trace_ops.double import ProviderDouble, ToolUse, Turn
from trace_ops.exchange import Response
from trace_ops.trace import Trace

TITLE = "Size of a cassette"
HOW = """\
An agent of 20 turns, each with a tool call and its result, sends the whole conversation every time; its
cassette is beside the bytes of its last request and of all its responses, without any headers. Streams
of 100 chunks are beside their bytes on the wire."""

_TURNS = 20
_TOOL = {
    "name": "search",
    "description": "Search the log of the harbour.",
    "schema": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
}


def run(scale: Scale) -> Iterator[Row]:
    """Agents, then streams."""
    for name, agent in (("openai", _openai_agent), ("anthropic", _claude_agent)):
        path = scale.directory / f"agent-{name}.yaml"
        with ProviderDouble() as double:
            double.script(*_turns())
            with Recorder(path) as rec:
                agent(double.url)
        needed = _last_request(rec.trace) + sum(_responses(rec.trace))
        yield sizes(f"{name} agent, {_TURNS} turns", _bytes(path), "last request, all responses", needed, 1.5)
    for api in (_calls.CHAT_STREAM, _calls.CLAUDE_STREAM):
        for count in (1, 10):
            path = _calls.cassette(api, count, scale.directory / "streams.yaml")
            raw = sum(_responses(load_cassette(path)))
            yield sizes(f"{count} x {api.name}", _bytes(path), "raw SSE", raw, 1 / 3)


def _turns() -> Iterator[Turn]:
    for number in range(_TURNS - 1):
        yield Turn(
            text=_calls.CHAT.prompt(number)[:120],
            calls=(ToolUse("search", {"query": _calls.CHAT.prompt(number)[20:60]}),),
        )
    yield Turn(text=_calls.CHAT.prompt(_TURNS))


def _found(number: int) -> str:
    return f"Result {number}: {_calls.CHAT.prompt(1000 + number)}"


def _openai_agent(url: str) -> None:
    client = _calls.CHAT.client(url)
    function = {
        "name": _TOOL["name"],
        "description": _TOOL["description"],
        "parameters": _TOOL["schema"],
    }
    messages: list[Any] = [
        {"role": "system", "content": _calls.CHAT.prompt(0)},
        {"role": "user", "content": "Which ships may swap berths?"},
    ]
    for number in range(_TURNS):
        answer = client.chat.completions.create(
            model="gpt-5-mini", messages=messages, tools=[{"type": "function", "function": function}]
        )
        message = answer.choices[0].message
        messages.append(message.to_dict())
        for call in message.tool_calls or ():
            messages.append({"role": "tool", "tool_call_id": call.id, "content": _found(number)})


def _claude_agent(url: str) -> None:
    client = _calls.CLAUDE.client(url)
    tool = {"name": _TOOL["name"], "description": _TOOL["description"], "input_schema": _TOOL["schema"]}
    messages: list[Any] = [{"role": "user", "content": "Which ships may swap berths?"}]
    for number in range(_TURNS):
        answer = client.messages.create(
            model="claude-sonnet-5-5",
            max_tokens=500,
            system=_calls.CHAT.prompt(0),
            messages=messages,
            tools=[tool],
        )
        messages.append({"role": "assistant", "content": [block.to_dict() for block in answer.content]})
        results = [
            {"type": "tool_result", "tool_use_id": block.id, "content": _found(number)}
            for block in answer.content
            if block.type == "tool_use"
        ]
        if results:
            messages.append({"role": "user", "content": results})


def _last_request(trace: Trace) -> int:
    exchange = trace.spans[-1].exchange
    assert exchange is not None
    assert exchange.request.body is not None
    return len(exchange.request.body.raw)


def _responses(trace: Trace) -> Iterator[int]:
    for span in trace:
        assert span.exchange is not None
        outcome = span.exchange.outcome
        assert isinstance(outcome, Response)
        yield len(outcome.body.raw)


def _bytes(path: Path) -> int:
    return path.stat().st_size
