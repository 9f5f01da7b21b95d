"""A provider double, and one call to it: all that the engine needs to be tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import openai
import pytest

from trace_ops import Recorder
from trace_ops.double import ProviderDouble

Ask = Callable[..., str]


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double


@pytest.fixture
def client(double: ProviderDouble) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=double.openai_url, api_key="test", max_retries=0) as client:
        yield client


@pytest.fixture
def ask(client: openai.OpenAI) -> Ask:
    """Ask the model one thing, and give back what it said."""

    def ask(prompt: str, **options: object) -> str:
        messages = [{"role": "user", "content": prompt}]
        got = client.chat.completions.create(model="gpt-5-mini", messages=messages, **options)  # type: ignore[call-overload]
        return str(got.choices[0].message.content)

    return ask


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.yaml"


@pytest.fixture
def recorded(path: Path, ask: Ask, double: ProviderDouble) -> Path:
    """A cassette that holds the calls ``one`` and ``two``."""
    with Recorder(path):
        ask("one")
        ask("two")
    double.reset()
    return path
