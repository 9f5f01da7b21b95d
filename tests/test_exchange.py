"""Bodies: their bytes, the JSON in them, and when two are the same."""

from __future__ import annotations

import copy

import pytest

from trace_ops._json_text import COMPACT
from trace_ops.exchange import Body


def test_a_copy_of_a_body_nobody_has_read_reads_as_it_does() -> None:
    body = Body(b'{"n":1}')

    assert copy.deepcopy(body).json == {"n": 1}
    assert copy.deepcopy(body) == body


@pytest.mark.parametrize("kept", [Body(b'{"n":1}'), Body.from_json({"n": 1}, COMPACT)], ids=["raw", "parsed"])
def test_the_same_body_is_the_same_however_it_is_kept(kept: Body) -> None:
    assert kept.same_as(Body(b'{"n":1}'))
    assert kept.same_as(Body.from_json({"n": 1}, COMPACT))


@pytest.mark.parametrize("value", [{"n": True}, {"n": 1.0}, {"n": "1"}, {"m": 1}, [1], None])
def test_what_python_takes_for_equal_is_not_the_same(value: object) -> None:
    one = Body.from_json({"n": 1}, COMPACT)

    assert not one.same_as(Body.from_json(value, COMPACT))
    assert not Body.from_json(value, COMPACT).same_as(one)


def test_text_that_is_no_json_is_compared_as_text() -> None:
    assert Body(b"busy").same_as(Body(b"busy"))
    assert not Body.from_json({"n": 1}, COMPACT).same_as(Body(b"busy"))
