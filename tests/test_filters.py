"""The grammar, held to the vectors that the page is held to as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_ops import filters
from trace_ops.trace import SpanKind
from trace_ops.viewer import texts
from trace_ops.viewer.data import LinkKind, Span

VECTORS: dict[str, Any] = json.loads(
    Path(__file__).parents[1].joinpath("viewer/vectors/filters.json").read_text("utf-8")
)
DETAILS: Any = {
    **VECTORS["details"],
    "spans": {int(key): value for key, value in VECTORS["details"]["spans"].items()},
}


def subject(step: dict[str, Any]) -> filters.Subject:
    return filters.Subject(step["span"], step["links"], lambda: step["texts"], lambda: step["reasons"])


@pytest.mark.parametrize("vector", VECTORS["matches"], ids=lambda vector: vector["filter"] or "empty")
def test_a_filter_means_these_steps(vector: dict[str, Any]) -> None:
    read = filters.parse(vector["filter"])
    found = [step["span"]["id"] for step in VECTORS["steps"] if read.fits(subject(step))]
    assert found == vector["steps"]


@pytest.mark.parametrize("vector", VECTORS["errors"], ids=lambda vector: vector["filter"])
def test_what_is_no_filter_is_told_with_its_place(vector: dict[str, Any]) -> None:
    with pytest.raises(filters.FilterError) as caught:
        filters.parse(vector["filter"])
    assert (str(caught.value), caught.value.position) == (vector["message"], vector["position"])


def test_the_vectors_use_every_field_kind_and_word() -> None:
    asked = " ".join(vector["filter"].lower() for vector in (*VECTORS["matches"], *VECTORS["errors"]))
    assert [field for field in filters.FIELDS if f"{field}:" not in asked] == []
    assert {step["span"]["kind"] for step in VECTORS["steps"]} <= set(get_args(SpanKind))
    assert [kind for kind in get_args(LinkKind) if f"has:{kind}" not in asked] == []
    assert all(step["span"].keys() == Span.__annotations__.keys() for step in VECTORS["steps"])


def test_the_docs_tell_of_every_field_and_word() -> None:
    page = Path(__file__).parents[1].joinpath("docs/viewer.md").read_text("utf-8").partition("## Filters")[2]
    words = [*get_args(SpanKind), *get_args(LinkKind), "running", "streamed", "retried", "cached", "unpriced"]
    assert [field for field in filters.FIELDS if f"`{field}:" not in page] == []
    assert [word for word in words if f"`{word}`" not in page and f":{word}`" not in page] == []


@pytest.mark.parametrize("vector", VECTORS["texts"], ids=lambda vector: f"step {vector['step']}")
def test_these_texts_of_a_step_are_searched(vector: dict[str, Any]) -> None:
    assert sorted(texts.texts_of(DETAILS, vector["step"])) == vector["texts"]


def test_thoughts_are_found_in_answers_only() -> None:
    assert [n for n in DETAILS["spans"] if texts.reasons(DETAILS, n)] == VECTORS["reasons"]


def test_texts_and_thoughts_are_not_asked_for_in_vain() -> None:
    def never() -> Any:
        raise AssertionError("asked for in vain")

    step = filters.Subject(VECTORS["steps"][1]["span"], (), never, never)
    assert filters.parse("kind:llm has:reasoning,tools tokens:>1 -model:claude*").fits(step)
    assert not filters.parse("kind:tool rome has:reasoning").fits(step)


@given(st.text(alphabet=st.sampled_from('kind:lmtoes-*,"\\ .>=<1s'), max_size=24) | st.text(max_size=24))
def test_any_text_is_a_filter_or_gives_an_error_with_a_place_in_it(text: str) -> None:
    place = 0
    try:
        read = filters.parse(text)
    except filters.FilterError as error:
        place = error.position
    else:
        assert len([read.fits(subject(step)) for step in VECTORS["steps"]]) == 10
    assert 0 <= place <= len(text)
