"""An answer before faults, compression and framing are applied to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Reply:
    """A whole body, or with ``events`` one that is sent piece by piece."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    events: list[bytes] | None = None


class Rejection(Exception):
    """An endpoint refuses the request: sent as the provider's error with that status."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


def pretty(value: Any, status: int = 200) -> Reply:
    """JSON as OpenAI writes it: indented by two."""
    return Reply(json.dumps(value, indent=2, ensure_ascii=False).encode(), status)


def compact(value: Any, status: int = 200) -> Reply:
    """JSON as Anthropic and Azure write it."""
    return Reply(dense(value).encode(), status)


def dense(value: Any) -> str:
    """JSON text without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def server_sent(events: Sequence[bytes]) -> Reply:
    """A stream of server-sent events."""
    return Reply(events=list(events), content_type="text/event-stream; charset=utf-8")


def event(data: Mapping[str, Any] | str, name: str | None = None, padding: int = 0) -> bytes:
    """One server-sent event. ``padding`` blanks go before the last brace, as Anthropic does."""
    text = data if isinstance(data, str) else dense(data)
    if padding:
        text = f"{text[:-1]}{' ' * padding}}}"
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {text}\n\n".encode()
