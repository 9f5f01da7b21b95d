"""Real calls to Google, Bedrock, Cohere, Mistral and Ollama: all are read, and nothing of them is lost."""

from __future__ import annotations

import base64
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.corpus.completeness import Leaf, Where, missing
from trace_ops.exchange import Body, Exchange, Request, Response, Stream
from trace_ops.wire import api_of, operation, read_request, read_response, summarise
from trace_ops.wire.eventstream import events_of, frame_of
from trace_ops.wire.messages import ChatResponse, ReasoningPart, ToolCallPart
from trace_ops.wire.sse import split_events

DATA = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "dev.jsonl.zst"
KINDS = {
    "google.generateContent",
    "bedrock.converse",
    "bedrock.invoke",
    "cohere.chat",
    "cohere.generate",
    "mistral.chat",
    "ollama.chat",
    "ollama.generate",
}
# Bedrock's invoke carries the formats of the makers; Nova's is that of Converse.
CARRIED = {
    "bedrock.invoke",
    "bedrock.converse",
    "anthropic.messages",
    "anthropic.complete",
    "openai.chat",
    "openai.completions",
}
NAMES = {name: {name} for name in KINDS} | {
    "bedrock.invoke": CARRIED,
    "cohere.chat": {"cohere.chat", "cohere.chat.v2"},
}

Sum = tuple[str, str, list[tuple[str, Any]]]
"""The text of a stream, the thoughts, and the tools asked for with what they are called with."""

# What the model says by its own types and places, so that the word for it is not in it again.
SAID_BY_TYPE = {
    ("type", "text"),
    ("type", "function"),
    ("type", "thinking"),
    ("type", "image_url"),
    ("type", "document_url"),
    ("type", "input_audio"),
    ("type", "tool_use"),
    ("type", "tool_result"),
    ("type", "image"),
    ("type", "base64"),
    ("status", "success"),
    ("status", "error"),
    ("thought", True),
    ("is_error", False),
    ("is_error", True),
    ("done", True),
}
ROLES = {"user", "model", "system", "chatbot"}
# Of a stream: where a piece belongs, padding against guesses by its size, and what kind of event it is.
OF_EVENTS = {"index", "contentBlockIndex", "content_index", "p", "$p", "event_type", "is_finished", "object"}
# Of a stream: counts and times so far, of which the last stand, and pieces of JSON.
SO_FAR = {"created_at", "done", "generation_token_count", "input", "partial_json", "arguments"}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"),
]


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return list(_records())


def test_every_success_is_read(records: list[dict[str, Any]]) -> None:
    seen: Counter[str] = Counter()
    for record in records:
        exchange = _exchange(record)
        answer = read_response(exchange)
        assert answer is not None, record["id"]
        assert answer.complete, record["id"]
        assert api_of(exchange) == answer.api, record["id"]
        assert answer.api in NAMES[record["api"]], record["id"]
        if isinstance(record["request_body"], dict):
            request = read_request(exchange)
            assert request is not None, record["id"]
            assert request.api == answer.api, record["id"]
            assert request.model, record["id"]
            assert request.messages, record["id"]
        seen[answer.api] += 1

    assert set(seen) == set().union(*NAMES.values())
    assert seen.total() > 1150


def test_nothing_a_request_says_is_lost(records: list[dict[str, Any]]) -> None:
    for record in records:
        if isinstance(record["request_body"], dict):
            request = read_request(_exchange(record))
            assert missing(record["request_body"], request, exempt=_by_type) == [], record["id"]


def test_nothing_an_answer_says_is_lost(records: list[dict[str, Any]]) -> None:
    for record in records:
        if not record["is_stream"]:
            answer = read_response(_exchange(record))
            assert missing(record["response_body"], answer, exempt=_in_answer) == [], record["id"]


def test_nothing_a_stream_says_is_lost(records: list[dict[str, Any]]) -> None:
    checked = 0
    for record in records:
        if record["is_stream"]:
            answer = read_response(_exchange(record))
            for event in _data(record):
                assert missing(event, answer, exempt=_in_event) == [], record["id"]
                checked += 1

    assert checked > 6000


