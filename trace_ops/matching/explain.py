"""Why a call was not answered: the text of the miss error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trace_ops.matching.canonical import Canonical
from trace_ops.matching.differences import Difference
from trace_ops.matching.excerpt import around_change, printable, short
from trace_ops.matching.index import Index
from trace_ops.trace import Span

_MAX_DIFFERENCES = 8
_MAX_GROUPS = 5
_MAX_LINE = 100


def explain(index: Index, call: Canonical, hints: Iterable[str] = ()) -> str:
    """Say what was asked, how it differs from the nearest recorded call, and what to do (``hints``)."""
    equals = index.equals(call)
    lines = [_headline(call, "no recorded call is left" if equals else "no recorded call")]
    lines += _exhausted(equals) if equals else _different(index, call)
    return "\n  ".join([*lines, *hints])


def _headline(call: Canonical, problem: str) -> str:
    return f"{problem} for {call.group}" + (f" (model {call.model})" if call.model else "")


def _exhausted(equals: list[Span]) -> Iterator[str]:
    spans = f"span{'s' if len(equals) > 1 else ''} {_ellipsis([str(span.id) for span in equals])}"
    if len(equals) == 1:
        yield f"this call was recorded once ({spans}), and it was played already"
    else:
        yield f"this call was recorded {len(equals)} times ({spans}), and all were played already"


def _different(index: Index, call: Canonical) -> Iterator[str]:
    nearest = index.nearest(call)
    if nearest is None:
        groups = list(index.groups().items())
        yield f"no call to this endpoint was recorded{'; recorded were:' if groups else ', nor to any other'}"
        yield from (f"  {group} ({count})" for group, count in groups[:_MAX_GROUPS])
        if len(groups) > _MAX_GROUPS:
            yield f"  and {len(groups) - _MAX_GROUPS} more"
        return
    found = nearest.differences
    state = "already played" if nearest.played else "not played yet"
    count = f"{len(found)} difference{'' if len(found) == 1 else 's'}"
    yield f"nearest: span {nearest.span.id}, {state}, {count} (recorded -> now):"
    for difference in found[:_MAX_DIFFERENCES]:
        yield from (f"  {line}" for line in _lines(difference))
    if len(found) > _MAX_DIFFERENCES:
        yield f"  and {len(found) - _MAX_DIFFERENCES} more"


def describe(difference: Difference) -> str:
    """Put one difference on one line, long texts cut down to what changed."""
    place, (recorded, now) = printable(difference.path), _sides(difference)
    if difference.kind == "added":
        return f"{place} added: {now}"
    if difference.kind == "removed":
        return f"{place} removed: {recorded}"
    return f"{place}: {recorded} -> {now}"


def _lines(difference: Difference) -> Iterator[str]:
    line = describe(difference)
    if difference.kind != "changed" or len(line) <= _MAX_LINE:
        yield line
        return
    # One above the other, what changed is seen at once.
    recorded, now = _sides(difference)
    yield f"{printable(difference.path)}:"
    yield f"     {recorded}"
    yield f"  -> {now}"


def _sides(difference: Difference) -> tuple[str, str]:
    recorded, now = difference.recorded, difference.now
    if isinstance(recorded, str) and isinstance(now, str):
        return around_change(recorded, now)
    return short(recorded), short(now)


def _ellipsis(names: list[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
