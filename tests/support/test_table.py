"""``docs/providers.md`` says what the tests showed, of every seam there is."""

from __future__ import annotations

import re

import pytest

import noxfile
from tests.support import data, table
from tests.support.rows import ROWS, told_by
from trace_ops.frameworks._registry import FRAMEWORKS
from trace_ops.providers._registry import PROVIDERS
from trace_ops.providers.unrecorded import UNRECORDED

FOUND = data.read()
TOLD_ELSEWHERE = {
    seam.name for seam in (*UNRECORDED, *FRAMEWORKS) if seam in UNRECORDED or not seam.distributions
}
"""``docs/limits.md`` names those without a recording, ``docs/frameworks.md`` what is of Python itself."""


def test_the_page_is_what_the_data_give() -> None:
    page = table.PAGE.read_text("utf-8")

    assert page == table.page(page, FOUND), "bring it up to date: python -m tests.support.table"


def test_every_seam_has_a_row() -> None:
    seams = {seam.name for seam in (*PROVIDERS, *FRAMEWORKS)}

    assert seams - TOLD_ELSEWHERE - {row.seam for row in ROWS} == set()


@pytest.mark.parametrize("seam", sorted({seam.name for seam in (*PROVIDERS, *FRAMEWORKS)} - TOLD_ELSEWHERE))
def test_every_seam_was_tested_with_some_version(seam: str) -> None:
    shown = {name for part in FOUND.values() for name in part["shown"]}

    assert {row.distribution for row in ROWS if row.seam == seam} & shown


def test_the_data_are_of_the_environments_that_there_are() -> None:
    assert set(FOUND) <= set(noxfile.ENVIRONMENTS)


def test_what_is_said_to_be_lacking_is_a_column() -> None:
    assert [row for row in ROWS if set(row.lacks) - set(row.columns)] == []


@pytest.mark.parametrize(
    ("test", "is_async", "told"),
    [
        ("test_conformance.py::test_x[async_mistral-chat_stream_tools]", True, ["async", "streams", "tools"]),
        ("test_conformance.py::test_x[cohere-retried_in_vain]", False, ["sync", "retries"]),
        ("test_conformance.py::test_x[google-embed_content]", False, ["sync", "embeddings"]),
        ("test_conformance.py::test_x[openai-status_503]", False, ["sync", "errors"]),
    ],
)
def test_a_test_tells_of_what_its_name_says(test: str, is_async: bool, told: list[str]) -> None:
    assert [columns for _, columns in told_by(f"tests/sdk/{test}", is_async)] == [told]


def test_a_claim_that_a_run_does_not_show_is_lost() -> None:
    claimed = data.Part(python="3.12", shown={"a": {"version": "1", "passed": {"tests": 2, "tools": 1}}})
    shown = data.Part(python="3.12", shown={"a": {"version": "2", "passed": {"tests": 1}}})

    assert data.lost(claimed, shown) == ["a: tools"]
    assert data.lost(claimed, claimed) == []
    assert data.lost(None, shown) == []


def test_limits_say_nothing_of_versions() -> None:
    """They are in the generated table alone."""
    limits = (table.PAGE.parent / "limits.md").read_text("utf-8")

    assert re.findall(r"\b\d+\.\d+ to \d+\.\d+", limits) == []
