"""A run in which everything is said that can be said, in the form in which the page is given it."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

from tests.viewer.sample import Sample

Json = Any


def text(content: str) -> dict[str, Json]:
    return {"type": "text", "content": content}


def message(role: str, *parts: Json, name: str | None = None) -> dict[str, Json]:
    """A message of texts and other parts."""
    told = [text(part) if isinstance(part, str) else part for part in parts]
    return {"role": role, "name": name, "parts": told}


def call_of(name: str, arguments: Json, id: str = "call_1", *, server: bool = False) -> dict[str, Json]:
    return {"type": "tool_call", "id": id, "name": name, "arguments": arguments, "server": server}


def result_of(response: Json, id: str = "call_1", *, failed: bool = False) -> dict[str, Json]:
    return {"type": "tool_call_response", "id": id, "name": None, "response": response, "failed": failed}


def attempt(status: int | None = 200, **more: Json) -> dict[str, Json]:
    usual: dict[str, Json] = {
        "reason": "OK" if status == 200 else "",
        "headers": [["content-type", "application/json"]],
        "body": None,
        "events": None,
        "end": "complete",
        "failure": None,
    }
    return {"status": status, **usual, **more}


@dataclass
class Talk(Sample):
    """A run whose calls are put together message by message."""

    tools: list[dict[str, Json]] = field(default_factory=list)
    values: list[Json] = field(default_factory=list)

    def say(self, *messages: dict[str, Json]) -> list[int]:
        """Put messages into the pool; gives their numbers."""
        start = len(self.messages)
        self.messages += messages
        return list(range(start, len(self.messages)))

    def call(
        self,
        asked: list[int],
        answered: list[int],
        *,
        label: str = "gpt-5-mini",
        start: float = 0,
        ms: float | None = 900,
        parent: int | None = None,
        before: int | None = None,
        system: int | None = None,
        tools: list[int] | None = None,
        parameters: dict[str, Json] | None = None,
        body: Json = None,
        headers: dict[str, str] | None = None,
        attempts: list[Json] | None = None,
        response: dict[str, Json] | None = None,
        **span: Json,
    ) -> int:
        """A model call; gives its step."""
        usual: dict[str, Json] = {
            "model": label,
            "provider": "openai",
            "usage": {"input": 120, "output": 30, "cache_read": 40, "cache_write": None, "reasoning": 10},
            "cost": 0.0021,
            "finish": "stop",
            "name": "openai chat.completions",
        }
        number = self.add("llm", label, start, ms, parent, **{**usual, **span})
        said = {"messages": answered, "finish": ["stop"], "error": None, "complete": True, "extra": {}}
        self.details[str(number)]["call"] = {
            "provider": "openai",
            "method": "POST",
            "path": "/chat/completions",
            "query": "",
            "api": "openai.chat",
            "request": {
                "system": system,
                "messages": asked,
                "tools": tools or [],
                "parameters": parameters or {},
            },
            "response": None if ms is None else {**said, **(response or {})},
            "before": before,
            "headers": headers or {},
            "body": body,
            "attempts": [attempt()] if attempts is None else attempts,
        }
        return number

    @property
    def all_details(self) -> dict[str, Json]:
        """What was said in it."""
        return {
            "messages": self.messages,
            "tools": self.tools,
            "values": self.values,
            "spans": self.details,
        }


def picture() -> str:
    """A picture of 8 by 8 pixels, as base64."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x * 30, y * 30, 90)) * 8 for x, y in ((n, n) for n in range(8)))
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    png = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + png).decode()


ANSWER = """# Refund arranged

Order **A-1042** was looked up, and `refund` was called:

1. the lamp arrived *damaged*
2. the voucher is <b>void</b>

| item | price |
|---|--:|
| lamp | 59.90 |

See [the handbook](https://example.com/handbook#refunds), or [this](javascript:alert(1)).
"""
SYSTEM = "You are the support agent of a shop.\n\nBe friendly and brief.\nNever promise what you cannot keep."
ORDER = {"number": "A-1042", "items": [{"sku": "LAMP-7", "price": 59.9}], "paid": True}


