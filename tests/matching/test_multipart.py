from __future__ import annotations

from hashlib import sha256

from hypothesis import assume, given
from hypothesis import strategies as st

from trace_ops.exchange import Body, Request
from trace_ops.matching import Rules, canonical
from trace_ops.matching.multipart import parse

WAV = b"RIFF\x00\xff\r\n--not the boundary\r\n\r\n\n\r"


def multipart(boundary: str, parts: list[tuple[str, bytes]]) -> bytes:
    body = b"".join(
        b"--"
        + boundary.encode()
        + b"\r\nContent-Disposition: form-data; "
        + head.encode()
        + b"\r\n\r\n"
        + content
        + b"\r\n"
        for head, content in parts
    )
    return body + b"--" + boundary.encode() + b"--\r\n"


def key(boundary: str, parts: list[tuple[str, bytes]], rules: Rules | None = None) -> str:
    sent = Request(
        "POST",
        "/audio/transcriptions",
        body=Body(multipart(boundary, parts)),
        content_type=f"multipart/form-data; boundary={boundary}",
    )
    return canonical(sent, "openai", rules or Rules()).key


AUDIO = ('name="file"; filename="a.wav"\r\nContent-Type: audio/wav', WAV)
MODEL = ('name="model"', b"whisper-1")


def test_the_boundary_and_the_order_of_fields_never_matter() -> None:
    assert key("aaa", [AUDIO, MODEL]) == key("bbb", [MODEL, AUDIO])


def test_name_filename_type_and_content_do() -> None:
    head = AUDIO[0]
    changes = [
        [AUDIO, ('name="model"', b"whisper-2")],
        [AUDIO, ('name="language"', b"whisper-1")],
        [(head, WAV + b"\n"), MODEL],
        [(head.replace("a.wav", "b.wav"), WAV), MODEL],
        [(head.replace("audio/wav", "audio/mp3"), WAV), MODEL],
        [AUDIO, MODEL, MODEL],
        [AUDIO],
    ]
    assert len({key("aaa", parts) for parts in [[AUDIO, MODEL], *changes]}) == 8


def test_the_order_under_one_name_matters() -> None:
    one, two = ('name="image[]"; filename="x"', b"1"), ('name="image[]"; filename="x"', b"2")
    assert key("aaa", [one, two]) != key("aaa", [two, one])


def test_parts_are_shown_readable() -> None:
    shown = parse(multipart("b-1", [AUDIO, MODEL]), 'multipart/form-data; boundary="b-1"')
    assert shown == {
        "model": "whisper-1",
        "file": {
            "filename": "a.wav",
            "content_type": "audio/wav",
            "bytes": len(WAV),
            "sha256": sha256(WAV).hexdigest(),
        },
    }


def test_rules_reach_into_parts() -> None:
    other = (AUDIO[0].replace("a.wav", "tmp123.wav"), WAV)
    rules = Rules.of(ignore=["file.filename"])
    assert key("aaa", [AUDIO, MODEL], rules) == key("aaa", [other, MODEL], rules)


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_any_two_contents_differ(one: bytes, other: bytes) -> None:
    assume(one != other)
    head = 'name="file"; filename="x"'
    assert key("bo-und", [(head, one)]) != key("bo-und", [(head, other)])


@given(st.binary(max_size=80), st.text(max_size=30))
def test_what_is_no_multipart_body_is_none(raw: bytes, content_type: str) -> None:
    assert parse(raw, content_type) is None
    assert parse(raw, "multipart/form-data; boundary=xyz") is None
