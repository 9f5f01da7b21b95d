"""How much alike two texts are."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Indel

from trace_ops.diff.similarity import embedder, lexical
from trace_ops.errors import UsageError

TEXT = st.one_of(
    st.text(max_size=80), st.lists(st.sampled_from(["sun", "rain", ".", " . ", "\n"])).map(" ".join)
)


@given(TEXT, TEXT)
def test_lexical_is_a_share_symmetric_and_whole_only_for_equal_words(a: str, b: str) -> None:
    score = lexical(a, b)

    assert 0 <= score <= 1
    assert score == lexical(b, a)
    assert (score == 1) == (a.split() == b.split())


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [
        ("It is sunny in Rome.", "It is sunny in Rome!", 0.8, 0.99),
        ("It is sunny in Rome.", "Rome: rain", 0.0, 0.4),
        ("a b", "a  b\n", 1, 1),
        ("a.", "a .", 0.99, 0.9999),
        ("yes", "no", 0, 0),
        ("", "", 1, 1),
    ],
)
def test_lexical(a: str, b: str, low: float, high: float) -> None:
    assert low <= lexical(a, b) <= high


def test_order_counts() -> None:
    assert lexical("first sun then rain", "first rain then sun") < 1


@pytest.mark.parametrize("length", [2_000, 200_000])
def test_the_order_of_words_is_compared_in_texts_that_are_not_too_long(
    length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes time by both lengths: 400 million pairs of words a second or so."""
    old, new = "sun and rain " * (length // 3), "rain and snow " * (length // 3)
    compared: list[int] = []
    measure = Indel.normalized_similarity

    def measured(a: Sequence[int], b: Sequence[int]) -> float:
        compared.append(len(a) * len(b))
        return measure(a, b)

    monkeypatch.setattr(Indel, "normalized_similarity", measured)

    score = lexical(old, new)

    assert 0.3 < score < 0.9
    assert [pairs <= 400_000_000 for pairs in compared] == ([True] if length == 2_000 else [])


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from trace_ops.diff import similarity

    similarity._model.cache_clear()
    monkeypatch.setitem(sys.modules, "wordllama", None)
    with pytest.raises(UsageError, match=r'pip install "TraceOps\[similarity\]"'):
        embedder()


class TestMeaning:
    """The real model, with no network."""

    @pytest.fixture(autouse=True)
    def offline(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("wordllama", reason="similarity by meaning is tested with TraceOps[similarity]")

        def refuse(*_: object) -> None:
            raise AssertionError("a model that is local needs no network")

        monkeypatch.setattr(socket.socket, "connect", refuse)

    def test_the_same_in_other_words_is_more_alike_than_something_else(self) -> None:
        similarity = embedder()
        said = "The meeting is on Tuesday at noon."

        assert similarity(said, "At noon on Tuesday we meet.") > 0.8
        assert similarity(said, "Bananas are rich in potassium.") < 0.5

    def test_it_is_symmetric_and_1_only_for_equal_words(self) -> None:
        similarity = embedder()

        assert similarity("sun  rain", "sun rain") == 1
        assert similarity("rain sun", "sun rain") == similarity("sun rain", "rain sun") < 1
        assert similarity("", "sun") == 0
        assert 0 <= similarity("\ud800", "\x00 sun") < 1

    def test_the_logging_of_the_program_stays_as_it_is(self) -> None:
        """Importing wordllama calls ``logging.basicConfig``; here in a process that has not."""
        program = (
            "import logging\n"
            "from trace_ops.diff.similarity import embedder\n"
            "embedder()\n"
            "print(logging.getLogger().handlers, logging.getLogger().level)\n"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

        assert done.stdout == f"[] {logging.WARNING}\n"
