"""A comparison of two texts as rows: ``-`` and ``+`` around what changed, the rest cut away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal, NamedTuple

from trace_ops.diff.text import segments
from trace_ops.matching.excerpt import printable, words_after, words_before

Sign = Literal[" ", "-", "+", "…"]


class Piece(NamedTuple):
    """A part of a row, and whether it is what changed."""

    text: str
    changed: bool


class Row(NamedTuple):
    """One row. ``…`` stands for rows left out; its text tells how many, if they had changed."""

    sign: Sign
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The row without its sign."""
        return "".join(piece.text for piece in self.pieces)


class Rows(NamedTuple):
    """The rows, and how many characters that both texts have are not in them."""

    rows: list[Row]
    left_out: int


_MOST_ROWS = 16
_WHOLE = 100
"""A row of up to so many characters is shown whole."""
_HEAD, _TAIL = 160, 60
"""What is shown of a changed piece that is longer than both."""
_LONGEST = 600


def rows(old: str, new: str, full: bool = False) -> Rows:
    """Show what changed between two texts; ``full`` cuts nothing but what is equal."""
    if not old or not new:
        sign: Sign = "-" if old else "+"
        return Rows(one_sided(sign, old or new, full) if old != new else [], 0)
    lines = _grouped(row for row in _lines(old, new) if row.sign != " " or row.text.strip())
    near, whole = _near_changes(lines), _whole(lines)
    left_out, shown, gap = 0, list[Row](), False
    for number, row in enumerate(lines):
        if number not in near:
            left_out += len(row.text) + 1
            gap = bool(shown)
            continue
        if gap:
            shown.append(Row("…", ()))
            gap = False
        cut, missing = _cut(row, full, whole[number])
        left_out += missing if row.sign != "+" else 0
        shown.append(cut)
    return Rows(shown if full else _capped(shown), left_out)


def one_sided(sign: Sign, text: str, full: bool = False) -> list[Row]:
    """The rows of a text that is only there on one side."""
    shown = [
        _cut(Row(sign, (Piece(line, False),)), full, len(line) <= _WHOLE)[0]
        for line in text.removesuffix("\n").split("\n")
    ]
    return shown if full else _capped(shown)


def _lines(old: str, new: str) -> Iterator[Row]:
    block = _Block()
    for kind, text in segments(old, new):
        for number, part in enumerate(text.split("\n")):
            if number:
                if kind == "equal":
                    yield from block.rows()
                    block = _Block()
                else:
                    block.break_line(kind)
            block.add(kind, part)
    yield from block.rows()


class _Block:
    """Lines of both texts between two line breaks that both have."""

    def __init__(self) -> None:
        self._old: list[list[Piece]] = [[]]
        self._new: list[list[Piece]] = [[]]

    def add(self, kind: str, text: str) -> None:
        if not text:
            return
        for side, without in ((self._old[-1], "added"), (self._new[-1], "removed")):
            # Nothing on the other side still says where something is: there it is not cut.
            side.append(Piece("" if kind == without else text, kind != "equal"))

    def break_line(self, kind: str) -> None:
        (self._old if kind == "removed" else self._new).append([])

    def rows(self) -> Iterator[Row]:
        old, new = self._old, self._new
        first = last = None
        if _is_same(old[0], new[0]):
            first, old, new = old[0], old[1:], new[1:]
        if old and new and _is_same(old[-1], new[-1]):
            last, old, new = old[-1], old[:-1], new[:-1]
        if first is not None:
            yield Row(" ", _told(first))
        yield from (Row("-", tuple(pieces)) for pieces in old)
        yield from (Row("+", tuple(pieces)) for pieces in new)
        if last is not None:
            yield Row(" ", _told(last))


def _is_same(old: list[Piece], new: list[Piece]) -> bool:
    return _told(old) == _told(new) and not any(piece.changed for piece in _told(old))


