"""Streamed bodies as text: where an event or a line ends, and which event ends a stream."""

from __future__ import annotations

import json
import re

_BOUNDARY = re.compile(r"(?:\r\n|\n|\r)(?:\r\n|\n|\r)+")
_TERMINAL = re.compile(
    r"data: ?\[DONE\]"
    r"|event: ?(?:message_stop|response\.(?:completed|failed|incomplete|cancelled)|error|done)\s"
)


def split_events(text: str) -> list[str]:
    """Split a body after each blank line, keeping every character: joined, the blocks are the body."""
    events, last = [], 0
    for match in _BOUNDARY.finditer(text):
        events.append(text[last : match.end()])
        last = match.end()
    if last < len(text):
        events.append(text[last:])
    return events


def split_lines(text: str) -> list[str]:
    """Split a body of JSON a line after each line feed, keeping every character."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def is_terminal(event: str) -> bool:
    """Whether a provider sends nothing after this event, so that a reader may stop without losing any."""
    if event.startswith("{"):
        return event.endswith("\n") and _is_last_line(event)
    return _TERMINAL.match(event) is not None


def _is_last_line(line: str) -> bool:
    """Ollama's and Cohere's word for it."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return said.get("done") is True or said.get("is_finished") is True
