"""The blocks of a run are those that were recorded, whatever stands in them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_ops.cassette.streams import decode_stream, encode_stream
from trace_ops.exchange import Stream

# What the writer itself would put into a template is among the values.
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8"))
    | st.sampled_from(["<hole 0>", '"<hole 1>"'])
)
SHAPES = st.fixed_dictionaries(
    {"a": LEAVES, "b": st.fixed_dictionaries({"c": LEAVES, "d": st.lists(LEAVES, max_size=2)})}
)


def block(data: object, pad: int, name: str | None, ascii_only: bool) -> str:
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=ascii_only)
    named = "" if name is None else f"event: {name}\n"
    return f"{named}data: {text[:-1]}{' ' * pad}{text[-1:]}\n\n"


@given(
    st.lists(st.tuples(SHAPES, st.integers(0, 3)), min_size=3, max_size=8),
    st.sampled_from([None, "delta", "\0"]),
    st.booleans(),
)
def test_a_run_gives_its_blocks_back(
    events: list[tuple[object, int]], name: str | None, ascii_only: bool
) -> None:
    blocks = [block(data, pad, name, ascii_only) for data, pad in events]

    document = encode_stream(Stream(blocks, [0] * len(blocks)))

    assert list(decode_stream(document, ()).events) == blocks


@pytest.mark.parametrize("text", ["<hole 0>", "<hole 1>"])
def test_data_that_looks_like_a_hole_is_data(text: str) -> None:
    blocks = [block({"said": text, "n": n}, 0, None, False) for n in (3, 1, 4, 1, 5)]

    document = encode_stream(Stream(blocks, [0] * 5))

    assert document["events"][0]["times"] == 5
    assert list(decode_stream(document, ()).events) == blocks