def _told(pieces: list[Piece]) -> tuple[Piece, ...]:
    return tuple(piece for piece in pieces if piece.text)


def _grouped(lines: Iterable[Row]) -> list[Row]:
    """Lines that have nothing in common, one after the other, as all that went and then all that came."""
    grouped: list[Row] = []
    for apart, run in groupby(lines, key=_nothing_in_common):
        rows = list(run)
        grouped += sorted(rows, key=lambda row: row.sign == "+") if apart else rows
    return grouped


def _nothing_in_common(row: Row) -> bool:
    return row.sign != " " and all(piece.changed for piece in row.pieces)


def _near_changes(lines: list[Row]) -> set[int]:
    """The changed rows, and the one before and after each."""
    changed = (number for number, row in enumerate(lines) if row.sign != " ")
    return {number + off for number in changed for off in (-1, 0, 1)}


def _whole(lines: list[Row]) -> list[bool]:
    """Which rows are short enough to be shown whole: of what changed, all that stand together or none."""
    found: list[bool] = []
    for changed, run in groupby(lines, key=lambda row: row.sign != " "):
        short = [len(row.text) <= _WHOLE for row in run]
        found += [all(short)] * len(short) if changed else short
    return found


def _cut(row: Row, full: bool, whole: bool) -> tuple[Row, int]:
    """A row cut around what changed and made printable, and how much of what did not change is gone."""
    missing, room = 0, _LONGEST
    pieces: list[Piece] = []
    if not row.text and row.sign != " ":
        return Row(row.sign, (Piece("\\n", True),)), 0
    for number, (text, changed) in enumerate(row.pieces):
        if not full and room <= 0:
            rest = sum(len(piece.text) for piece in row.pieces[number:])
            pieces.append(Piece(f" … {rest:,} more characters", False))
            break
        if whole or (full and (changed or len(row.pieces) == 1)):
            shown, gone = text, 0
        elif changed or len(row.pieces) == 1:
            shown, gone = _beginning_and_end(text), 0
        else:
            shown, gone = _around(text, number > 0, number < len(row.pieces) - 1)
        missing += gone
        room -= len(shown)
        pieces.append(Piece(_visible(shown, changed), changed))
    return Row(row.sign, tuple(pieces)), missing


def _beginning_and_end(text: str) -> str:
    if len(text) <= _HEAD + _TAIL + _WHOLE // 2:
        return text
    head, tail = text[: words_after(text, _HEAD, 0)], text[words_before(text, len(text) - _TAIL, 0) :]
    return f"{head} … {len(text) - len(head) - len(tail):,} characters … {tail}"


def _around(text: str, after_change: bool, before_change: bool) -> tuple[str, int]:
    """Of a text that stayed, a few words beside what changed."""
    head = text[: words_after(text, 0)] if after_change else ""
    start = words_before(text, len(text)) if before_change else len(text)
    gone = start - len(head)
    if gone <= 3:
        return text, 0
    if head and start < len(text):
        return f"{head} … {text[start:]}", gone
    return (f"{head}…" if head else f"…{text[start:]}"), gone


def _visible(text: str, changed: bool) -> str:
    if changed and text.isspace():
        return "".join("·" if char == " " else printable(char) for char in text)
    return printable(text.replace("\t", "    "))


def _capped(shown: list[Row]) -> list[Row]:
    if len(shown) <= _MOST_ROWS + 1:
        return shown
    more = sum(row.sign in "-+" for row in shown[_MOST_ROWS:])
    return [*shown[:_MOST_ROWS], Row("…", (Piece(f"{more:,} more lines", False),))]


def marks(pieces: Iterable[Piece], offset: int = 0) -> tuple[tuple[int, int], ...]:
    """Where in the text of a row the changed pieces stand."""
    found, at = [], offset
    for text, changed in pieces:
        if changed and text:
            found.append((at, at + len(text)))
        at += len(text)
    return tuple(found)
