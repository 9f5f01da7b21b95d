"""Ollama's chat, generate, embeddings and models; streams are JSON a line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from trace_ops.double import _openai_chat
from trace_ops.double._author import Prompt, Turn, tokens
from trace_ops.double._openai_rest import vector
from trace_ops.double._reply import Reply, compact, dense
from trace_ops.double._request import Incoming


def chat(incoming: Incoming) -> Reply:
    """``POST /api/chat``."""
    body = incoming.body
    turn: Turn = incoming.author(_openai_chat.prompt(body, str(body.get("model"))))
    calls = [{"function": {"name": call.name, "arguments": dict(call.arguments)}} for call in turn.calls]

    def said(text: str, first: bool) -> dict[str, Any]:
        asked = {"tool_calls": calls} if calls and first else {}
        return {"message": {"role": "assistant", "content": text} | asked}

    return _reply(incoming, turn, said)


def generate(incoming: Incoming) -> Reply:
    """``POST /api/generate``."""
    body = incoming.body
    turn: Turn = incoming.author(Prompt(str(body.get("model")), user=str(body.get("prompt", ""))))
    return _reply(incoming, turn, lambda text, _: {"response": text})


def _reply(incoming: Incoming, turn: Turn, said: Callable[[str, bool], dict[str, Any]]) -> Reply:
    made = datetime.fromtimestamp(incoming.mint.created, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.123456Z")
    head = {"model": incoming.body.get("model"), "created_at": made}
    end = {
        "done": True,
        "done_reason": "stop",
        "total_duration": 4_883_583_458,
        "load_duration": 1_334_875,
        "prompt_eval_count": 26,
        "prompt_eval_duration": 342_546_000,
        "eval_count": len(tokens(turn.text)) + 8 * len(turn.calls),
        "eval_duration": 4_535_599_000,
    }
    if not incoming.body.get("stream", True):
        return compact(head | said(turn.text, True) | end)
    pieces = tokens(turn.text) or [""]
    lines = [head | said(piece, at == 0) | {"done": False} for at, piece in enumerate(pieces)]
    lines.append(head | said("", False) | end)
    return _lines(lines)


def _lines(lines: list[dict[str, Any]]) -> Reply:
    return Reply(events=[f"{dense(line)}\n".encode() for line in lines], content_type="application/x-ndjson")


def embed(incoming: Incoming) -> Reply:
    """``POST /api/embed``."""
    asked = incoming.body.get("input", "")
    texts = [asked] if isinstance(asked, str) else asked
    vectors = [vector(str(text), 8) for text in texts]
    return compact({"model": incoming.body.get("model"), "embeddings": vectors, "prompt_eval_count": 3})


def embeddings(incoming: Incoming) -> Reply:
    """``POST /api/embeddings``, for one text."""
    return compact({"embedding": vector(str(incoming.body.get("prompt", "")), 8)})


def tags(incoming: Incoming) -> Reply:
    """``GET /api/tags``."""
    return compact({"models": [{"model": "llama3.2", "size": 2_019_393_189, "digest": "a80c4f17acd5"}]})


def pull(incoming: Incoming) -> Reply:
    """``POST /api/pull``."""
    steps: list[dict[str, Any]] = [{"status": "pulling manifest"}, {"status": "success"}]
    return _lines(steps) if incoming.body.get("stream", True) else compact(steps[-1])
