"""Bedrock's binary frames as readable events, and back to the byte."""

from __future__ import annotations

import json

import pytest

from trace_ops.double._eventstream import chunk, frame
from trace_ops.wire.eventstream import events_of, frame_of

DELTA = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Zoë ☃"}}


def frames(*events: dict[str, object]) -> list[bytes]:
    return [chunk(json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()) for event in events]


def test_frames_come_back_to_the_byte_and_read_as_events() -> None:
    sent = frames(DELTA, {"type": "message_stop"})
    events = events_of(b"".join(sent))
    assert events is not None
    assert events[0].startswith('event: chunk\ndata: {"type":"content_block_delta"')
    assert "Zoë ☃" in events[0]
    assert [frame_of(event) for event in events] == sent


@pytest.mark.parametrize(
    "raw",
    [
        frames(DELTA)[0][:-1] + b"\0",
        b"\0\0\0\5hello, world, and more",
        chunk(b"not json"),
        chunk(b'{"type": "spaced"}'),
    ],
    ids=["bad checksum", "no frame", "no JSON", "other spacing"],
)
def test_what_would_not_come_back_is_left_as_it_is(raw: bytes) -> None:
    assert events_of(frames(DELTA)[0] + raw) is None


def test_a_frame_that_was_cut_off_keeps_those_before_it_readable() -> None:
    whole, cut = frames(DELTA)[0], frames({"type": "message_stop"})[0][:-9]
    events = events_of(whole + cut)
    assert events is not None
    assert "Zoë" in events[0]
    assert [frame_of(event) for event in events] == [whole, cut]


def test_an_exception_in_the_stream_is_readable_too() -> None:
    compact = _reframed(b'{"message":"slow down"}')
    events = events_of(compact)
    assert events == ['event: exception throttlingException\ndata: {"message":"slow down"}\n\n']
    assert frame_of(events[0]) == compact


def _reframed(payload: bytes) -> bytes:
    kind = {
        ":exception-type": "throttlingException",
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    return frame(kind, payload)


CONVERSE = b'{"contentBlockIndex":0,"delta":{"text":"Zo\xc3\xab \\u2603"},"p":"abcdef"}'


def converse(kind: str, payload: bytes) -> bytes:
    return frame(
        {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}, payload
    )


def test_converse_frames_hold_their_json_as_it_is() -> None:
    sent = [
        converse("messageStart", b'{"p":"abc","role":"assistant"}'),
        converse("contentBlockDelta", CONVERSE),
        converse("messageStop", b'{"p": "spaced", "stopReason": "end_turn"}'),
        frame(
            {
                ":exception-type": "modelStreamErrorException",
                ":content-type": "application/json",
                ":message-type": "exception",
            },
            b'{"message": "broke off"}',
        ),
    ]

    events = events_of(b"".join(sent))

    assert events is not None
    assert events[1] == f"event: contentBlockDelta\ndata: {CONVERSE.decode()}\n\n"
    assert events[3] == 'event: exception modelStreamErrorException\ndata: {"message": "broke off"}\n\n'
    assert [frame_of(event) for event in events] == sent


@pytest.mark.parametrize(
    "raw",
    [
        converse("messageStart", b'{"role":\n"assistant"}'),
        converse("messageStart", b'{"role":\r"assistant"}'),
        converse("messageStart", b"\xff"),
        converse("chunk", b'{"role":"assistant"}'),
        converse("chunk", b'["bytes"]'),
        converse("two\n\ndata: lines", b"{}"),
        frame({":event-type": "messageStart"}, b'{"role":"assistant"}'),
    ],
    ids=["line end", "carriage return", "no text", "not wrapped", "a list", "odd name", "other headers"],
)
def test_converse_frames_that_would_not_come_back_are_left_as_they_are(raw: bytes) -> None:
    assert events_of(raw) is None


def test_a_converse_frame_that_was_cut_off_keeps_those_before_it_readable() -> None:
    whole, cut = converse("contentBlockDelta", CONVERSE), converse("messageStop", b"{}")[:-9]
    events = events_of(whole + cut)
    assert events is not None
    assert [frame_of(event) for event in events] == [whole, cut]
