"""What real programs sent and got, written into cassettes and read again.

All streams, and every tenth run as a cassette; with ``FULL_CORPUS=1`` in the environment, all runs.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from trace_ops.cassette import Cassette, dumps, loads, to_document
from trace_ops.cassette.reader import read
from trace_ops.cassette.streams import decode_stream, encode_stream
from trace_ops.cassette.writer import write
from trace_ops.exchange import Body, Exchange, Request, Response, Stream
from trace_ops.trace import Span, Trace

DATA = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "dev.jsonl.zst"
EVERY = 1 if os.environ.get("FULL_CORPUS") else 10
STYLES: list[dict[str, Any]] = [
    {"separators": (",", ":"), "ensure_ascii": False},
    {"ensure_ascii": True},
    {"indent": 2, "ensure_ascii": False},
]

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"),
]


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    """Every record, without what takes room and is not needed."""
    return list(_records())


def test_every_stream_comes_back_block_by_block(records: list[dict[str, Any]]) -> None:
    streams = [_stream(record) for record in records if record.get("response_text")]
    assert len(streams) > 1000

    for stream in streams:
        document = encode_stream(stream)
        again = decode_stream(read(write({"s": document})).document["s"], ())
        assert list(again.events) == list(stream.events)
        assert list(again.at_ms) == list(stream.at_ms)


def test_long_text_streams_shrink_to_a_third(records: list[dict[str, Any]]) -> None:
    """Those of a hundred events and more, unless half of them is an image or something encrypted."""
    measured = {}
    for record in records:
        text = record.get("response_text") or ""
        if text.count("\n\n") >= 100 and not re.search(r"[\w+/=-]{400}", text):
            written = dumps(_cassette([record], bare=True))
            measured[record["id"]] = len(written) / len(text.encode())

    assert len(measured) > 50
    assert sorted(measured.values())[len(measured) * 9 // 10] <= 1 / 3


def test_every_json_body_is_stored_parsed_and_comes_back_to_the_byte(records: list[dict[str, Any]]) -> None:
    bodies = [record["response_body"] for record in records if record.get("response_body") is not None]
    assert len(bodies) > 4000

    for number, value in enumerate(bodies[:: 1 if EVERY == 1 else 3]):
        raw = json.dumps(value, **STYLES[number % len(STYLES)]).encode()
        exchange = Exchange("x", Request("POST", "/x"), Response(200, [], Body(raw)))
        cassette = Cassette(Trace(spans=[Span(1, "llm", "x", exchange=exchange)]))

        assert "body" in to_document(cassette)["spans"][0]["response"]
        assert loads(dumps(cassette)) == cassette


def test_runs_come_back_from_cassettes_as_they_were(records: list[dict[str, Any]]) -> None:
    runs = [list(run) for _, run in groupby(records, key=lambda record: record["cassette_group"])]

    for run in runs[::EVERY]:
        cassette = _cassette(run)
        written = dumps(cassette)
        again = loads(written)

        assert again == cassette
        assert dumps(again) == written


def test_long_runs_take_less_than_went_over_the_wire(records: list[dict[str, Any]]) -> None:
    runs = [list(run) for _, run in groupby(records, key=lambda record: record["cassette_group"])]
    cassettes = [_cassette(run) for run in runs if len(run) >= 5]

    written = sum(len(dumps(cassette)) for cassette in cassettes)
    wire = sum(_wire_bytes(span) for cassette in cassettes for span in cassette.trace)

    assert written < wire


def _records() -> Iterator[dict[str, Any]]:
    zstandard = pytest.importorskip("zstandard", reason="the corpus is compressed with zstandard")
    with DATA.open("rb") as file:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8"):
            yield json.loads(line)


def _cassette(run: list[dict[str, Any]], *, bare: bool = False) -> Cassette:
    spans = [
        Span(number, "llm", record["api"], exchange=_exchange(record, bare))
        for number, record in enumerate(run, 1)
    ]
    return Cassette(Trace(run[0]["cassette_group"], spans=spans))


def _exchange(record: dict[str, Any], bare: bool) -> Exchange:
    sent = record.get("request_body")
    raw = sent.encode() if isinstance(sent, str) else json.dumps(sent, separators=(",", ":")).encode()
    request = Request(record["method"], "/x", body=None if sent is None or bare else Body(raw))
    headers = [] if bare else [(name, str(value)) for name, value in record["response_headers"].items()]
    return Exchange(record["provider"], request, Response(record["status"], headers, _body(record)))


def _body(record: dict[str, Any]) -> Body | Stream:
    if record.get("response_text"):
        return _stream(record)
    if record.get("response_b64"):
        return Body(base64.b64decode(record["response_b64"]))
    value = record.get("response_body")
    return Body(b"" if value is None else json.dumps(value, indent=2, ensure_ascii=False).encode())


def _stream(record: dict[str, Any]) -> Stream:
    text = record["response_text"]
    parts = text.splitlines(keepends=True) if text[0] == "{" else re.split(r"(?<=\n\n)|(?<=\r\n\r\n)", text)
    blocks = [part for part in parts if part]
    return Stream(blocks, [200 + 13 * number for number in range(len(blocks))])


def _wire_bytes(span: Span) -> int:
    assert span.exchange is not None
    assert isinstance(span.exchange.outcome, Response)
    sent, answer = span.exchange.request.body, span.exchange.outcome
    headers = sum(len(name) + len(value) + 4 for name, value in answer.headers)
    return len(answer.body.raw) + headers + (len(sent.raw) if sent else 0)
