"""Scrubbing what real programs sent and got: next to nothing is found, and nothing is broken.

Every fifth exchange; the sources had taken their secrets out before they published.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trace_ops.redaction import Scrubber

DATA = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "dev.jsonl.zst"
EVERY = 5
# What is left in the sources: organisation ids and signed links to images.
LEFT = {"organization", "url-parameter"}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"),
]


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return list(_sample())


def test_bodies_stay_what_they_are(records: list[dict[str, Any]]) -> None:
    scrubber = Scrubber({})

    for record in records:
        for name in ("request_body", "response_body"):
            value = record.get(name)
            if isinstance(value, (dict, list)):
                text = json.dumps(value, ensure_ascii=False)
                scrubbed = scrubber.text(text)
                assert scrubbed is text or json.loads(scrubbed), record["id"]
                assert scrubber.text(scrubbed) is scrubbed

    assert {found["secret"] for found in scrubber.found} <= LEFT


def test_streams_stay_to_the_byte(records: list[dict[str, Any]]) -> None:
    scrubber, streams = Scrubber({}), 0

    for record in records:
        if record["is_stream"] and record.get("response_text"):
            events = [
                event for event in re.split(r"(?<=\n\n)|(?<=\r\n\r\n)", record["response_text"]) if event
            ]
            assert scrubber.events(events) == events, record["id"]
            streams += 1

    assert streams > 100
    assert scrubber.found == []


def test_binaries_stay_to_the_byte(records: list[dict[str, Any]]) -> None:
    for record in records:
        if record.get("response_b64"):
            data = base64.b64decode(record["response_b64"])
            assert Scrubber({}).bytes(data) is data, record["id"]


def test_a_key_put_into_a_real_body_is_found(records: list[dict[str, Any]]) -> None:
    key = "sk-" + "proj-" + "a7Bc9" * 20
    scrubber, bodies = Scrubber({}), 0

    for record in records:
        text = json.dumps(record.get("request_body"))
        if '"content": "' in text:
            planted = text.replace('"content": "', f'"content": "\\n{key} ', 1)
            scrubbed = scrubber.text(planted)
            assert key[:20] not in scrubbed
            assert json.loads(scrubbed)
            bodies += 1

    assert bodies > 300
    assert [found["times"] for found in scrubber.found if found["secret"] == "openai-key"] == [bodies]


def _sample() -> Iterator[dict[str, Any]]:
    zstandard = pytest.importorskip("zstandard", reason="the corpus is compressed with zstandard")
    with DATA.open("rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file)
        for number, line in enumerate(io.TextIOWrapper(stream, encoding="utf-8")):
            if number % EVERY == 0:
                yield json.loads(line)
