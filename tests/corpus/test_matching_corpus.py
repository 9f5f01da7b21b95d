"""Matching over requests that real programs sent."""

from __future__ import annotations

import io
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from trace_ops.exchange import Body, Exchange, Request, Response
from trace_ops.matching import Canonical, Index, canonical, differences, mint
from trace_ops.trace import Span

DATA = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "dev.jsonl.zst"
APIS = (
    "openai.chat",
    "openai.responses",
    "openai.completions",
    "openai.embeddings",
    "anthropic.messages",
)
# Where requests of one key may differ: ids, seals and cache marks, and the fields that are out of the key.
MAY_DIFFER = re.compile(
    r"(messages\.(?!.*\.input\.)|input\.).*"
    r"\b(id|call_id|tool_call_id|tool_use_id|tool_id|signature|encrypted_content)"
    r"|(.*\.)?cache_control(\..*)?"
    r"|user|store|service_tier|safety_identifier|metadata(\..*)?|prompt_cache_\w+"
)

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"),
]


class Recorded:
    """One request of the corpus."""

    def __init__(self, record: dict[str, Any]) -> None:
        url = urlsplit(record["url"])
        path = url.path.removeprefix("/v1") if record["api"].startswith("openai") else url.path
        self.body = record["request_body"]
        self.group = record["cassette_group"]
        self.provider = record["provider"]
        self.request = Request(record["method"], path, url.query, {}, Body(json.dumps(self.body).encode()))
        self.answer = Response(200, [], Body(json.dumps(record.get("response_body")).encode()))

    @property
    def call(self) -> Canonical:
        return canonical(self.request, self.provider)

    def span(self, number: int) -> Span:
        return Span(number, "llm", "", exchange=Exchange(self.provider, self.request, self.answer))


@pytest.fixture(scope="module")
def recorded() -> list[Recorded]:
    zstandard = pytest.importorskip("zstandard", reason="the corpus is compressed with zstandard")
    with DATA.open("rb") as packed:
        lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed), encoding="utf-8")
        records = [json.loads(line) for line in lines]
    return [Recorded(one) for one in records if one["api"] in APIS and isinstance(one["request_body"], dict)]


def test_requests_that_differ_in_meaning_never_share_a_key(recorded: list[Recorded]) -> None:
    assert len(recorded) > 4000
    by_key: dict[str, list[Recorded]] = defaultdict(list)
    for one in recorded:
        by_key[one.call.key].append(one)
    merged = [
        difference
        for first, *others in by_key.values()
        for other in others
        for difference in differences(first.body, other.body)
        if not MAY_DIFFER.fullmatch(difference.path)
    ]
    assert merged == []
    assert any(first.body != other.body for first, *others in by_key.values() for other in others)


def test_tool_calls_are_compared_without_the_letters_of_their_ids(recorded: list[Recorded]) -> None:
    renamed = 0
    for one in recorded:
        defined = set(_tool_calls(one.body))
        if not defined:
            continue
        other = _renamed(one.body, {name: f"renamed_{number}" for number, name in enumerate(sorted(defined))})
        request = Request("POST", one.request.path, one.request.query, {}, Body(json.dumps(other).encode()))
        assert canonical(request, one.provider).key == one.call.key, one.body
        renamed += 1
    assert renamed > 400


def test_every_run_replays_in_any_order_in_which_answers_precede_what_uses_them(
    recorded: list[Recorded],
) -> None:
    runs: dict[str, list[Recorded]] = defaultdict(list)
    for one in recorded:
        runs[one.group].append(one)
    choose = random.Random(7)
    for run in runs.values():
        spans = [one.span(number) for number, one in enumerate(run)]
        for order in (list(range(len(run))), list(_orders(run, choose))):
            index = Index(spans)
            served = []
            for number in order:
                call = canonical(run[number].request, run[number].provider, index.rules, index.minted)
                span = index.take(call)
                assert span is not None
                assert index.canonical(span).letter == call.letter, "the very conversation"
                served.append(span.id)
            assert sorted(served) == sorted(order)
            assert served == order or order != sorted(order), "as recorded"


def _orders(run: list[Recorded], choose: random.Random) -> Iterator[int]:
    """A random order of the calls in which no id is sent before it was received."""
    made = [set(mint(one.span(0).exchange, "")) for one in run]  # type: ignore[arg-type]
    texts = [json.dumps(one.body) for one in run]
    waiting = {
        number: {before for before in range(number) if any(name in text for name in made[before])}
        for number, text in enumerate(texts)
    }
    while waiting:
        ready = choose.choice([number for number, needed in waiting.items() if not needed & set(waiting)])
        del waiting[ready]
        yield ready


def _tool_calls(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _tool_calls(item)
    elif isinstance(value, dict):
        kind = str(value.get("type"))
        for call in value.get("tool_calls") or []:
            yield call["id"]
        if kind.endswith("tool_use"):
            yield value["id"]
        if kind in ("function_call", "custom_tool_call"):
            yield value["call_id"]
        for name in ("messages", "input", "content"):
            yield from _tool_calls(value.get(name))


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: names.get(child, child)
        if name in ("id", "call_id", "tool_call_id", "tool_use_id", "tool_id") and isinstance(child, str)
        else child
        if name in ("arguments", "tools") or (name == "input" and "name" in value)
        else _renamed(child, names)
        for name, child in value.items()
    }
