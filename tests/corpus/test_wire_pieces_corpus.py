"""What the events of real streams say, put together, is what the assemblers read."""

from __future__ import annotations

import base64
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from trace_ops.exchange import Body, Exchange, Request, Response, Stream
from trace_ops.wire import api_of, read_response, said
from trace_ops.wire.eventstream import events_of
from trace_ops.wire.messages import Message, ReasoningPart, RefusalPart, TextPart, ToolCallPart
from trace_ops.wire.sse import split_events, split_lines

DATA = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "dev.jsonl.zst"
# Of these there must be some at least; of other formats the corpus has few streams.
MANY = {
    "openai.chat": 350,
    "openai.responses": 230,
    "anthropic.messages": 250,
    "google.generateContent": 100,
    "bedrock.converse": 35,
    "openai.completions": 20,
    "mistral.chat": 15,
    "cohere.chat.v2": 10,
    "anthropic.complete": 5,
    "bedrock.invoke": 5,
}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"),
]


def test_the_pieces_of_every_stream_are_its_answer() -> None:
    compared: Counter[str] = Counter()
    for name, exchange, events in _streams():
        api, answer = api_of(exchange), read_response(exchange)
        if api is None or answer is None:
            continue
        told = said(api, events)
        message = answer.messages[0] if answer.messages else Message("assistant", ())
        assert len(told) == len(events)
        assert _joined(told, "text") == _text(message), name
        assert _joined(told, "reasoning") == _thoughts(message), name
        _check_calls(_joined(told, "tool_call"), message, name)
        compared[api] += 1

    assert compared == compared | Counter(MANY), compared


def _joined(told: list[Any], kind: str) -> str:
    return "".join(piece.text for pieces in told for piece in pieces if piece.type == kind)


def _text(message: Message) -> str:
    return "".join(part.content for part in message.parts if isinstance(part, (TextPart, RefusalPart)))


def _thoughts(message: Message) -> str:
    return "".join(part.content or "" for part in message.parts if isinstance(part, ReasoningPart))


def _check_calls(told: str, message: Message, name: str) -> None:
    """Each call of a tool is its name and its arguments, in the order of the answer."""
    rest = told
    for number, call in enumerate(message.tool_calls):
        head = f"\n{call.name} " if number else f"{call.name} "
        assert rest.startswith(head), name
        rest = _after_arguments(rest[len(head) :], call, name)
    assert not rest.strip(), name


def _after_arguments(rest: str, call: ToolCallPart, name: str) -> str:
    if call.server and isinstance(call.arguments, dict):
        # The provider's own tools show their code, or arguments that are not read further.
        shown = call.arguments.get("code") or call.arguments.get("arguments")
        if isinstance(shown, str) and rest.startswith(shown):
            return rest[len(shown) :]
    if call.arguments == {} and not rest.startswith("{"):
        return rest
    value, end = json.JSONDecoder().raw_decode(rest)
    assert value == call.arguments, name
    return rest[end:]


def _streams() -> Iterator[tuple[str, Exchange, Sequence[str]]]:
    zstandard = pytest.importorskip("zstandard", reason="the corpus is compressed with zstandard")
    with DATA.open("rb") as file:
        for record in map(json.loads, io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file))):
            events = _events(record)
            if not record["is_stream"] or record["status"] >= 400 or events is None:
                continue
            body = Body(json.dumps(record["request_body"]).encode())
            request = Request(record["method"], urlsplit(record["url"]).path, body=body)
            stream = Stream(events, [0] * len(events))
            yield record["id"], Exchange(record["provider"], request, Response(200, [], stream)), events


def _events(record: dict[str, Any]) -> list[str] | None:
    if "response_b64" in record:
        return events_of(base64.b64decode(record["response_b64"]))
    text = record.get("response_text")
    if text is None:
        return None
    return split_lines(text) if text.startswith("{") else split_events(text)
