"""What real answers say of themselves: every success names its model, and its tokens add up."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from trace_ops.exchange import Body, Exchange, Request, Response, Stream
from trace_ops.wire import operation, summarise

DATA = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "dev.jsonl.zst"
EVERY = 3
APIS = {
    "openai.chat": ("llm", "chat.completions"),
    "openai.responses": ("llm", "responses"),
    "openai.completions": ("llm", "completions"),
    "openai.embeddings": ("embedding", "embeddings"),
    "anthropic.messages": ("llm", "messages"),
}
TOTAL = re.compile(r'"total_tokens": ?(\d+)')
USAGE = re.compile(r'"usage": ?\{')
# A gateway that wraps the answer in another one, a report on usage, and an agent that adds up its calls.
ODD = ('"data": {"status"', '"organization.usage', '"usage_breakdown"')

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"),
]


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return list(_sample())


def test_every_success_names_its_model_and_its_tokens_add_up(records: list[dict[str, Any]]) -> None:
    for record in records:
        text = record.get("response_text") or json.dumps(record.get("response_body"))
        seen = summarise(_exchange(record))
        assert seen.model, record["id"]
        if USAGE.search(text):
            assert seen.usage is not None, record["id"]
            totals = TOTAL.findall(text)
            assert not totals or str(seen.usage.total) in (totals[0], totals[-1]), record["id"]

    assert len(records) > 1000


def test_the_path_tells_the_operation(records: list[dict[str, Any]]) -> None:
    for record in records:
        path = urlsplit(record["url"]).path
        assert operation("any", record["method"], path) == APIS[record["api"]], path


def test_answers_that_ask_for_tools_name_them(records: list[dict[str, Any]]) -> None:
    asked = [record for record in records if re.search(r'"finish_reason": ?"tool_calls"', _text(record))]

    assert len(asked) > 50
    for record in asked:
        assert summarise(_exchange(record)).tools, record["id"]


def _text(record: dict[str, Any]) -> str:
    return record.get("response_text") or json.dumps(record.get("response_body"))


def _exchange(record: dict[str, Any]) -> Exchange:
    body: Body | Stream
    if record["is_stream"]:
        body = Stream(
            [event for event in re.split(r"(?<=\n\n)|(?<=\r\n\r\n)", record["response_text"]) if event], []
        )
    else:
        body = Body(json.dumps(record["response_body"]).encode())
    request = Request(
        record["method"], urlsplit(record["url"]).path, body=Body(json.dumps(record["request_body"]).encode())
    )
    return Exchange(record["provider"], request, Response(record["status"], [], body))


def _sample() -> Iterator[dict[str, Any]]:
    zstandard = pytest.importorskip("zstandard", reason="the corpus is compressed with zstandard")
    with DATA.open("rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file)
        for number, line in enumerate(io.TextIOWrapper(stream, encoding="utf-8")):
            record = json.loads(line) if number % EVERY == 0 else None
            if record is None or record["api"] not in APIS or record["status"] >= 400:
                continue
            whole = record.get("response_text" if record["is_stream"] else "response_body")
            if whole and not any(odd in _text(record) for odd in ODD):
                yield record
