"""JSON text is written in each style exactly as ``json`` would write it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_ops import _json_text
from trace_ops._json_text import JsonStyle

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


@given(VALUES, st.integers(0, 8), st.booleans())
def test_indented_text_is_that_of_json(value: object, indent: int, ascii_only: bool) -> None:
    style = JsonStyle(f"indent{indent}", ascii_only)

    assert _json_text.render(value, style) == json.dumps(value, indent=indent, ensure_ascii=ascii_only)


@given(VALUES, st.sampled_from(["compact", "spaced", "colon", "comma", "indent2"]), st.booleans())
def test_the_style_of_a_text_writes_it_again(value: object, layout: str, ascii_only: bool) -> None:
    text = _json_text.render(value, JsonStyle(layout, ascii_only))
    style = _json_text.detect(text, _json_text.parse(text))

    assert style is None or _json_text.render(_json_text.parse(text), style) == text


@pytest.mark.parametrize("layout", ["compact", "indent2"])
def test_json_nested_too_deep_has_no_style(layout: str) -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]

    with pytest.raises(RecursionError):
        _json_text.render(value, JsonStyle(layout))
