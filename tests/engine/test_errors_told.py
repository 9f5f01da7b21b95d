"""An answer of a status of success may tell of an error: its call failed, for all who read the trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest

from trace_ops import Recorder, Replayer, diff_traces, load_cassette
from trace_ops.assertions import TraceAssertionError, assert_no_errors
from trace_ops.double import ProviderDouble, StreamError
from trace_ops.exchange import Failure


def chat(client: openai.OpenAI) -> list[object]:
    messages: Any = [{"role": "user", "content": "How are you today?"}]
    return list(client.chat.completions.create(model="gpt-5-mini", messages=messages, stream=True))


def responses(client: openai.OpenAI) -> list[object]:
    return list(client.responses.create(model="gpt-5-mini", input="How are you today?", stream=True))


@pytest.mark.parametrize("ask", [chat, responses])
def test_a_stream_that_ends_with_an_error_is_a_failed_call(
    ask: Callable[[openai.OpenAI], object], client: openai.OpenAI, double: ProviderDouble, path: Path
) -> None:
    double.fail(StreamError(3, "The engine is overloaded"))
    for recorder in (Recorder(path), Replayer(path)):
        with recorder, pytest.raises(openai.APIError, match="The engine is overloaded"):
            ask(client)
        (call,) = recorder.trace
        assert call.failed
        assert call.error == Failure("server_error", "The engine is overloaded")
        with pytest.raises(TraceAssertionError, match="The engine is overloaded"):
            assert_no_errors(recorder.trace)
    (kept,) = load_cassette(path)
    assert kept.error == Failure("server_error", "The engine is overloaded")


def test_a_recording_that_does_not_tell_of_it_is_no_difference(
    client: openai.OpenAI, double: ProviderDouble, path: Path
) -> None:
    double.fail(StreamError(3))
    with Recorder(path), pytest.raises(openai.APIError):
        chat(client)
    now = load_cassette(path)
    before = replace(now, spans=[replace(span, error=None) for span in now])

    assert now.errors
    assert not before.errors
    assert not diff_traces(before, now)


def test_what_only_speaks_of_errors_has_not_failed(client: openai.OpenAI, path: Path) -> None:
    with Recorder(path) as recorder:
        client.responses.create(model="gpt-5-mini", input='What is {"error": "exception failed"}?')
    assert not recorder.trace.errors
