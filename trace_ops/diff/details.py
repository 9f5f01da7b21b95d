"""The values of one change, as rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from trace_ops import wire
from trace_ops._figures import count
from trace_ops._plain import plain
from trace_ops.checks import documents
from trace_ops.diff.model import Change
from trace_ops.diff.phrases import is_inline, name
from trace_ops.diff.rows import Piece, Row, one_sided, rows
from trace_ops.matching import Difference, describe, differences
from trace_ops.matching.excerpt import quoted, short
from trace_ops.trace import Span

_MOST_LEAVES = 8
_LONGEST_LINE = 100
_LONGEST_VALUE = 160
_MOST_PARSED = 1_000_000


class Details(NamedTuple):
    """Rows, and a remark on what is not in them; empty if that is nothing worth telling."""

    rows: list[Row]
    remark: str


def details(change: Change, step: Span | None, full: bool = False) -> Details:
    """Show how a change looks; nothing where the line that tells of it says it all."""
    if change.kind == "trajectory":
        sides = {change.old is None: "+", change.new is None: "-"}
        return Details(list(_step(step, sides[True])) if step and True in sides else [], "")
    if is_inline(change) or (change.before is None and change.after is None):
        return Details([], "")
    before, after = plain(change.before), plain(change.after)
    if change.cause == "documents" and isinstance(before, list) and isinstance(after, list):
        return _documents(before, after, full)
    if before is None or after is None:
        text = after if before is None else before
        text = text if isinstance(text, str) else _json(text, full)
        return Details(one_sided("+" if before is None else "-", text, full), "")
    return _both(before, after, full)


def _both(before: Any, after: Any, full: bool) -> Details:
    old, new = _parsed(before), _parsed(after)
    if type(old) is type(new) and isinstance(old, (dict, list)):
        return _leaves(old, new, full)
    if isinstance(before, str) and isinstance(after, str):
        found = rows(before, after, full)
        return Details(found.rows, _left_out(found.left_out))
    sides = (side if isinstance(side, str) else _json(side, full) for side in (before, after))
    return Details([row for sign, side in zip("-+", sides) for row in one_sided(sign, side, full)], "")  # type: ignore[arg-type]


def _leaves(before: Any, after: Any, full: bool) -> Details:
    found = differences(before, after)
    shown = found if full else found[:_MOST_LEAVES]
    told = [row for leaf in shown for row in _leaf(leaf, full)]
    more = len(found) - len(shown)
    return Details(told, f"and {more:,} more differences" if more else "")


def _leaf(leaf: Difference, full: bool) -> Iterator[Row]:
    line = describe(leaf)
    old, new = leaf.recorded, leaf.now
    if leaf.kind == "changed" and isinstance(old, str) and isinstance(new, str) and len(line) > _LONGEST_LINE:
        yield Row(" ", (Piece(f"{name(leaf.path)}:", False),))
        yield from rows(old, new, full).rows
    elif leaf.kind == "changed":
        yield Row(" ", (Piece(line, False),))
    else:
        yield Row("+" if leaf.kind == "added" else "-", (Piece(line, False),))


def _documents(before: list[Any], after: list[Any], full: bool) -> Details:
    """A row for each document that came, went or stands elsewhere, and what changed within one."""
    found = documents.shifts(before, after)
    shown = found if full else found[:_MOST_LEAVES]
    told = [row for shift in shown for row in _shift(shift, full)]
    more = len(found) - len(shown)
    return Details(told, f"and {more:,} more documents" if more else "")


def _shift(shift: documents.Shift, full: bool) -> Iterator[Row]:
    either = shift.before if shift.after is None else shift.after
    called = name(documents.called(either))
    measure = _measure(shift)
    if shift.kind == "changed":
        yield Row(" ", (Piece(f"{called}:", False),))
        for row in _both(shift.before, shift.after, full).rows:
            yield Row(row.sign, (Piece("  ", False), *row.pieces))
    elif shift.kind == "re-ranked":
        yield Row(" ", (Piece(f"{called}: re-ranked {shift.old_rank} -> {shift.new_rank}{measure}", False),))
    else:
        said = documents.text(either)
        text = f": {short(said, _LONGEST_VALUE)}" if said and said != called else ""
        line = f"{shift.old_rank or shift.new_rank}. {called}{measure}{text}"
        yield Row("-" if shift.kind == "removed" else "+", (Piece(line, False),))


def _measure(shift: documents.Shift) -> str:
    """The score of a document, and what it was before if that is another."""
    found = [measure for side in (shift.before, shift.after) if (measure := documents.measure(side))]
    if not found:
        return ""
    values = list(dict.fromkeys(f"{value:.4g}" for _, value in found))
    return f" ({found[0][0]} {' -> '.join(values)})"


def _step(span: Span, sign: Any) -> Iterator[Row]:
    """What a step that came or went did."""
    if span.exchange is None:
        for word, value in (("with", span.input), ("gave", span.output)):
            if value is not None:
                yield Row(sign, (Piece(f"{word} {short(plain(value), _LONGEST_VALUE)}", False),))
        return
    if span.tools:
        yield Row(sign, (Piece(f"asks for {', '.join(map(name, span.tools))}", False),))
    text = wire.summarise(span.exchange).text
    if text:
        yield Row(sign, (Piece(short(text, _LONGEST_VALUE), False),))


def _json(value: Any, full: bool) -> str:
    return quoted(value) if full else short(value, _LONGEST_VALUE)


def _parsed(value: Any) -> Any:
    """A value, or the one that its text spells in JSON."""
    if not isinstance(value, str) or value[:1] not in ("{", "[") or len(value) > _MOST_PARSED:
        return value
    try:
        return plain(json.loads(value))
    except (ValueError, RecursionError):
        return value


def _left_out(characters: int) -> str:
    return f"{count(characters, 'equal character')} left out" if characters >= _LONGEST_LINE else ""
