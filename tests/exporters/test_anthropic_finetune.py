"""Examples for fine-tuning Claude on Bedrock: text only, roles alternate."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exporters.kit import WEATHER, asks, chat, claude, responses, run, said, user
from trace_ops.exporters import anthropic_finetune
from trace_ops.trace import Span


def examples(*spans: Span, per_call: bool = False) -> list[dict[str, Any]]:
    """The examples of a run, each checked by the rules of the format."""
    found, _ = anthropic_finetune(run(*spans), per_call)
    for example in found:
        roles = [message["role"] for message in example["messages"]]
        assert set(example) <= {"system", "messages"}
        assert roles == ["user", "assistant"] * (len(roles) // 2)
        assert all(set(message) == {"role", "content"} for message in example["messages"])
        assert all(
            isinstance(message["content"], str) and message["content"] for message in example["messages"]
        )
    return found


def told(*spans: Span) -> list[tuple[str, bool]]:
    return [(note.what, note.skipped) for note in anthropic_finetune(run(*spans))[1]]


def test_instructions_stand_apart_from_the_messages() -> None:
    span = chat({"role": "developer", "content": "Be brief."}, user("Hi"), answer={"content": "Hello"})

    assert examples(span) == [
        {
            "system": "Be brief.",
            "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}],
        }
    ]


def test_without_instructions_there_is_no_system() -> None:
    assert list(examples(responses("Hi", said("Hello")))[0]) == ["messages"]


def test_neighbours_of_one_role_are_one_message() -> None:
    span = claude(user("Hi"), user("Who are you?"), answer=[{"type": "text", "text": "Claude."}])

    assert examples(span)[0]["messages"][0]["content"] == "Hi\n\nWho are you?"


def test_a_conversation_is_exported_once_and_with_per_call_each_time() -> None:
    first = chat(user("Hi"), answer={"content": "Hello"})
    second = chat(
        user("Hi"), {"role": "assistant", "content": "Hello"}, user("Bye"), answer={"content": "Ciao"}
    )

    assert [len(example["messages"]) for example in examples(first, second)] == [4]
    assert [len(example["messages"]) for example in examples(first, second, per_call=True)] == [2, 4]


@pytest.mark.parametrize(
    ("span", "why"),
    [
        (chat(user("Oslo?"), answer=asks("Oslo"), tools=[WEATHER]), "it calls the tool weather"),
        (
            chat(user("Hi"), {"role": "system", "content": "Now in French"}, answer={"content": "Salut"}),
            "instructions in the midst of the conversation",
        ),
        (
            chat({"role": "assistant", "content": "Yes?"}, user("Hi"), answer={"content": "Hello"}),
            "it does not begin with the user and end with the assistant",
        ),
        (
            claude(
                user([{"type": "image", "source": {"type": "url", "url": "https://example.com/x.png"}}]),
                answer=[{"type": "text", "text": "A cat."}],
            ),
            "image content",
        ),
    ],
)
def test_what_has_no_place_is_skipped_with_the_reason(span: Span, why: str) -> None:
    assert examples(span) == []
    assert told(span) == [(why, True)]


def test_tools_that_were_not_called_are_left_out_and_told() -> None:
    span = chat(user("Hi"), answer={"content": "Hello"}, tools=[WEATHER])

    assert len(examples(span)) == 1
    assert told(span) == [("the tools it may call: weather", False)]
