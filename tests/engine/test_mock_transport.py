"""Streams of a mock transport, whose bodies are there before anybody reads them, are recorded whole."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import httpx2
import openai
import pytest

from trace_ops import Recorder, Replayer

WORDS = ("Ships", " may", " swap", " berths.")


def body() -> bytes:
    chunks = [
        {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "gpt-5",
            "choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}],
        }
        for word in WORDS
    ]
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks).encode() + b"data: [DONE]\n\n"


def ask(transport: httpx2.MockTransport) -> list[str | None]:
    http = httpx2.Client(transport=transport)
    client = openai.OpenAI(api_key="unused", base_url="http://mock.test/v1", http_client=http)
    stream = client.chat.completions.create(
        model="gpt-5", messages=[{"role": "user", "content": "Which?"}], stream=True
    )
    return [chunk.choices[0].delta.content for chunk in stream]


@pytest.mark.parametrize("zipped", [False, True])
def test_a_stream_that_is_read_already_is_recorded(tmp_path: Path, zipped: bool) -> None:
    headers = {"content-type": "text/event-stream", **({"content-encoding": "gzip"} if zipped else {})}
    content = gzip.compress(body()) if zipped else body()
    answer = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=headers, content=content))
    refusal = httpx2.MockTransport(lambda _: pytest.fail("a replay made a request"))

    with Recorder(tmp_path / "mock.yaml"):
        live = ask(answer)
    with Replayer(tmp_path / "mock.yaml"):
        again = ask(refusal)

    assert live == again == list(WORDS)