def support() -> Talk:
    """An agent looks an order up, searches, fails, asks again, and answers in a stream."""
    run = Talk("support", key="support")
    run.tools += [
        {"name": "get_order", "description": "Looks an order up.", "parameters": {"type": "object"}},
        {
            "name": "get_order",
            "description": "Looks an order up by number.",
            "parameters": {"type": "object"},
        },
        {"name": "refund", "description": None, "parameters": None},
    ]
    (system,) = run.say(message("system", SYSTEM))
    (other,) = run.say(message("system", SYSTEM.replace("friendly and brief", "friendly, brief and clear")))
    (question,) = run.say(
        message("user", "My lamp is broken. I want my money back!", _picture(), name="anna")
    )
    (asks,) = run.say(message("assistant", "Let me look.", call_of("get_order", {"number": "A-1042"})))
    (gives,) = run.say(message("tool", result_of(ORDER)))
    (thinks,) = run.say(
        message(
            "assistant",
            {"type": "reasoning", "content": "The lamp was paid."},
            call_of("refund", {"n": 1}, "call_2"),
        )
    )
    (fails,) = run.say(message("tool", result_of("no such order", "call_2", failed=True)))
    (answer,) = run.say(message("assistant", ANSWER))
    agent = run.add("agent", "support agent", 0, 5000, input={"question": "refund"}, output="done")
    first = run.call([question], [asks], parent=agent, start=10, system=system, tools=[0])
    run.add("tool", "get_order", 950, 100, agent, input={"number": "A-1042"}, output=ORDER)
    run.add("retrieval", "handbook", 1100, 20, agent, input="refund", output=_documents())
    second = run.call(
        [question, asks, gives],
        [thinks],
        parent=agent,
        start=1200,
        before=first,
        system=other,
        tools=[1, 2],
        parameters={"temperature": 0.5},
        body={
            "json": {"model": "gpt-5-mini", "messages": [None, {"role": "user"}]},
            "places": {"/messages/0": 0},
        },
        headers={"x-title": "support"},
        attempts=_tries(),
    )
    error = {"type": "builtins.KeyError", "message": "'no such order'\n  in get_order"}
    run.add("tool", "refund", 2200, 30, agent, input={"n": 1}, error=error)
    run.call(
        [question, asks, gives, thinks, fails],
        [answer],
        parent=agent,
        start=2300,
        ms=2000,
        before=second,
        system=other,
        tools=[1, 2],
        parameters={"temperature": 0.5, "stream": True},
        attempts=[attempt(events=_events())],
        first=400,
    )
    run.values.append({"role": "system", "content": "from the pool"})
    return run


def _picture() -> dict[str, Json]:
    data = picture()
    size = len(base64.b64decode(data))
    return {
        "type": "blob",
        "modality": "image",
        "mime_type": "image/png",
        "sha256": "ab" * 32,
        "size": size,
        "base64": data,
    }


def _documents() -> list[Json]:
    return [
        {"id": "handbook#refunds", "text": "Damaged goods are always refunded.", "score": 0.91},
        {
            "id": "handbook#vouchers",
            "text": "Vouchers are offered later.",
            "score": 0.45,
            "metadata": {"p": 3},
        },
    ]


def _tries() -> list[Json]:
    return [
        attempt(None, reason="", headers=[], failure={"type": "ReadTimeout", "message": "too slow"}),
        attempt(429, reason="Too Many Requests", body={"json": {"error": {"message": "slow down"}}}),
        attempt(body={"json": {"id": "chatcmpl-1", "choices": [{"arguments": '{"n": 1}'}]}}),
    ]


def _events() -> list[Json]:
    """Three words of reasoning, then the answer in pieces, 20 ms apart after 400."""
    thought = [("reasoning", word) for word in ("Be ", "brief", ".")]
    said = [("text", ANSWER[at : at + 10]) for at in range(0, len(ANSWER), 10)]
    opening: list[Json] = [{"at": 400, "text": 'data: {"role":"assistant"}', "said": None}]
    return opening + [
        {
            "at": 420 + 20 * number,
            "text": f'data: {{"delta":{number}}}',
            "said": {"type": kind, "text": piece},
        }
        for number, (kind, piece) in enumerate([*thought, *said])
    ]


def parts() -> Talk:
    """Every sort of part, in one call."""
    run = Talk("parts", key="parts")
    asked = run.say(
        message(
            "user",
            _picture(),
            {"type": "uri", "modality": "image", "mime_type": None, "uri": "https://example.com/cat.png"},
        ),
        message("user", {"type": "file", "modality": "file", "file_id": "file-77"}),
        message(
            "user",
            {
                "type": "blob",
                "modality": "audio",
                "mime_type": "audio/wav",
                "sha256": "cd" * 32,
                "size": 2_345_678,
            },
        ),
        message("tool", result_of([text("first part"), text("second part")])),
        message("tool", result_of('{"rows": [1, 2, 3]}')),
    )
    answered = run.say(
        message(
            "assistant",
            {"type": "reasoning", "content": "A long thought."},
            {"type": "reasoning", "content": None},
            {"type": "refusal", "content": "I cannot do that."},
            call_of("web_search", {"query": "llamas"}, server=True),
            {"type": "unknown", "kind": "computer_use", "value": {"screen": [1, 2]}},
        ),
        message("assistant", '{"verdict": "fine", "scores": [0.9, 0.8]}'),
        message("assistant"),
    )
    run.call(
        asked, answered, finish="length", response={"complete": False, "error": {"message": "cut short"}}
    )
    return run
