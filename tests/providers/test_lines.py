"""Streams of JSON a line: every byte comes back in the piece it came in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sdk.kit import Kit
from tests.sdk.scenarios import ollama
from trace_ops import Recorder, Replayer
from trace_ops.cassette.streams import decode_stream, encode_stream
from trace_ops.double import ProviderDouble
from trace_ops.errors import StreamTruncatedError
from trace_ops.exchange import Stream
from trace_ops.wire.sse import is_terminal, split_lines

_JSON = st.dictionaries(st.sampled_from(["model", "response", "done"]), st.text(max_size=8) | st.booleans())
_LINES = st.builds(
    lambda value, ascii_only, end: json.dumps(value, ensure_ascii=ascii_only) + end,
    _JSON,
    st.booleans(),
    st.sampled_from(["\n", "\r\n", "\n\n", ""]),
)


@given(st.binary(max_size=80))
def test_lines_are_split_without_losing_a_byte(raw: bytes) -> None:
    lines = split_lines(raw.decode("utf-8", "surrogateescape"))
    assert "".join(lines).encode("utf-8", "surrogateescape") == raw
    assert all("\n" not in line[:-1] for line in lines)


@given(st.lists(_LINES | st.text(st.characters() | st.just("\udcff"), max_size=12), max_size=8))
def test_lines_come_back_from_a_cassette(texts: list[str]) -> None:
    lines = split_lines("".join(texts))
    stream = Stream(lines, list(range(len(lines))))
    read = decode_stream(encode_stream(stream), ())
    assert list(read.events) == lines
    assert list(read.at_ms) == list(stream.at_ms)


@pytest.mark.parametrize(
    ("line", "last"),
    [
        ('{"model":"m","response":"","done":true}\n', True),
        ('{"is_finished":true,"event_type":"stream-end"}\n', True),
        ('{"model":"m","response":"","done":true}', False),
        ('{"message":{"done":true},"done":false}\n', False),
        ('{"response":"\\"done\\":true"}\n', False),
        ('{"done":tr\n', False),
    ],
)
def test_the_last_line_is_told(line: str, last: bool) -> None:
    assert is_terminal(line) is last


def test_a_reader_that_stops_at_the_last_line_has_all(tmp_path: Path) -> None:
    pytest.importorskip("ollama", reason="ollama is not installed")

    def read(kit: Kit, stop: Any) -> list[Any]:
        pieces = []
        stream = kit.client("ollama").chat(**ollama.CHAT, stream=True)
        for piece in stream:
            pieces.append(piece)
            if stop(piece):
                stream.close()
                break
        kit.close()
        return pieces

    for name, stop in (("whole", lambda piece: piece.done), ("part", lambda _: True)):
        path = tmp_path / f"{name}.yaml"
        with ProviderDouble(event_delay=0.01) as double, Recorder(save_to=path):
            seen = read(Kit(double.url), stop)
        with Replayer(path):
            assert read(Kit("http://127.0.0.1:9", replaying=True), stop) == seen
        if name == "whole":
            with Replayer(path):
                assert read(Kit("http://127.0.0.1:9", replaying=True), lambda _: False) == seen
        else:
            with pytest.raises(StreamTruncatedError), Replayer(path):
                read(Kit("http://127.0.0.1:9", replaying=True), lambda _: False)
