"""Cassettes to look at, and the command as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from trace_ops import cassette
from trace_ops.cli import cli
from trace_ops.exchange import Body, Exchange, Failure, Request, Response, Stream
from trace_ops.trace import Span, Trace, Usage


def replay(*args: object, env: dict[str, str] | None = None) -> Result:
    """Run a verb in this process, with nothing of the terminal these tests run in."""
    return CliRunner().invoke(cli, [str(arg) for arg in args], env={"COLUMNS": None, **(env or {})})


def replay_process(
    *args: object, env: dict[str, str] | None = None, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run ``replay`` as its own process, with nothing of the terminal these tests run in."""
    clean = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR")}
    command = [sys.executable, "-m", "trace_ops.cli", *map(str, args)]
    return subprocess.run(
        command,
        env=clean | (env or {}),
        input=typed,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def chat(number: int, said: str = "Hello!", asked: str = "Hi", **fields: Any) -> Span:
    """A chat completion."""
    request = {"model": "gpt-5", "messages": [{"role": "user", "content": asked}]}
    message = {"role": "assistant", "content": said}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}
    head = {"id": f"chatcmpl-{number}", "object": "chat.completion", "model": "gpt-5"}
    answer = {**head, "choices": [choice], "usage": usage}
    response = Response(200, [("content-type", "application/json")], _body(answer))
    return _call(number, request, response, **fields)


def conversation(number: int, messages: list[dict[str, Any]], answer: dict[str, Any], **fields: Any) -> Span:
    """A chat completion of which request and answer are given message by message."""
    choice = {"index": 0, "message": answer, "finish_reason": "stop"}
    usage = {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}
    body = {"object": "chat.completion", "model": "gpt-5", "choices": [choice], "usage": usage}
    return _call(number, {"model": "gpt-5", "messages": messages}, Response(200, [], _body(body)), **fields)


def streamed(number: int, pieces: Iterable[str], **fields: Any) -> Span:
    """A chat completion that is streamed."""
    request = {"model": "gpt-5", "messages": [{"role": "user", "content": "Go on"}], "stream": True}
    deltas: list[dict[str, Any]] = [{"content": piece} for piece in pieces]
    chunks = [
        {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": each}]} for each in deltas
    ]
    events = [*(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks), "data: [DONE]\n\n"]
    stream = Stream(events, [10 * i for i in range(len(events))])
    return _call(number, request, Response(200, [("content-type", "text/event-stream")], stream), **fields)


def refused(number: int, status: int, **fields: Any) -> Span:
    """A call that the provider answered with an error."""
    response = Response(status, [], _body({"error": {"message": "Slow down"}}))
    return _call(number, {"model": "gpt-5", "messages": []}, response, usage=None, cost_usd=None, **fields)


def unreachable(number: int) -> Span:
    """A call that no answer came to."""
    failure = Failure("ConnectTimeout", "timed out")
    return _call(
        number, {"model": "gpt-5", "messages": []}, failure, usage=None, cost_usd=None, error=failure
    )


def tool(number: int, name: str, given: Any, output: Any, parent: int | None = None) -> Span:
    """A tool that ran."""
    return Span(number, "tool", name, parent=parent, start_ms=5.0, ms=2.0, input=given, output=output)


def write(path: Path, *spans: Span, name: str = "sample", **header: Any) -> Path:
    """Save spans as a cassette."""
    header = {"recorded": datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)} | header
    libraries = {"TraceOps": "0.1.0", "python": "3.12.1", "openai": "3.52.0"}
    trace = Trace(name=name, spans=list(spans), libraries=libraries, **header)
    path.parent.mkdir(parents=True, exist_ok=True)
    cassette.save(cassette.Cassette(trace=trace), path)
    return path


def _call(number: int, request: Any, outcome: Response | Failure, **fields: Any) -> Span:
    exchange = Exchange("openai", Request("POST", "/chat/completions", body=_body(request)), outcome)
    defaults: dict[str, Any] = {"usage": Usage(12, 5), "cost_usd": 0.000125, "ms": 812.0, "model": "gpt-5"}
    start = 100.0 * (number - 1)
    return Span(
        number, "llm", "openai chat.completions", exchange=exchange, start_ms=start, **defaults | fields
    )


def _body(value: Any) -> Body:
    try:
        return Body(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
    except UnicodeEncodeError:  # half a character, which only an escape can spell
        return Body(json.dumps(value, separators=(",", ":")).encode())
