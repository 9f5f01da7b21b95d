"""Steps and exchanges as JSON for other programs."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import asdict
from typing import Any

from trace_ops import wire
from trace_ops.exchange import Body, Exchange, Failure, Outcome, Request, Stream
from trace_ops.exporters import span_header
from trace_ops.trace import Span


def dump(value: Any) -> None:
    """Write a value to stdout."""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=encoding != "utf8") + "\n")


def span(of: Span) -> dict[str, Any]:
    """A step without its exchange, and what its answer says."""
    return {**span_header(of), "text": None if of.exchange is None else wire.summarise(of.exchange).text}


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
