"""What a cassette holds after a run: the spans of now, what stays of the old ones, what others wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import replace

from trace_ops.exchange import Outcome, Response
from trace_ops.modes import Unplayed
from trace_ops.tape import Tape
from trace_ops.trace import Link, Span


def compose(tape: Tape) -> list[Span]:
    """The spans to be written after a run that went well, by the mode's rule for what was not played."""
    if tape.recorded is not None and tape.mode.unplayed is Unplayed.KEEP:
        return renumbered([*tape.recorded, *(_own(tape, span) for span in tape.kept)])
    return renumbered(_own(tape, span) for span in tape.spans if span.ms is not None)


def _own(tape: Tape, span: Span) -> Span:
    """A span of now, as it was recorded where it was only played, so that nothing changes needlessly."""
    recorded = tape.played.get(span.id)
    if recorded is None or recorded.exchange is None:
        return span
    return replace(recorded, id=span.id, parent=span.parent, lane=span.lane, links=span.links)


def changes(tape: Tape) -> bool:
    """Whether a run leaves anything to write: a new call, a dropped one, or another step in between."""
    if tape.recorded is None or not tape.mode.reads:
        return bool(tape.spans or tape.uncaptured)
    if not tape.records:  # mode once with a cassette: calls left out may be accepted, and stay
        return False
    if any(span.exchange is not None for span in tape.kept):
        return True
    before, now = (
        Counter(_step(s) for s in spans if s.exchange is None) for spans in (tape.recorded, tape.spans)
    )
    if tape.mode.unplayed is Unplayed.KEEP:
        return bool(now - before)
    return bool(tape.unplayed()) or now != before


def added_by_others(base: Iterable[Span], current: Iterable[Span]) -> list[Span]:
    """Spans of a file that were not in it when we looked first: another recorder wrote them meanwhile."""
    known = Counter(identity(span) for span in base)
    added = []
    for span in current:
        key = identity(span)
        if known[key] > 0:
            known[key] -= 1
        else:
            added.append(span)
    return added


def renumbered(spans: Iterable[Span]) -> list[Span]:
    """The spans with ordinals as ids; parents and links follow, those that are not there are dropped."""
    spans = list(spans)
    ids = {id(span): number for number, span in enumerate(spans, 1)}
    latest: dict[int, int] = {}
    result = []
    for span in spans:
        latest[span.id] = ids[id(span)]
        parent = None if span.parent is None else latest.get(span.parent)
        links = [Link(link.kind, latest[link.to]) for link in span.links if link.to in latest]
        result.append(replace(span, id=ids[id(span)], parent=parent, links=links))
    return result


def after(first: Iterable[Span], others: Iterable[Iterable[Span]]) -> list[Span]:
    """The other spans with ids that follow those of the first, so that no two have the same."""
    last = max((span.id for span in first), default=0)
    result: list[Span] = []
    for spans in others:
        shift = last
        for span in spans:
            parent = None if span.parent is None else span.parent + shift
            result.append(replace(span, id=span.id + shift, parent=parent))
            last = max(last, span.id + shift)
    return result


def identity(span: Span) -> Hashable:
    """What makes two spans the same recording: the step, the request and the answer to the byte."""
    if span.exchange is None:
        return _step(span)
    request = span.exchange.request
    body = request.body.raw if request.body else None
    return (
        span.kind,
        span.name,
        request.method,
        request.path,
        request.query,
        body,
        _answer(span.exchange.outcome),
    )


def _step(span: Span) -> Hashable:
    return (
        span.kind,
        span.name,
        repr(span.input),
        repr(span.output),
        repr(span.error),
        repr(span.attributes),
    )


def _answer(outcome: Outcome) -> Hashable:
    return (outcome.status, outcome.body.raw, outcome.end) if isinstance(outcome, Response) else outcome
