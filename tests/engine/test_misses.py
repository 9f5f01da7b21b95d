"""A miss reaches the test, whatever the code under test makes of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import openai
import pytest

from tests.engine.conftest import Ask
from trace_ops import Replayer
from trace_ops.double import ProviderDouble
from trace_ops.errors import UnplayedCallsError, UnrecordedCallError


def test_a_swallowed_miss_is_raised_at_the_end(recorded: Path, ask: Ask) -> None:
    with pytest.raises(UnrecordedCallError), Replayer(recorded, allow_unplayed=True):
        try:
            ask("three")
        except Exception:
            answer = "sorry"
    assert answer == "sorry"


def test_a_miss_is_neither_wrapped_nor_retried_by_the_sdk(recorded: Path, double: ProviderDouble) -> None:
    client = openai.OpenAI(base_url=double.openai_url, api_key="test", max_retries=5)
    with pytest.raises(UnrecordedCallError) as raised, Replayer(recorded, allow_unplayed=True) as rep:
        client.chat.completions.create(model="gpt-5-mini", messages=[{"role": "user", "content": "three"}])
    assert len(rep.misses) == 1
    assert raised.value.__suppress_context__


def test_an_error_of_the_app_is_not_hidden_by_a_miss(recorded: Path, ask: Ask) -> None:
    with pytest.raises(KeyError, match="answer") as raised, Replayer(recorded):
        try:
            ask("three")
        except Exception:
            empty: dict[str, str] = {}
        empty["answer"]
    notes = getattr(raised.value, "__notes__", None)
    assert notes is None or "no recorded call" in notes[0]


def test_a_miss_in_an_async_call_surfaces_too(recorded: Path, double: ProviderDouble) -> None:
    async def agent() -> str:
        async with openai.AsyncOpenAI(base_url=double.openai_url, api_key="test") as client:
            try:
                messages = [{"role": "user", "content": "three"}]
                await client.chat.completions.create(model="gpt-5-mini", messages=messages)  # type: ignore[arg-type]
            except Exception:
                return "swallowed"
        return "served"

    with pytest.raises(UnrecordedCallError), Replayer(recorded, allow_unplayed=True):
        assert asyncio.run(agent()) == "swallowed"


def test_the_same_call_made_once_more_is_a_miss(recorded: Path, ask: Ask) -> None:
    with pytest.raises(UnrecordedCallError, match="recorded 1 time|once"), Replayer(recorded):
        ask("one")
        ask("one")


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.5},
        {"model": "gpt-5"},
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]},
        {"response_format": {"type": "json_object"}},
        {"stream": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_parameter_never_gets_an_old_answer(
    change: dict[str, object], recorded: Path, client: openai.OpenAI
) -> None:
    request = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "one"}], **change}
    with pytest.raises(UnrecordedCallError), Replayer(recorded):
        client.chat.completions.create(**request)  # type: ignore[call-overload]


def test_the_miss_names_cassette_nearest_call_difference_and_command(recorded: Path, ask: Ask) -> None:
    with pytest.raises(UnrecordedCallError) as raised, Replayer(recorded, allow_unplayed=True):
        ask("one more")
    text = str(raised.value)
    for part in ("POST /chat/completions", str(recorded), "messages", "one", "one more", 'mode="update"'):
        assert part in text


def test_unplayed_calls_are_named(recorded: Path, ask: Ask) -> None:
    with pytest.raises(UnplayedCallsError) as raised, Replayer(recorded):
        ask("one")
    assert "span 2: openai chat.completions gpt-5-mini" in str(raised.value)
