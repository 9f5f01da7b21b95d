"""Traces and steps as JSON for other programs."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import asdict
from datetime import timezone
from typing import Any

from trace_ops import wire
from trace_ops.exchange import Body, Exchange, Failure, Outcome, Request, Stream
from trace_ops.trace import Span, Trace


def dump(value: Any) -> None:
    """Write a value to stdout."""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=encoding != "utf8") + "\n")


def trace(of: Trace) -> dict[str, Any]:
    """The header of a run and its totals."""
    return {
        "name": of.name,
        "recorded": None if of.recorded is None else of.recorded.astimezone(timezone.utc).isoformat(),
        "tags": of.tags,
        "metadata": of.metadata,
        "libraries": of.libraries,
        "uncaptured": of.uncaptured,
        "prices": of.prices,
        "totals": {
            "llm_calls": of.total_llm_calls,
            "tool_calls": of.total_tool_calls,
            "tokens": of.total_tokens,
            "cost_usd": of.total_cost_usd,
            "ms": of.duration_ms,
            "errors": len(of.errors),
        },
        "trajectory": of.trajectory,
    }


def span(of: Span) -> dict[str, Any]:
    """A step without its exchange."""
    return {
        "span": of.id,
        "parent": of.parent,
        "lane": of.lane,
        "kind": of.kind,
        "name": of.name,
        "model": of.model,
        "start_ms": of.start_ms,
        "ms": of.ms,
        "usage": None if of.usage is None else asdict(of.usage),
        "cost_usd": of.cost_usd,
        "tools": of.tools,
        "finish": of.finish,
        "error": None if of.error is None else asdict(of.error),
        "input": of.input,
        "output": of.output,
        "attributes": of.attributes,
        "links": [asdict(link) for link in of.links],
        "text": None if of.exchange is None else wire.summarise(of.exchange).text,
    }


def exchange(of: Exchange) -> dict[str, Any]:
    """What was sent and what came back, in full."""
    return {
        "provider": of.provider,
        "request": _request(of.request),
        "response": outcome(of.outcome),
        "retried": [outcome(each) for each in of.retried],
    }


def outcome(of: Outcome) -> dict[str, Any]:
    """One answer, or what came instead of it."""
    if isinstance(of, Failure):
        return {"error": asdict(of)}
    content = (
        {"events": list(of.body.events), "at_ms": list(of.body.at_ms)}
        if isinstance(of.body, Stream)
        else body(of.body)
    )
    return {
        "status": of.status,
        "headers": [list(pair) for pair in of.headers],
        **content,
        "end": of.end,
        "failure": None if of.failure is None else asdict(of.failure),
    }


def body(of: Body | None) -> dict[str, Any]:
    """A body under the name of the form it has: ``json``, ``text`` or ``base64``."""
    if of is None:
        return {}
    if of.json is not None or of.raw.strip() == b"null":
        return {"json": of.json}
    if of.text is not None:
        return {"text": of.text}
    return {"base64": base64.b64encode(of.raw).decode()}


def _request(of: Request) -> dict[str, Any]:
    return {
        "method": of.method,
        "path": of.path,
        "query": of.query,
        "headers": of.headers,
        "content_type": of.content_type,
        **body(of.body),
    }
