"""Real runs beside copies of themselves with one edit: the edit is named, and nothing else is blamed."""

from __future__ import annotations

from itertools import islice

import pytest

from benchmarks import _corpus, divergence

EVERY = 8

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not _corpus.DATA.exists(), reason="the corpus of real exchanges is not beside the checkout"
    ),
]


@pytest.fixture(scope="module")
def named() -> dict[str, divergence.Named]:
    return divergence.judge(islice(_corpus.runs(), 0, None, EVERY))


def test_the_first_difference_is_the_edit_and_the_only_one_that_nothing_explains(
    named: dict[str, divergence.Named],
) -> None:
    wrong = {row.what: row.wrong for row in named.values() if row.wrong}

    assert not wrong


def test_every_kind_of_edit_was_tried(named: dict[str, divergence.Named]) -> None:
    tried = {row.what: row.runs for row in named.values()}

    assert len(tried) == 14
    assert tried["none (identical)"] > 130
    assert min(tried.values()) > 20
