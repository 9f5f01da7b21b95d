"""A cassette takes little more than what was new on the wire, and less for streams."""

from __future__ import annotations

import pytest

from tests.cassette.agents import STREAMS, agent_run, header_bytes, streamed, wire_bytes
from trace_ops.cassette import dumps, loads


@pytest.mark.parametrize("words", [12, 40, 100])
@pytest.mark.parametrize("headers", [False, True])
def test_an_agent_run_takes_at_most_half_more_than_its_last_request_and_all_answers(
    words: int, headers: bool
) -> None:
    cassette = agent_run(20, words=words, headers=headers)
    written = dumps(cassette)

    assert loads(written) == cassette
    assert len(written) <= 1.5 * wire_bytes(cassette)


def test_with_the_headers_that_went_over_the_wire_even_the_shortest_messages_take_no_more_than_these() -> (
    None
):
    cassette = agent_run(20, words=4)

    assert len(dumps(cassette)) <= wire_bytes(cassette) + header_bytes(cassette)


def test_a_long_run_grows_with_its_turns_and_not_with_their_square() -> None:
    short, long = (len(dumps(agent_run(turns))) for turns in (50, 200))

    assert long < 4.2 * short


@pytest.mark.parametrize(("api", "blocks"), STREAMS.items())
def test_a_hundred_chunks_take_at_most_a_third_of_their_events(api: str, blocks: list[str]) -> None:
    cassette = streamed(api, blocks)
    written = dumps(cassette)

    assert loads(written) == cassette
    assert len(written) * 3 <= sum(len(block.encode()) for block in blocks)