def test_streams_read_as_a_simple_sum_of_their_events(records: list[dict[str, Any]]) -> None:
    summed: Counter[str] = Counter()
    for record in records:
        answer = read_response(_exchange(record))
        if record["is_stream"] and answer is not None and answer.api in SUMS:
            text, thoughts, called = SUMS[answer.api](list(_data(record)))
            assert answer.text == text, record["id"]
            assert _thoughts(answer) == thoughts, record["id"]
            asked = [(call.name, call.arguments) for call in answer.tool_calls if not call.server]
            assert asked == called, record["id"]
            summed[answer.api] += 1

    assert set(summed) == set(SUMS)
    assert summed.total() > 190


def test_calls_of_tools_have_parsed_arguments(records: list[dict[str, Any]]) -> None:
    calls = [
        call
        for record in records
        if (answer := read_response(_exchange(record))) is not None
        for said in answer.messages
        for call in said.parts
        if isinstance(call, ToolCallPart)
    ]

    assert len(calls) > 380
    assert all(isinstance(call.arguments, dict) for call in calls)


def test_tokens_add_up(records: list[dict[str, Any]]) -> None:
    totals = 0
    for record in records:
        said = list(_data(record)) if record["is_stream"] else [record["response_body"]]
        events = said[0] if isinstance(said[0], list) else said
        total = _total([event for event in events if isinstance(event, dict)])
        if total is None:
            continue
        answer = read_response(_exchange(record))
        assert answer is not None
        assert answer.usage is not None, record["id"]
        assert answer.usage.total == total, record["id"]
        totals += 1

    assert totals > 900


def test_a_summary_says_the_same(records: list[dict[str, Any]]) -> None:
    for record in records:
        exchange = _exchange(record)
        answer, summary = read_response(exchange), summarise(exchange)
        assert answer is not None
        assert summary.usage == answer.usage, record["id"]
        assert (summary.text or "") == answer.text, record["id"]
        assert summary.tools == [call.name for call in answer.tool_calls if not call.server], record["id"]
        asked = read_request(exchange)
        said = answer.model or (asked.model if asked else None)
        assert said is None or unquote(summary.model or "") == said, record["id"]


def test_the_path_tells_the_operation(records: list[dict[str, Any]]) -> None:
    for record in records:
        kind, _ = operation(record["provider"], record["method"], urlsplit(record["url"]).path)
        assert kind == "llm", record["url"]


def test_frames_of_bedrock_come_back_to_the_byte(records: list[dict[str, Any]]) -> None:
    framed = [base64.b64decode(record["response_b64"]) for record in records if record.get("response_b64")]

    assert len(framed) == 70
    for raw in framed:
        events = events_of(raw)
        assert events is not None
        assert b"".join(map(frame_of, events)) == raw


def _by_type(where: Where, leaf: Leaf) -> bool:
    if where[-1] == "role":
        return str(leaf).lower() in ROLES
    return (where[-1], leaf) in SAID_BY_TYPE


def _in_answer(where: Where, leaf: Leaf) -> bool:
    return _by_type(where, leaf) or where[-1] == "index"


def _in_event(where: Where, leaf: Leaf) -> bool:
    if _by_type(where, leaf) or where[-1] in OF_EVENTS | SO_FAR:
        return True
    counted = {"usage", "usageMetadata"} & set(where) and isinstance(leaf, int)
    kind_of_event = where == ("type",) or where == ("delta", "type")
    return bool(counted) or kind_of_event


def _google(events: list[Any]) -> Sum:
    parts = [
        part
        for event in events
        for candidate in event.get("candidates", [])
        for part in candidate.get("content", {}).get("parts", [])
    ]
    return (
        "".join(part.get("text", "") for part in parts if not part.get("thought")),
        "".join(part.get("text", "") for part in parts if part.get("thought")),
        [
            (part["functionCall"]["name"], part["functionCall"].get("args", {}))
            for part in parts
            if "functionCall" in part
        ],
    )


def _bedrock(events: list[Any]) -> Sum:
    # Nova's invoke has the name of the event within it.
    flat = [event.get("contentBlockDelta") or event.get("contentBlockStart") or event for event in events]
    deltas = [event.get("delta", {}) for event in flat]
    called = []
    for event in flat:
        started = event.get("start", {}).get("toolUse", {})
        if "name" in started and started.get("type") != "server_tool_use":
            at = event["contentBlockIndex"]
            mine = [item for item in flat if item.get("contentBlockIndex") == at and "delta" in item]
            typed = "".join(_input(item["delta"].get("toolUse", {}).get("input", "")) for item in mine)
            called.append((started["name"], json.loads(typed or "{}")))
    return (
        "".join(delta.get("text", "") for delta in deltas),
        "".join(delta.get("reasoningContent", {}).get("text", "") for delta in deltas),
        called,
    )


