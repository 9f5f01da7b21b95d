"""Libraries that a recorder is told to leave alone."""

from __future__ import annotations

from typing import Any

import pytest
from openai import OpenAI

from trace_ops import Recorder
from trace_ops.double import ProviderDouble
from trace_ops.errors import UsageError


def test_an_sdk_that_is_not_to_be_watched_is_not() -> None:
    with ProviderDouble() as double, OpenAI(base_url=double.openai_url, api_key="unused") as client:
        with Recorder(intercept_openai=False) as recorder:
            client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": "Hi"}])

    assert double.hits == 1
    assert len(recorder.trace) == 0


def test_a_library_nobody_knows_is_told_of_with_those_that_are_known() -> None:
    with pytest.raises(UsageError, match="unknown option intercept_opneai; there are .*intercept_openai"):
        Recorder(intercept_opneai=False)


@pytest.mark.parametrize(
    "library", ["google", "mistral", "cohere", "ollama", "bedrock", "litellm", "langchain", "mcp"]
)
def test_each_library_has_its_flag(library: str) -> None:
    options: dict[str, Any] = {f"intercept_{library}": False}

    with Recorder(**options) as recorder:
        assert recorder.tape.unwatched == {library}
