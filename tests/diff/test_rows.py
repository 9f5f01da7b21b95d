"""Two texts as rows with signs, and what is cut away."""

from __future__ import annotations

from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from trace_ops.diff.rows import marks, one_sided, rows

PROMPT = (
    "You are the planner of a travel agency. Read the wishes of the customer with care, look up the weather "
    "in Paris for the days of the journey, and write a plan that has one line for every day. Name no prices."
)


def told(old: str, new: str, full: bool = False) -> str:
    return "".join(f"{row.sign} {row.text}".rstrip() + "\n" for row in rows(old, new, full).rows)


def text(lines: str) -> str:
    return dedent(lines).lstrip("\n")


def test_a_long_line_is_cut_around_what_changed() -> None:
    new = PROMPT.replace("Paris", "London").replace("prices", "hotels")

    assert told(PROMPT, new) == text("""
    - …care, look up the weather in Paris for the days of the journey, … line for every day. Name no prices.
    + …care, look up the weather in London for the days of the journey, … line for every day. Name no hotels.
    """)
    found = rows(PROMPT, new)
    shown = found.rows[0].text.replace(" … ", "").replace("…", "")
    assert found.left_out == len(PROMPT) - len(shown)


def test_what_is_only_added_cuts_the_other_text_in_the_same_place() -> None:
    assert (
        told(PROMPT, f"{PROMPT} Be brief.")
        == "- …every day. Name no prices.\n+ …every day. Name no prices. Be brief.\n"
    )
    assert told("\n\nsun", "\n\nsun and rain") == "- sun\n+ sun and rain\n"


def test_lines_that_stay_are_folded() -> None:
    old = "\n".join(f"line {number}" for number in range(20))
    new = old.replace("line 5\n", "").replace("line 12", "line twelve")

    assert told(old, new) == text("""
      line 4
    - line 5
      line 6
    …
      line 11
    - line 12
    + line twelve
      line 13
    """)
    assert rows(old, new).left_out == sum(
        len(f"line {n}\n") for n in range(20) if n not in (4, 5, 6, 11, 12, 13)
    )


def test_lines_with_nothing_in_common_stand_together() -> None:
    assert told("red\ngreen\nblue", "one\ntwo\nthree") == "- red\n- green\n- blue\n+ one\n+ two\n+ three\n"


def test_white_space_can_be_seen() -> None:
    assert told("a  b", "a b") == "- a··b\n+ a·b\n"
    assert told("a\n", "a") == "  a\n- \\n\n"


def test_nothing_steers_a_terminal() -> None:
    assert told("a \x1b[31mred\x1b[0m b\r", "a \u202ered b\r") == (
        "- a \\u001b[31mred\\u001b[0m b\\r\n+ a \\u202ered b\\r\n"
    )


def test_many_changed_lines_are_counted() -> None:
    shown = rows("\n".join("abc" for _ in range(500)), "\n".join("xyz" for _ in range(400))).rows

    assert len(shown) == 17
    assert (shown[-1].sign, shown[-1].text) == ("…", "884 more lines")


def test_a_long_changed_text_is_cut_in_the_middle_and_full_cuts_nothing() -> None:
    long = " ".join(f"w{number}" for number in range(400))
    cut = one_sided("+", long)[0].text

    assert cut.startswith("w0 w1 ")
    assert cut.endswith(" w399")
    assert " characters … " in cut
    assert len(cut) < 300
    assert one_sided("+", long, full=True)[0].text == long


def test_the_words_that_changed_are_marked() -> None:
    old, new = rows("It rains.", "It snows.").rows

    assert [old.text[start:end] for start, end in marks(old.pieces)] == ["rains"]
    assert [new.text[start:end] for start, end in marks(new.pieces)] == ["snows"]


@given(st.text(max_size=300), st.text(max_size=300), st.booleans())
def test_any_texts_give_printable_rows_that_are_not_too_long(old: str, new: str, full: bool) -> None:
    for row in rows(old, new, full).rows:
        assert row.text.isprintable()
        assert full or len(row.text) < 6 * 1000
    assert bool(rows(old, new, full).rows) == (old != new)
