"""The recorded runs of the corpus beside the checkout, as traces."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from trace_ops import _summarise, wire
from trace_ops.exchange import Body, Exchange, Request, Response, Stream
from trace_ops.trace import Span, Trace
from trace_ops.wire import eventstream

DATA = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "dev.jsonl.zst"
CHATS = frozenset(
    {
        "openai.chat",
        "openai.responses",
        "openai.completions",
        "anthropic.messages",
        "google.generateContent",
        "bedrock.converse",
        "bedrock.invoke",
        "cohere.chat",
        "mistral.chat",
        "ollama.chat",
        "ollama.generate",
    }
)
"""The APIs whose calls generate."""

Record = dict[str, Any]


def records(path: Path = DATA) -> Iterator[Record]:
    """All exchanges, in the order of the file."""
    import zstandard

    with path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file)
        for line in io.TextIOWrapper(reader, encoding="utf-8"):
            yield json.loads(line)


def runs(path: Path = DATA) -> Iterator[tuple[str, list[Record]]]:
    """Runs of more than one call that generates, in order: their name and those calls."""
    groups: dict[str, list[Record]] = {}
    for record in records(path):
        if record["api"] in CHATS and isinstance(record["request_body"], dict):
            groups.setdefault(record["cassette_group"], []).append(record)
    for name, calls in groups.items():
        if len(calls) > 1:
            yield name, calls


def trace(calls: list[Record]) -> Trace:
    """The trace that a recorder would have made of these calls."""
    spans = []
    for number, record in enumerate(calls, 1):
        exchange = _exchange(record)
        kind, label = wire.operation(exchange.provider, exchange.request.method, exchange.request.path)
        span = Span(number, kind, f"{exchange.provider} {label}", ms=100.0, start_ms=number * 150.0)
        span.exchange = exchange
        _summarise.summarise(span)
        spans.append(span)
    return Trace(name="corpus", spans=spans)


def _exchange(record: Record) -> Exchange:
    url = urlsplit(record["url"])
    sent = json.dumps(record["request_body"], ensure_ascii=False, separators=(",", ":")).encode()
    request = Request(record["method"], url.path, url.query, body=Body(sent))
    headers = [(name.lower(), str(value)) for name, value in (record["response_headers"] or {}).items()]
    return Exchange(record["provider"], request, Response(record["status"], headers, _answer(record)))


def _answer(record: Record) -> Body | Stream:
    if record.get("response_text") is not None:
        text = record["response_text"]
        if record["is_stream"] and re.match(r"\s*(?:event|data|id|retry)?:", text):
            events = [event for event in re.split(r"(?<=\n\n)|(?<=\r\n\r\n)", text) if event]
            return Stream(events, list(range(len(events))))
        return Body(text.encode("utf-8", "surrogateescape"))
    if record.get("response_b64") is not None:
        raw = base64.b64decode(record["response_b64"])
        frames = eventstream.events_of(raw) if record["is_stream"] else None
        return Body(raw) if frames is None else Stream(frames, list(range(len(frames))))
    return Body(json.dumps(record["response_body"], ensure_ascii=False, separators=(",", ":")).encode())
