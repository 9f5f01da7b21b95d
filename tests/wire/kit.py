"""Exchanges as short as a test can state them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from trace_ops.exchange import Body, Exchange, Failure, Request, Response, Stream


def answered(body: Any, *, path: str = "/v1/x", request: Any = None, status: int = 200) -> Exchange:
    """A call with a JSON answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("openai", _request(path, request), Response(status, [], Body(raw)))


def streamed(
    events: Sequence[Any], *, path: str = "/v1/x", request: Any = None, named: bool = False
) -> Exchange:
    """A call with a stream of events: JSON values, or blocks as text."""
    blocks = []
    for event in events:
        head = f"event: {event['type']}\n" if named and isinstance(event, dict) else ""
        blocks.append(event if isinstance(event, str) else f"{head}data: {json.dumps(event)}\n\n")
    return Exchange("openai", _request(path, request), Response(200, [], Stream(blocks, [0] * len(blocks))))


def failed(request: Any = None, path: str = "/v1/x") -> Exchange:
    """A call that got no answer."""
    return Exchange("openai", _request(path, request), Failure("ReadTimeout", "timed out"))


def _request(path: str, body: Any) -> Request:
    return Request("POST", path, body=None if body is None else Body(json.dumps(body).encode()))
