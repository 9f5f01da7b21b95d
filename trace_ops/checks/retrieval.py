"""What retrievals gave back: how many documents, how near, and whether they are those of another run."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any

from trace_ops.checks import documents
from trace_ops.checks.folding import printable
from trace_ops.checks.meters import place
from trace_ops.checks.violation import Violation
from trace_ops.errors import UsageError
from trace_ops.matching import excerpt
from trace_ops.trace import Span, Trace

_MOST = 5


def retrievals(trace: Trace, name: str | None = None) -> list[Span]:
    """The retrievals of a run, or those of one name.

    One within another, such as the store's within a framework's retriever, is a part of that.
    """
    by_id = {span.id: span for span in trace}
    found = [span for span in trace.of_kind("retrieval") if not _is_within_another(span, by_id)]
    return [span for span in found if name is None or span.name == name]


def count(trace: Trace, name: str | None, *, least: int | None, most: int | None) -> list[Violation]:
    """What is to be said of retrievals that gave back too few or too many documents."""
    for option, limit in (("min_chunks", least), ("max_chunks", most)):
        if limit is not None and not (_is_number(limit) and limit >= 0 and limit == int(limit)):
            raise UsageError(f"{option} is a whole number from 0 on, not {limit!r}")

    def check(span: Span) -> Iterator[Violation]:
        given = len(_documents(span))
        if least is not None and given < least:
            yield _counted("min_chunks", span, given, f"at least {least}", least, least - given)
        if most is not None and given > most:
            yield _counted("max_chunks", span, given, f"at most {most}", most, given - most)

    return _checked(trace, name, "min_chunks" if least is not None else "max_chunks", check)


def measured(trace: Trace, name: str | None, what: str, limit: float) -> list[Violation]:
    """What is to be said of documents that are not near enough, by their ``score`` or their ``distance``."""
    option = f"min_{what}" if what == "score" else f"max_{what}"
    if not _is_number(limit):
        raise UsageError(f"{option} is a number, not {limit!r}")

    def check(span: Span) -> Iterator[Violation]:
        unknown: list[str] = []
        beyond: list[tuple[float, str]] = []
        for rank, document in enumerate(_documents(span), 1):
            value: Any = document.get(what) if isinstance(document, dict) else None
            if not _is_number(value):
                unknown.append(_named(rank, document))
            elif value < limit if what == "score" else value > limit:
                beyond.append((value, f"{_named(rank, document)}: {value:.4g}"))
        if unknown:
            why = f"{place(span)} gave back {_many(len(unknown))} without a {what}"
            yield Violation(option, why, where=(span.id,), details=_cut(unknown))
        if beyond:
            worst = (min if what == "score" else max)(value for value, _ in beyond)
            side = "below" if what == "score" else "above"
            text = f"{place(span)} gave back {_many(len(beyond))} with a {what} {side} {option}={limit:g}"
            by, details = f"{abs(limit - worst):.4g}", _cut([line for _, line in beyond])
            yield Violation(option, text, by, (span.id,), limit, worst, details)

    return _checked(trace, name, option, check)


def drift(
    trace: Trace, recorded: Trace, name: str | None = None, *, min_overlap: float = 1.0, ranked: bool = True
) -> list[Violation]:
    """What is to be said of retrievals that gave back other documents than in a recorded run.

    Retrievals correspond by name and query, then by name, in their order. ``min_overlap`` is the share of
    documents that have to be the same, of all that either has; ``ranked`` asks for the same order too.
    """
    if not _is_number(min_overlap) or not 0 <= min_overlap <= 1:
        raise UsageError(f"min_overlap is a number from 0 to 1, not {min_overlap!r}")
    before, now = retrievals(recorded, name), retrievals(trace, name)
    if not before and not now:
        return [_none("retrieval drift", name, "neither run has")]
    found = []
    for old, new in _pairs(before, now):
        if old is None or new is None:
            span = old or new
            assert span is not None
            text = (
                f"{place(span)} was {'not recorded' if old is None else 'recorded, and is not made any more'}"
            )
            found.append(Violation("retrieval drift", text, where=() if new is None else (new.id,)))
        else:
            found += _drifted(old, new, min_overlap, ranked)
    return found


def _drifted(old: Span, new: Span, min_overlap: float, ranked: bool) -> Iterator[Violation]:
    shifts = documents.shifts(_documents(old), _documents(new))
    told = [
        shift
        for shift in shifts
        if shift.kind in ("removed", "added") or (ranked and shift.kind == "re-ranked")
    ]
    gone = sum(1 for shift in shifts if shift.kind == "removed")
    come = sum(1 for shift in shifts if shift.kind == "added")
    every = len(_documents(old)) + come
    overlap = 1.0 if every == 0 else (every - gone - come) / every
    moved = any(shift.kind == "re-ranked" for shift in told)
    if overlap >= min_overlap and not moved:
        return
    text = f"{place(new)} gave back other documents than recorded ({documents.counts(told)})"
    if overlap < min_overlap:
        text += f": {overlap:.0%} are the same, min_overlap={min_overlap:g}"
    lines = _cut([_shift(shift) for shift in told])
    yield Violation("retrieval drift", text, "", (new.id,), min_overlap, overlap, lines)


def _shift(shift: documents.Shift) -> str:
    if shift.kind == "re-ranked":
        return f"re-ranked {shift.old_rank} -> {shift.new_rank}: {printable(documents.called(shift.after))}"
    either = shift.before if shift.after is None else shift.after
    return f"{shift.kind} {_named(shift.old_rank or shift.new_rank or 0, either)}"


def _pairs(before: list[Span], now: list[Span]) -> Iterator[tuple[Span | None, Span | None]]:
    waiting: defaultdict[str, deque[Span]] = defaultdict(deque)
    for span in before:
        waiting[_asked(span)].append(span)
    mates = {span.id: waiting[_asked(span)].popleft() for span in now if waiting[_asked(span)]}
    taken = {id(span) for span in mates.values()}
    left: defaultdict[str, deque[Span]] = defaultdict(deque)
    for span in before:
        if id(span) not in taken:
            left[span.name].append(span)
    for span in now:
        if span.id not in mates and left[span.name]:
            mates[span.id] = left[span.name].popleft()
        yield mates.get(span.id), span
    yield from ((span, None) for spans in left.values() for span in spans)


def _asked(span: Span) -> str:
    return f"{span.name} {documents.text_of(span.input)}"


def _is_within_another(span: Span, by_id: dict[int, Span]) -> bool:
    above = by_id.get(span.parent) if span.parent is not None else None
    while above is not None and above.kind != "retrieval":
        above = by_id.get(above.parent) if above.parent is not None else None
    return above is not None


def _documents(span: Span) -> list[Any]:
    return span.output if isinstance(span.output, list) else []


def _checked(
    trace: Trace, name: str | None, what: str, check: Callable[[Span], Iterator[Violation]]
) -> list[Violation]:
    found = retrievals(trace, name)
    return [violation for span in found for violation in check(span)] if found else [_none(what, name)]


def _none(what: str, name: str | None, who: str = "the run has") -> Violation:
    of = "" if name is None else f" {printable(name)}"
    return Violation(what, f"{who} no retrieval{of}, so nothing can be said of its documents")


def _counted(option: str, span: Span, given: int, asked: str, limit: int, by: int) -> Violation:
    text = f"{place(span)} gave back {_many(given)}, {asked} expected ({option}={limit})"
    asked_for = (f"asked: {excerpt.short(span.input)}",)
    return Violation(option, text, _many(by), (span.id,), limit, given, asked_for)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _many(number: int) -> str:
    return f"{number} document{'' if number == 1 else 's'}"


def _named(rank: int, document: Any) -> str:
    return f"{rank}. {printable(documents.called(document))}"


def _cut(lines: list[str]) -> tuple[str, ...]:
    more = len(lines) - _MOST
    return (*lines[:_MOST], *([f"and {more} more"] if more > 0 else []))
