"""Agent runs and streams as providers send them, to be measured."""

from __future__ import annotations

import json
import random
from typing import Any

from tests.cassette.kit import call, compact
from trace_ops.cassette import Cassette
from trace_ops.exchange import Exchange, Request, Response, Stream
from trace_ops.trace import Span, Trace, Usage

_WORDS = (
    "the a tide turns at seven and ships leave the old harbour slowly while gulls cry over grey water".split()
)

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": f"Use this to {name.replace('_', ' ')}, and only for that.",
            "parameters": {
                "type": "object",
                "properties": {"query": {"type": "string", "description": "What to look for."}},
                "required": ["query"],
                "additionalProperties": False,
            },
        },
    }
    for name in ("search_documents", "read_page", "ask_user")
]


def agent_run(turns: int = 20, *, words: int = 40, headers: bool = True) -> Cassette:
    """A tool loop by chat completions: every request repeats what was said, every answer asks for a tool."""
    rng = random.Random(1)
    messages: list[Any] = [
        {"role": "system", "content": "You are a research agent.\nUse the tools.\n" + _prose(rng, words * 3)},
        {"role": "user", "content": f"Find out about tides. {_prose(rng, words)}"},
    ]
    spans = []
    for turn in range(1, turns + 1):
        arguments = json.dumps({"query": _prose(rng, words // 2)})
        tool_call: dict[str, Any] = {"id": f"call_{rng.randbytes(12).hex()}", "type": "function"}
        tool_call["function"] = {"name": "search_documents", "arguments": arguments}
        message = {"role": "assistant", "content": _prose(rng, words // 2), "tool_calls": [tool_call]}
        answer = _completion(rng, turn, {**message, "refusal": None, "annotations": []})
        request = {"model": "gpt-5", "messages": list(messages), "tools": TOOLS, "temperature": 0.2}
        spans.append(
            call(
                turn,
                request,
                answer,
                _headers(rng, turn) if headers else [],
                model="gpt-5-2026-08-07",
                usage=Usage(100 * turn, 40),
                tools=["search_documents"],
                finish="tool_calls",
                cost_usd=round(0.000125 * turn, 6),
                start_ms=turn * 1203.5,
                ms=811.5,
            )
        )
        messages += [
            message,
            {"role": "tool", "tool_call_id": tool_call["id"], "content": _prose(rng, words)},
        ]
    return Cassette(Trace("test_agent", spans=spans, libraries={"TraceOps": "0.1.0", "openai": "3.52.0"}))


def wire_bytes(cassette: Cassette) -> int:
    """The bytes of the last request and of all answers, without headers."""
    exchanges = [span.exchange for span in cassette.trace if span.exchange]
    last = exchanges[-1].request.body
    assert last is not None
    answers = [exchange.outcome.body.raw for exchange in exchanges if isinstance(exchange.outcome, Response)]
    return len(last.raw) + sum(map(len, answers))


def header_bytes(cassette: Cassette) -> int:
    """The bytes of all response headers on the wire."""
    return sum(
        len(name) + len(value) + 4
        for span in cassette.trace
        if span.exchange and isinstance(span.exchange.outcome, Response)
        for name, value in span.exchange.outcome.headers
    )


def streamed(provider: str, blocks: list[str], seed: int = 2) -> Cassette:
    """A cassette with one streamed answer."""
    rng = random.Random(seed)
    at, times = 230, []
    for _ in blocks:
        at += rng.choice([0, 1, 7, 12, 19, 31])
        times.append(at)
    exchange = Exchange(provider, Request("POST", "/x"), Response(200, [], Stream(blocks, times)))
    return Cassette(Trace("stream", spans=[Span(1, "llm", f"{provider} stream", exchange=exchange)]))


def chat_blocks(chunks: int = 100) -> list[str]:
    """A chat completion as OpenAI streams it today, with its noise."""
    rng = random.Random(3)
    common = {
        "id": "chatcmpl-CfWq2Ww3yWqQZrTgR3m3n5Y2pJx1K",
        "object": "chat.completion.chunk",
        "created": 1795132800,
        "model": "gpt-5-2026-08-07",
        "service_tier": "default",
        "system_fingerprint": "fp_62a23a81ef",
    }

    def block(delta: dict[str, Any], finish: str | None, noise: int) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        data = {**common, "choices": [choice], "usage": None, "obfuscation": _noise(rng, noise)}
        return f"data: {compact(data).decode()}\n\n"

    usage = {**common, "choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": chunks}}
    return [
        block({"role": "assistant", "content": "", "refusal": None}, None, 4),
        *(block({"content": piece}, None, 8 - len(piece) % 8) for piece in _pieces(rng, chunks)),
        block({}, "stop", 5),
        f"data: {compact(usage).decode()}\n\n",
        "data: [DONE]\n\n",
    ]


def responses_blocks(chunks: int = 100) -> list[str]:
    """The same by the Responses API, which repeats the text at the end four times."""
    rng = random.Random(4)
    pieces = _pieces(rng, chunks)
    item = {
        "id": "msg_68af4030592c81938ec0a5fbab4a3e9f05438e46b5f69a3b",
        "type": "message",
        "role": "assistant",
    }
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": "".join(pieces)}
    whole = {**item, "status": "completed", "content": [part]}
    place = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    response = {
        "id": "resp_68af4030",
        "object": "response",
        "created_at": 1795132800,
        "model": "gpt-5-2026-08-07",
    }
    response |= {
        "error": None,
        "instructions": None,
        "temperature": 1.0,
        "tools": [],
        "top_p": 1.0,
        "metadata": {},
    }
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {**response, "status": "in_progress", "output": []}},
        {"type": "response.in_progress", "response": {**response, "status": "in_progress", "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}},
        {"type": "response.content_part.added", **place, "part": {**part, "text": ""}},
        *(
            {
                "type": "response.output_text.delta",
                **place,
                "delta": piece,
                "logprobs": [],
                "obfuscation": _noise(rng, 6),
            }
            for piece in pieces
        ),
        {"type": "response.output_text.done", **place, "text": part["text"], "logprobs": []},
        {"type": "response.content_part.done", **place, "part": part},
        {"type": "response.output_item.done", "output_index": 0, "item": whole},
        {"type": "response.completed", "response": {**response, "status": "completed", "output": [whole]}},
    ]
    numbered = ({"type": event.pop("type"), "sequence_number": n, **event} for n, event in enumerate(events))
    return [f"event: {event['type']}\ndata: {compact(event).decode()}\n\n" for event in numbered]


def messages_blocks(chunks: int = 100) -> list[str]:
    """The same by Anthropic, with a ping in between and blanks before the last bracket."""
    rng = random.Random(5)
    message = {"id": "msg_018XZkwvj9asBiffg3fXt88s", "type": "message", "role": "assistant", "content": []}

    def block(data: dict[str, Any], pad: int) -> str:
        text = compact(data).decode()
        return f"event: {data['type']}\ndata: {text[:-1]}{' ' * pad}{text[-1:]}\n\n"

    def delta(piece: str) -> str:
        data = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
        return block(data, rng.randint(0, 14))

    return [
        block(
            {
                "type": "message_start",
                "message": {**message, "usage": {"input_tokens": 9, "output_tokens": 1}},
            },
            3,
        ),
        block({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}, 9),
        'event: ping\ndata: {"type": "ping"}\n\n',
        *map(delta, _pieces(rng, chunks)),
        block({"type": "content_block_stop", "index": 0}, 4),
        block(
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 101}},
            1,
        ),
        block({"type": "message_stop"}, 8),
    ]


def _completion(rng: random.Random, turn: int, message: dict[str, Any]) -> dict[str, Any]:
    details = {"reasoning_tokens": 0, "audio_tokens": 0}
    details |= {"accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}
    return {
        "id": f"chatcmpl-{rng.randbytes(14).hex()}",
        "object": "chat.completion",
        "created": 1795132800 + turn,
        "model": "gpt-5-2026-08-07",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls"}],
        "usage": {
            "prompt_tokens": 100 * turn,
            "completion_tokens": 40,
            "total_tokens": 100 * turn + 40,
            "prompt_tokens_details": {"cached_tokens": 64 * turn, "audio_tokens": 0},
            "completion_tokens_details": details,
        },
        "service_tier": "default",
        "system_fingerprint": None,
    }


def _headers(rng: random.Random, turn: int) -> list[tuple[str, str]]:
    return [
        ("date", f"Fri, 20 Nov 2026 10:{turn:02}:00 GMT"),
        ("content-type", "application/json"),
        ("transfer-encoding", "chunked"),
        ("connection", "keep-alive"),
        ("access-control-expose-headers", "X-Request-ID"),
        ("openai-processing-ms", str(rng.randint(300, 4000))),
        ("openai-version", "2020-10-01"),
        ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-limit-tokens", "30000000"),
        ("x-ratelimit-remaining-requests", str(9999 - turn)),
        ("x-ratelimit-remaining-tokens", str(29_999_000 - turn)),
        ("x-ratelimit-reset-requests", "6ms"),
        ("x-request-id", f"req_{rng.randbytes(16).hex()}"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
        ("x-content-type-options", "nosniff"),
        ("server", "cloudflare"),
        ("cf-ray", f"{rng.randbytes(8).hex()}-FRA"),
        ("alt-svc", 'h3=":443"; ma=86400'),
    ]


def _pieces(rng: random.Random, count: int) -> list[str]:
    return [rng.choice(["", " ", " ", " ", "\n"]) + rng.choice(_WORDS) for _ in range(count)]


def _prose(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(_WORDS) for _ in range(words))


def _noise(rng: random.Random, length: int) -> str:
    return "".join(rng.choice("ABCDEFabcdef0123456789") for _ in range(length))


STREAMS = {"chat": chat_blocks(), "responses": responses_blocks(), "messages": messages_blocks()}
"""A hundred chunks of text by each API."""
