"""The poet replays from its cassette, with no key and no network."""

from __future__ import annotations

import pytest

pytest.importorskip("anthropic", reason="anthropic is not installed")

from examples import anthropic_stream
from trace_ops import Replayer


def test_the_poem_comes_in_the_pieces_in_which_it_was_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    with Replayer(anthropic_stream.CASSETTE) as replay, anthropic_stream.connected() as client:
        poem = anthropic_stream.write_poem(client, "the sea")

    assert poem == anthropic_stream.DOUBLE_SAYS.text
    assert capsys.readouterr().out == poem + "\n"
    assert replay.trace.trajectory == ["llm:claude-sonnet-5"]
    assert not replay.diff()
