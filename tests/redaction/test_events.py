"""Secrets in streams: within an event, and cut over the deltas of several."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.redaction.kit import SHAPED, leaks
from trace_ops.redaction import Scrubber

KEYS = {
    name: SHAPED[name]
    for name in ("openai project", "anthropic", "aws key id", "jwt", "github", "private key")
}


def _block(data: object, name: str = "", separators: tuple[str, str] = (",", ":")) -> str:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data, separators=separators, ensure_ascii=False)}\n\n"


def chat(pieces: Sequence[str]) -> list[str]:
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-5"}
    deltas: list[dict[str, Any]] = [
        {"role": "assistant", "content": ""},
        *({"content": p} for p in pieces),
        {},
    ]
    events = [
        _block(
            {
                **base,
                "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
                "obfuscation": "x" * at,
            }
        )
        for at, delta in enumerate(deltas)
    ]
    return [*events, "data: [DONE]\n\n"]


def chat_arguments(pieces: Sequence[str]) -> list[str]:
    return [
        _block(
            {
                "choices": [
                    {"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}}
                ]
            }
        )
        for piece in pieces
    ]


def two_choices(pieces: Sequence[str]) -> list[str]:
    """Interleaved: every other event belongs to another choice."""
    events = []
    for piece in pieces:
        events.append(_block({"choices": [{"index": 0, "delta": {"content": piece}}]}))
        events.append(_block({"choices": [{"index": 1, "delta": {"content": "other"}}]}))
    return events


def completions(pieces: Sequence[str]) -> list[str]:
    return [
        _block({"object": "text_completion", "choices": [{"index": 0, "text": piece}]}) for piece in pieces
    ]


def responses(pieces: Sequence[str]) -> list[str]:
    kind = "response.output_text.delta"
    return [
        _block(
            {
                "type": kind,
                "sequence_number": at,
                "item_id": "msg_1",
                "output_index": 0,
                "content_index": 0,
                "delta": p,
            },
            kind,
        )
        for at, p in enumerate(pieces)
    ]


def messages(pieces: Sequence[str]) -> list[str]:
    kind = "content_block_delta"
    events = [
        _block({"type": kind, "index": 0, "delta": {"type": "text_delta", "text": piece}}, kind).replace(
            "}}", "}   }"
        )
        for piece in pieces
    ]
    ping = 'event: ping\ndata: {"type": "ping"}\n\n'
    return [events[0], ping, *events[1:], "event: message_stop\ndata: {}\n\n"]


def message_arguments(pieces: Sequence[str]) -> list[str]:
    kind = "content_block_delta"
    return [
        _block(
            {"type": kind, "index": 1, "delta": {"type": "input_json_delta", "partial_json": p}},
            kind,
            (", ", ": "),
        )
        for p in pieces
    ]


def carriage_returns(pieces: Sequence[str]) -> list[str]:
    return [event.replace("\n", "\r\n") for event in chat(pieces)]


STREAMS: dict[str, Callable[[Sequence[str]], list[str]]] = {
    "chat": chat,
    "chat arguments": chat_arguments,
    "two choices": two_choices,
    "completions": completions,
    "responses": responses,
    "messages": messages,
    "message arguments": message_arguments,
    "carriage returns": carriage_returns,
}


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("kind", KEYS)
def test_a_key_is_found_wherever_the_deltas_cut_it(stream: str, kind: str) -> None:
    secret = KEYS[kind]
    text = f'say "{secret}" \u2192 ok'
    step = 1 if len(text) < 80 else 7
    scrubber = Scrubber({})

    for at in range(0, len(text), step):
        events = STREAMS[stream]([text[:at], text[at : at + 5], text[at + 5 :], " end"])
        scrubbed = scrubber.events(events)
        assert len(scrubbed) == len(events)
        assert leaks(secret, _strings(scrubbed)) == []
        assert _strings(scrubbed).endswith("end")


@pytest.mark.parametrize("stream", STREAMS)
def test_a_key_is_found_though_each_character_comes_alone(stream: str) -> None:
    secret = KEYS["anthropic"]

    scrubbed = Scrubber({}).events(STREAMS[stream](list(f"a {secret} b")))

    assert leaks(secret, _strings(scrubbed)) == []


@pytest.mark.parametrize("stream", STREAMS)
def test_a_stream_without_a_secret_stays_to_the_byte(stream: str) -> None:
    events = STREAMS[stream](["The ", "task-", "force ", "", "said: ", "\u201cok\u201d\n"])

    assert Scrubber({}).events(events) == events


@pytest.mark.parametrize("stream", STREAMS)
def test_only_events_that_held_a_secret_are_written_anew(stream: str) -> None:
    secret = KEYS["openai project"]
    plain = ["one ", "two ", " three", " four"]
    events = STREAMS[stream]([*plain[:2], secret[:9], secret[9:], *plain[2:]])

    scrubbed = Scrubber({}).events(events)

    same = [old == new for old, new in zip(events, scrubbed, strict=True)]
    assert same.count(False) == 2
    for old, new in zip(events, scrubbed, strict=True):
        assert _frame(old) == _frame(new)


def test_a_password_is_found_in_arguments_cut_anywhere() -> None:
    arguments = json.dumps({"user": "bob", "password": "hunter2-xyz"})
    scrubber = Scrubber({})

    for at in range(len(arguments)):
        events = chat_arguments([arguments[:at], arguments[at:]])
        joined = "".join(_argument(event) for event in scrubber.events(events))
        assert list(json.loads(joined)) == ["user", "password"]
        assert "hunter2" not in joined


def test_a_value_of_a_variable_is_found_in_deltas() -> None:
    scrubber = Scrubber.from_environment({"DB_PASSWORD": "hunter2hunter2"})

    scrubbed = scrubber.events(responses(["it is hun", "ter2hun", "ter2."]))

    assert [json.loads(event.partition("data: ")[2])["delta"] for event in scrubbed] == [
        "it is <env:DB_PASSWORD>", "", ".",
    ]  # fmt: skip


def test_a_key_within_one_event_is_scrubbed_in_place() -> None:
    secret = KEYS["github"]
    events = [_block({"type": "response.completed", "response": {"output": [{"text": f"it is {secret}"}]}})]

    scrubbed = Scrubber({}).events(events)

    assert scrubbed == [events[0].replace(secret, Scrubber({}).text(secret))]


def test_blocks_that_are_no_json_are_scrubbed_as_text() -> None:
    secret = KEYS["github"]

    scrubbed = Scrubber({}).events([": comment\n\n", f"data: {secret}\n\n", "data: [DONE]\n\n", "garbage"])

    assert leaks(secret, "".join(scrubbed)) == []
    assert [scrubbed[at] for at in (0, 2, 3)] == [": comment\n\n", "data: [DONE]\n\n", "garbage"]


def _strings(events: Sequence[str]) -> str:
    """All text of a stream, as a reader puts it together."""
    found: list[str] = []
    for event in events:
        data = event.partition("data: ")[2].strip()
        if data.startswith("{"):
            value = json.loads(data)
            for choice in value.get("choices", [value]):
                delta = choice.get("delta", choice.get("text"))
                if choice.get("index") == 1 and delta == {"content": "other"}:
                    continue
                _leaves(delta, found)
    return "".join(found)


def _leaves(value: object, found: list[str]) -> None:
    if isinstance(value, str):
        found.append(value)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if item not in ("text_delta", "input_json_delta", "assistant"):
            _leaves(item, found)


def _argument(event: str) -> str:
    value = json.loads(event.partition("data: ")[2])
    return str(value["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"])


def _frame(event: str) -> tuple[str, str, str]:
    """What stands around the JSON of an event, and how it is spaced."""
    head, _, data = event.partition("data: ")
    return head, data[:7], data[len(data.rstrip("]} \r\n")) :]
