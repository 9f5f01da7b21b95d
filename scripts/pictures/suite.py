"""Tests of the agent: as they are shown by the report of a session."""

from __future__ import annotations

from typing import Any

import pytest
from openai import OpenAI
from trip import plan


def asked(question: str) -> str:
    """One answer, without tools."""
    messages: Any = [{"role": "user", "content": question}]
    return str(
        OpenAI().chat.completions.create(model="gpt-5-mini", messages=messages).choices[0].message.content
    )


def test_a_sunny_weekend(cassette: Any) -> None:
    assert "Trieste" in plan("Where is it sunny this weekend? I leave from Vienna.")


@pytest.mark.budget(max_llm_calls=6, max_tokens="+1%")
def test_a_weekend_on_a_budget(cassette: Any) -> None:
    assert plan("A weekend for less than 200 €, please.")


def test_what_to_pack(cassette: Any) -> None:
    assert asked("What do I pack for a weekend by the sea?")


def test_opening_hours(cassette: Any) -> None:
    assert asked("When is the castle of Miramare open?")


@pytest.mark.takes(3)
def test_a_name_for_the_trip(cassette: Any) -> None:
    assert asked("A name for a trip to Trieste?")
