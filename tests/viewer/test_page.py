"""The page: whatever was recorded stays data, in any browser."""

from __future__ import annotations

import gzip
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diff.kit import chat, step, trace
from tests.viewer.kit import Page
from trace_ops.trace import Trace
from trace_ops.viewer import page
from trace_ops.viewer.bundle import Keys
from trace_ops.viewer.page import Piece
from trace_ops.viewer.shelf import Shelf

HOSTILE = [
    "</script><script>alert(1)</script>",
    "</SCRIPT >",
    "<!--<script>",
    "--><script>",
    "]]>",
    "<!--data-->",
    "\u2028\u2029",
    "\ud800 alone",
    "\udfff\ud800",
    "\x00\x01\x1f\x7f",
    "\ufeff\ufffe\uffff",
    '"\\u003c/script>"',
    "\\",
    "' onerror='alert(1)",
    "\u202e\u2066bidi",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "a" * 100_000,
    "<" * 40_000,
]
TEXTS = st.text(st.characters(codec=None), max_size=30) | st.sampled_from(HOSTILE)
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def read(*traces: Trace, title: str = "title") -> Page:
    shelf = Shelf()
    for given_trace in traces:
        shelf.add(given_trace, given_trace.name)
    return Page(b"".join(page.page(shelf.pieces(title)))).check()


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile_text_is_read_back_as_it_was_and_adds_no_element(text: str) -> None:
    plain = read(trace(chat("Hello."), step("tool", "look", {"a": "b"}, "c")))
    hostile = Trace(text, spans=trace(chat(text), step("tool", text, {text: text}, text)).spans, tags=[text])

    found = read(hostile, title=text)

    assert len(found.scripts) == len(plain.scripts)
    (head,) = found.bundle["runs"]
    assert (head["name"], head["tags"], found.bundle["title"]) == (text, [text], text)
    details = found.details(head["key"])
    assert details["spans"]["2"]["input"] == {text: text}
    assert {part["content"] for message in details["messages"] for part in message["parts"]} >= {text}


@given(JSON)
def test_any_value_comes_to_the_browser(value: Any) -> None:
    """As the JSON that it is, but for what JavaScript has not: large integers, NaN, the infinities."""
    found = read(trace(step("tool", "look", value)))

    (head,) = found.bundle["runs"]
    assert found.details(head["key"])["spans"]["1"]["input"] == _in_javascript(value)


def _in_javascript(value: Any) -> Any:
    if isinstance(value, str):
        # Two surrogates that belong together are one character there.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if isinstance(value, dict):
        return {_in_javascript(key): _in_javascript(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_in_javascript(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) <= 2**53 else str(value)
    return value


def test_large_pieces_are_compressed_and_small_ones_can_be_read() -> None:
    small, large = Piece.of("run:a", {"a": 1}), Piece.of("run:b", ["x" * 100] * 1_000)

    assert (small.compressed, small.body) == (False, b'{"a": 1}')
    assert large.compressed
    assert len(large.body) < 1_000
    assert json.loads(gzip.decompress(large.body)) == ["x" * 100] * 1_000


def test_the_same_runs_give_the_same_bytes() -> None:
    def pieces() -> list[Piece]:
        shelf = Shelf()
        shelf.add(trace(chat("x" * 50_000)), "one")
        return [piece for piece in shelf.pieces("title") if piece.id != "bundle"]

    assert pieces() == pieces()


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["cassettes/a b.yaml"], ["cassettes-a-b.yaml"]),
        (["a", "a", "a-2", "a"], ["a", "a-2", "a-2-2", "a-3"]),
        (["../../etc/passwd", "", "..", "/"], ["etc-passwd", "run", "run-2", "run-3"]),
        (['"><script>', "ä/ö"], ["script", "run"]),
        (["x" * 200], ["x" * 100]),
    ],
)
def test_keys_are_safe_in_an_address_and_each_is_there_once(names: list[str], keys: list[str]) -> None:
    taken = Keys()

    assert [taken.take(name) for name in names] == keys
