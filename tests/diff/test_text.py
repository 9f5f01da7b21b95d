"""Two texts, compared by words."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq

from trace_ops.diff.text import Segment, segments

WORDS = st.lists(st.sampled_from(["sun", "rain", " ", "\n", ".", "Rome", "雨", "\x1b"]), max_size=40).map(
    "".join
)


def marked(old: str, new: str) -> str:
    """What was removed in square brackets, what was added in braces."""
    signs = {"equal": ("", ""), "removed": ("[", "]"), "added": ("{", "}")}
    return "".join(f"{signs[kind][0]}{text}{signs[kind][1]}" for kind, text in segments(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("same", "same", "same"),
        ("", "new", "{new}"),
        ("old", "", "[old]"),
        ("It rains.", "It snows.", "It [rains]{snows}."),
        ("Go to Rome", "You should go to Rome", "[Go]{You should go} to Rome"),
        # What stays between two changes by chance does not tear them apart.
        ("the weather in Paris, please", "the traffic in London, please",
         "the [weather in Paris]{traffic in London}, please"),
        # A line that went is told as that line.
        ("line 1\nline 2\nline 3", "line 1\nline 3", "line 1\n[line 2\n]line 3"),
        # There are no spaces between Chinese words.
        ("今天下雨了", "今天下雪了", "今天下[雨]{雪}了"),
    ],
)  # fmt: skip
def test_words(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected


@given(WORDS, WORDS)
def test_both_texts_can_be_put_together_again(old: str, new: str) -> None:
    found = segments(old, new)

    assert "".join(text for kind, text in found if kind != "added") == old
    assert "".join(text for kind, text in found if kind != "removed") == new
    assert all(text for _, text in found)


@given(st.text(max_size=200))
def test_a_text_and_itself(text: str) -> None:
    assert segments(text, text) == ([Segment("equal", text)] if text else [])


@pytest.mark.parametrize("newline", ["\n", " "])
@pytest.mark.parametrize("shuffled", [False, True])
def test_long_texts_take_no_more_than_a_bounded_comparison(
    newline: str, shuffled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred kilobytes: a word changed in every tenth line, or nothing where it was."""
    compared: list[int] = []
    opcodes = LCSseq.opcodes

    def measured(a: Sequence[int], b: Sequence[int]) -> Any:
        compared.append(len(a) * len(b))
        return opcodes(a, b)

    monkeypatch.setattr(LCSseq, "opcodes", measured)
    chance = random.Random(1)
    lines = [" ".join(chance.choices("alpha beta gamma delta eps zeta".split(), k=10)) for _ in range(4000)]
    other = [f"{line} and more" if number % 10 == 0 else line for number, line in enumerate(lines)]
    if shuffled:
        chance.shuffle(other)

    found = segments(newline.join(lines), newline.join(other))

    # A comparison takes time by the product of the lengths; all the words would be seven billion pairs.
    assert sum(compared) <= 400_000_000
    assert "".join(text for kind, text in found if kind != "removed") == newline.join(other)
    if not shuffled and newline == "\n":
        assert sum(kind == "added" for kind, _ in found) == 400
