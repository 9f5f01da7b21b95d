"""The blocks of a run: its template is serialised once, then each event is that text with its own values."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

from trace_ops import _json_text
from trace_ops._json_text import JsonStyle
from trace_ops.cassette.runs import column_values, locate

_HOLE = re.compile(r'"<hole (\d+)>"')


def fill(
    times: int,
    data: Any,
    varying: Mapping[str, Any],
    style: JsonStyle,
    pads: int | Sequence[int],
    frame: Callable[[str], str],
) -> Iterator[str]:
    """The block of each event of a checked run; ``frame`` puts an event's data into its block."""
    pieces = _pieces(data, varying, style)
    if pieces is None:
        yield from _one_by_one(times, data, varying, style, pads, frame)
        return
    columns = [column_values(column, times) for column in varying.values()]
    parts: list[Iterable[str]] = []
    for number, text in pieces:
        parts.append(repeat(text))
        if number is not None:
            parts.append(_written(columns[number], style))
    mark = "\0"
    while mark in frame(""):  # an event may be called anything
        mark += "\0"
    before, _, after = frame(mark).partition(mark)
    last = pieces[-1][1]
    blanks = repeat(" " * pads) if isinstance(pads, int) else (" " * pad for pad in pads)
    parts[-1:] = [repeat(last[:-1]), blanks, repeat(last[-1:] + after)]
    yield from map("".join, zip(repeat(before, times), *parts))


def _pieces(data: Any, varying: Mapping[str, Any], style: JsonStyle) -> list[tuple[int | None, str]] | None:
    """The text of the template, cut at its holes: each piece with the number of the column that follows.

    ``None`` if it cannot be told from its text where the holes are, or values cannot just be put there.
    """
    if style.layout.startswith("indent"):
        return None
    written = JsonStyle(style.layout, style.ascii)
    if not varying:
        return [(None, _json_text.render(data, written))]
    template = [copy.deepcopy(data)]
    for number, pointer in enumerate(varying):
        place, step = locate(template, f"/0{pointer}")
        place[step] = f"<hole {number}>"
    text = _json_text.render(template[0], written)
    cuts = _HOLE.split(text)
    numbers = list(map(int, cuts[1::2]))
    if sorted(numbers) != list(range(len(varying))):
        return None
    return list(zip([*numbers, None], cuts[::2]))


def _written(values: Sequence[Any], style: JsonStyle) -> Iterator[str]:
    if all(type(value) is str for value in values):
        return map(encode_basestring_ascii if style.ascii else encode_basestring, values)
    return map(_json_text.encoder(style.layout, style.ascii), values)


def _one_by_one(
    times: int,
    data: Any,
    varying: Mapping[str, Any],
    style: JsonStyle,
    pads: int | Sequence[int],
    frame: Callable[[str], str],
) -> Iterator[str]:
    template = [copy.deepcopy(data)]
    columns = [
        (*locate(template, f"/0{pointer}"), column_values(column, times))
        for pointer, column in varying.items()
    ]
    for index in range(times):
        for place, step, values in columns:
            place[step] = values[index]
        pad = pads if isinstance(pads, int) else pads[index]
        yield frame(_json_text.render(template[0], JsonStyle(style.layout, style.ascii, pad)))
