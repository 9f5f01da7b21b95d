"""Consecutive events of a stream that differ only in some values, as one template and its columns.

A column is what the events have at one place of their JSON: pieces of a text, a counter, or a list of
values. Which places vary is found by comparing; nothing here knows a provider's format.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from typing import Any

from trace_ops.cassette.document import CountColumn, TextColumn, ValuesColumn
from trace_ops.cassette.fields import DocumentError, Fields

Step = str | int

_KINDS = {int: float}
_ORDER = ("event", "times", "format", "pad", "data", "varying")
_KNOWN_COLUMN = {*TextColumn.__annotations__, *CountColumn.__annotations__, *ValuesColumn.__annotations__}
_LARGEST = 2**63
_INDEX = re.compile("0|[1-9][0-9]{0,8}")

_FEWEST = 3
"""Fewer events than this are written one by one."""

_STEADY = 6
"""A value that changes less often than every so many events sets runs apart, such as the index of a
content block, and is not a column."""


@dataclass(frozen=True)
class Event:
    """One event whose data is JSON; ``format`` is its style if that is not the stream's."""

    event: str | None
    format: str | None
    pad: int
    data: Any


def encode_events(events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """Write neighbouring events, runs of equal shape as one."""
    shaped = [(event, *_flatten(event.data)) for event in events]
    for _, group in groupby(shaped, lambda item: (item[0].event, item[0].format, item[1])):
        same = list(group)
        rows = [values for _, _, values in same]
        for start, stop in pairwise(_boundaries(rows)):
            alike = [event for event, _, _ in same[start:stop]]
            if len(alike) < _FEWEST:
                yield from (_document(event, pad=event.pad, data=event.data) for event in alike)
            else:
                yield _encode_run(alike, rows[start:stop])


def check_varying(fields: Fields, times: int) -> dict[str, Any]:
    """The columns of a run, once they are sure to fit its template and number of events."""
    varying: dict[str, Any] = fields.get("varying", dict, {})
    place = (*fields.place, "varying")
    for pointer, column in varying.items():
        try:
            holder, step = locate(fields.any("data"), pointer)
            vacant = holder[step] is None
        except (LookupError, TypeError, ValueError):
            vacant = False
        if not vacant:
            raise DocumentError("it does not point to a null in the data", (*place, pointer))
        if _length(Fields(column, _KNOWN_COLUMN, (*place, pointer)), times) != times:
            raise DocumentError(f"it is not cut into {times} values", (*place, pointer))
    return varying


def _flatten(value: Any) -> tuple[tuple[Any, ...], list[Any]]:
    """The shape of JSON data, equal for data that differ in values only, and these values."""
    shape: list[Any] = []
    values: list[Any] = []
    stack = [value]
    while stack:
        item = stack.pop()
        kind = type(item)
        if kind is dict and item:
            shape.append(tuple(item))
            stack.extend(reversed(item.values()))
        elif kind is list and any(type(inner) in (dict, list) for inner in item):
            shape.append(len(item))
            stack.extend(reversed(item))
        else:
            shape.append(_KINDS.get(kind, kind))
            values.append(item)
    return tuple(shape), values


def _boundaries(rows: list[list[Any]]) -> list[int]:
    cuts = {0, len(rows)}
    for column in zip(*rows):
        changes = [index for index, (a, b) in enumerate(pairwise(column), 1) if not _same(a, b)]
        if len(changes) * _STEADY <= len(rows):
            cuts.update(changes)
    return sorted(cuts)


def _encode_run(events: list[Event], rows: list[list[Any]]) -> dict[str, Any]:
    data = copy.deepcopy(events[0].data)
    varying: dict[str, Any] = {}
    for (pointer, holder, step), column in zip(_places(data), zip(*rows)):
        if not all(_same(column[0], value) for value in column):
            varying[pointer] = _encode_column(column)
            holder[step] = None
    pads = [event.pad for event in events]
    pad = pads[0] if len(set(pads)) == 1 else pads
    return _document(events[0], times=len(events), pad=pad, data=data, varying=varying)


def _document(of: Event, **fields: Any) -> dict[str, Any]:
    fields |= {"event": of.event, "format": of.format}
    fields["pad"] = fields["pad"] or None
    fields["varying"] = fields.get("varying") or None
    return {name: fields[name] for name in _ORDER if name == "data" or fields.get(name) is not None}


def _places(data: Any) -> Iterator[tuple[str, Any, Step]]:
    """The values of :func:`_flatten` in its order: pointer, container, key or index."""
    stack: list[tuple[str, Any, Any]] = [("", [data], 0)]
    while stack:
        pointer, holder, step = stack.pop()
        item = holder[step]
        if type(item) is dict and item:
            stack.extend(reversed([(f"{pointer}/{_escape(key)}", item, key) for key in item]))
        elif type(item) is list and any(type(value) in (dict, list) for value in item):
            stack.extend((f"{pointer}/{index}", item, index) for index in reversed(range(len(item))))
        else:
            yield pointer, holder, step


def _encode_column(column: Sequence[Any]) -> dict[str, Any]:
    if all(type(value) is str for value in column):
        lengths = list(map(len, column))
        # Ids and dates have one length and are no pieces of a text.
        if len(set(lengths)) > 1 or lengths[0] < 8:
            return {"text": "".join(column), "cuts": lengths}
    elif all(type(value) is int and abs(value) < _LARGEST for value in column):
        steps = {b - a for a, b in pairwise(column)}
        if len(steps) == 1:
            return {"from": column[0], "step": steps.pop()}
    return {"values": list(column)}


def column_values(column: Mapping[str, Any], times: int) -> Sequence[Any]:
    """The values of a checked column, one an event."""
    if "text" in column:
        text, ends = column["text"], list(accumulate(column["cuts"], initial=0))
        return [text[start:end] for start, end in pairwise(ends)]
    if "values" in column:
        values: list[Any] = column["values"]
        return values
    return range(column["from"], column["from"] + column["step"] * times, column["step"])


def _length(column: Fields, times: int) -> int:
    """How many values a column has."""
    if "values" in column:
        column.only("values", "text", "cuts", "from", "step")
        return len(column.need("values", list))
    if "text" in column:
        column.only("text", "from", "step")
        cuts = column.need("cuts", list)
        whole = all(type(cut) is int and cut >= 0 for cut in cuts)
        return len(cuts) if whole and sum(cuts) == len(column.need("text", str)) else -1
    start, step = column.need("from", int), column.need("step", int)
    return times if step and abs(start) < _LARGEST and abs(step) < _LARGEST else -1


def locate(data: Any, pointer: str) -> tuple[Any, Step]:
    """The container a JSON pointer leads into, and the key or index there.

    Raises ``LookupError``, ``TypeError`` or ``ValueError`` for what is no pointer into the data.
    """
    start, *steps = pointer.split("/")
    if start:
        raise ValueError(pointer)
    for step in steps[:-1]:
        data = data[_step(data, step)]
    return data, _step(data, steps[-1])


def _same(a: Any, b: Any) -> bool:
    """Whether two values are written alike, which 1, 1.0 and true are not."""
    return type(a) is type(b) and (a is b or (a == b if type(a) is str else repr(a) == repr(b)))


def _step(container: Any, written: str) -> Step:
    if type(container) is dict:
        return written.replace("~1", "/").replace("~0", "~")
    if not _INDEX.fullmatch(written):
        raise ValueError(written)
    return int(written)


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
