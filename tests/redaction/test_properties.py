"""What holds for any text."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.redaction.kit import SHAPED, leaks
from tests.redaction.test_secrets import VALUES
from trace_ops.redaction import Scrubber, _placeholder, placeholders

SCRUBBER = Scrubber.from_environment(
    {f"SECRET_{number}_KEY": value for number, value in enumerate(VALUES.values())}
)

secrets = st.sampled_from([*SHAPED.values(), *VALUES.values(), "<env:A>", "<openai-key:0123456789ab>"])
glue = st.sampled_from(
    [
        "",
        " ",
        "\n",
        '"',
        "'",
        "\\",
        "=",
        ":",
        "/",
        "@",
        "-",
        "_",
        ",",
        "sk-",
        "Bearer ",
        "://",
        'password":"',
        '\\"',
        "***",
    ]
)
texts = st.lists(st.one_of(secrets, glue, st.text(max_size=10)), max_size=8).map("".join)
keys = st.one_of(
    st.text(max_size=8), st.sampled_from(["password", "api_key", "client_secret", "token", "content"])
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)


@pytest.fixture(autouse=True, scope="module")
def quick_hashes() -> Any:
    """The slow hash is slow on purpose; its speed is of no interest here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_placeholder, "_ROUNDS", 1)
        _placeholder.of_weak.cache_clear()
        yield
    _placeholder.of_weak.cache_clear()


@given(texts)
@settings(max_examples=400)
def test_scrubbing_twice_changes_nothing_more(text: str) -> None:
    once = SCRUBBER.text(text)

    assert SCRUBBER.text(once) is once


@given(values, st.sampled_from([None, 2]), st.booleans())
@settings(max_examples=400)
def test_json_stays_json_of_the_same_structure(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)

    assert _shape(json.loads(SCRUBBER.text(text))) == _shape(value)


@given(values)
@settings(max_examples=200)
def test_json_within_json_stays_json(value: Any) -> None:
    text = json.dumps({"arguments": json.dumps(value)})

    assert _shape(json.loads(json.loads(SCRUBBER.text(text))["arguments"])) == _shape(value)


@given(st.sampled_from(sorted(SHAPED)), st.text(max_size=20), st.text(max_size=20))
@settings(max_examples=300)
def test_a_key_never_comes_through(kind: str, before: str, after: str) -> None:
    text = json.dumps({"content": f"{before} {SHAPED[kind]} {after}"})

    assert leaks(SHAPED[kind], SCRUBBER.text(text)) == []


@given(st.text(st.characters(codec="utf-8")), st.lists(st.integers(0, 200), max_size=5))
@settings(max_examples=200)
def test_parts_read_as_the_whole_does(text: str, cuts: list[int]) -> None:
    text = f"{text} {SHAPED['openai']} {text}"
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    parts = [text[start:end] for start, end in pairwise(places)]

    assert "".join(SCRUBBER.parts(parts)) == SCRUBBER.text(text)


@given(st.text())
@settings(max_examples=300)
def test_text_without_a_secret_is_returned_itself(text: str) -> None:
    scrubbed = Scrubber({}).text(text)

    assert scrubbed is text or placeholders(scrubbed)


@given(st.binary())
@settings(max_examples=200)
def test_bytes_of_any_kind_come_through(data: bytes) -> None:
    scrubbed = Scrubber({}).bytes(data)

    assert scrubbed is data or b"<" in scrubbed


@given(
    st.lists(
        st.tuples(st.sampled_from(["sk-proj-", "ghp_", "gsk_"]), st.text("abcXYZ0189", min_size=24)),
        unique=True,
    )
)
def test_two_keys_never_share_a_placeholder(made: list[tuple[str, str]]) -> None:
    found = [Scrubber({}).text(prefix + "a1" + rest) for prefix, rest in made]

    assert len(set(found)) == len(made)


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return [_shape(item) for item in value.values()]
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return "" if isinstance(value, str) else value