def _input(piece: Any) -> str:
    return piece if isinstance(piece, str) else json.dumps(piece)


def _cohere(events: list[Any]) -> Sum:
    said = [event["delta"].get("message", {}) for event in events if "delta" in event]
    content = [item["content"] for item in said if isinstance(item.get("content"), dict)]
    calls: dict[int, tuple[str, str]] = {}
    for event in events:
        call = event.get("delta", {}).get("message", {}).get("tool_calls")
        if isinstance(call, dict):
            name, typed = calls.get(event["index"], ("", ""))
            function = call["function"]
            calls[event["index"]] = (
                name or function.get("name", ""),
                typed + (function.get("arguments") or ""),
            )
    return (
        "".join(item.get("text", "") for item in content),
        "".join(item.get("tool_plan", "") for item in said)
        + "".join(item.get("thinking", "") for item in content),
        [(name, json.loads(typed or "{}")) for name, typed in calls.values()],
    )


def _mistral(events: list[Any]) -> Sum:
    deltas = [choice["delta"] for event in events for choice in event["choices"]]
    contents = [delta.get("content") or [] for delta in deltas]
    pieces: list[Any] = [
        piece
        for content in contents
        for piece in ([{"text": content}] if isinstance(content, str) else content)
    ]
    return (
        "".join(piece.get("text", "") for piece in pieces),
        "".join(thought["text"] for piece in pieces for thought in piece.get("thinking", [])),
        [
            (call["function"]["name"], json.loads(call["function"]["arguments"]))
            for delta in deltas
            for call in delta.get("tool_calls", [])
        ],
    )


def _ollama(events: list[Any]) -> Sum:
    said = [event.get("message") or {"content": event["response"]} for event in events]
    return (
        "".join(item.get("content", "") for item in said),
        "".join(item.get("thinking", "") for item in said),
        [
            (call["function"]["name"], call["function"]["arguments"])
            for item in said
            for call in item.get("tool_calls", [])
        ],
    )


SUMS: dict[str, Callable[[list[Any]], Sum]] = {
    "google.generateContent": _google,
    "bedrock.converse": _bedrock,
    "cohere.chat.v2": _cohere,
    "mistral.chat": _mistral,
    "ollama.chat": _ollama,
    "ollama.generate": _ollama,
}


def _thoughts(answer: ChatResponse) -> str:
    parts = answer.messages[0].parts if answer.messages else ()
    return "".join(part.content or "" for part in parts if isinstance(part, ReasoningPart))


def _total(events: list[dict[str, Any]]) -> int | None:
    """The last total of tokens that is said, or told as Bedrock's headers do in its last event."""
    found = None
    for event in events:
        for place in (event, event.get("metadata", {})):
            used = place.get("usage") or place.get("usageMetadata") or {}
            for key in ("totalTokenCount", "totalTokens", "total_tokens"):
                found = used.get(key, found)
    return found


def _data(record: dict[str, Any]) -> Iterator[Any]:
    """The events of a stream, read without the reader that is on trial."""
    if record.get("response_body") is not None:
        yield from record["response_body"]
        return
    for line in _text(record).splitlines():
        data = line.removeprefix("data:").strip()
        if data.startswith("{"):
            yield json.loads(data)


def _text(record: dict[str, Any]) -> str:
    if record.get("response_b64"):
        return "".join(events_of(base64.b64decode(record["response_b64"])) or [])
    return str(record["response_text"])


def _exchange(record: dict[str, Any]) -> Exchange:
    body: Body | Stream
    if record["is_stream"] and record.get("response_body") is None:
        events = split_events(_text(record))
        body = Stream(events, [0] * len(events))
    else:
        body = Body(json.dumps(record["response_body"]).encode())
    url = urlsplit(record["url"])
    asked = Body(json.dumps(record["request_body"]).encode())
    request = Request(record["method"], url.path, url.query, body=asked)
    return Exchange(record["provider"], request, Response(record["status"], [], body))


def _records() -> Iterator[dict[str, Any]]:
    zstandard = pytest.importorskip("zstandard", reason="the corpus is compressed with zstandard")
    with DATA.open("rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file)
        for line in io.TextIOWrapper(stream, encoding="utf-8"):
            record = json.loads(line)
            if record["api"] in KINDS and record["status"] < 400 and "embed" not in record["url"]:
                yield record
