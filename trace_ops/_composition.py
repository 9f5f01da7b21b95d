"""What a cassette holds after a run: the spans of now, what stays of the old ones, what others wrote."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace

from trace_ops.cassette import renumbered
from trace_ops.exchange import Outcome, Response
from trace_ops.modes import Unplayed
from trace_ops.tape import Tape
from trace_ops.trace import Span


def compose(tape: Tape) -> list[Span]:
    """The spans to be written after a run that went well, by the mode's rule for what was not played."""
    happened = [span for span in tape.spans if span.ms is not None]
    now = _on_one_clock(happened, [_own(tape, span) for span in _as_timed(tape, happened)])
    if tape.recorded is not None and tape.mode.unplayed is Unplayed.KEEP:
        return renumbered(tape.recorded, _new(tape, now), tape.unplayed_resumed())
    return renumbered(now)


def _new(tape: Tape, now: list[Span]) -> list[Span]:
    """What a run adds to a cassette that keeps what it has: new calls and what they ran in, other steps."""
    assert tape.recorded is not None
    before = Counter(step(span) for span in tape.recorded if span.exchange is None)
    kept = {span.id for span in tape.kept}
    by_id = {span.id: span for span in now}
    wanted: set[int] = set()
    for span in now:
        if span.exchange is not None:
            wanted.update(_with_ancestors(span, by_id) if span.id in kept else ())
        elif before[step(span)] > 0:
            before[step(span)] -= 1
        else:
            wanted.add(span.id)
    return [span for span in now if span.id in wanted]


def _with_ancestors(span: Span | None, by_id: dict[int, Span]) -> Iterator[int]:
    while span is not None:
        yield span.id
        span = by_id.get(span.parent) if span.parent is not None else None


def _own(tape: Tape, span: Span) -> Span:
    """A span of now, as it was recorded where it was only played, so that nothing changes needlessly."""
    recorded = tape.played.get(span.id)
    if recorded is None or recorded.exchange is None:
        return span
    return replace(recorded, id=span.id, parent=span.parent, lane=span.lane, links=span.links)


def _as_timed(tape: Tape, now: list[Span]) -> list[Span]:
    """Steps that ran anew, and did what was recorded, with the times of the recording.

    A step took another time if anything within it was live.
    """
    if tape.recorded is None or not tape.mode.reads:
        return now
    live = {span.id for span in now if span.exchange is not None and span.id not in tape.played}
    parents = {span.id: span.parent for span in now}
    for number in sorted(live, reverse=True):
        above = parents.get(number)
        while above is not None and above not in live:
            live.add(above)
            above = parents.get(above)
    steps: defaultdict[Hashable, deque[Span]] = defaultdict(deque)
    for span in tape.recorded:
        if span.exchange is None:
            steps[step(span)].append(span)
    timed = []
    for span in now:
        same = steps[step(span)] if span.exchange is None else None
        recorded = same.popleft() if same else None
        if recorded is not None and span.id not in live:
            span = replace(span, start_ms=recorded.start_ms, ms=recorded.ms)
        timed.append(span)
    return timed


def _on_one_clock(happened: list[Span], written: list[Span]) -> list[Span]:
    """Starts that tell one run, where some steps have the times of the recording and others those of now.

    What has recorded times stays as it is, unless it comes after something new in its lane that starts later.
    What is new comes as long after the step before it as it did in this run.
    """
    if all(span.start_ms == then.start_ms for then, span in zip(happened, written)):
        return written
    placed: list[Span] = []
    newest: dict[int, tuple[Span, Span]] = {}
    for position, (then, span) in enumerate(zip(happened, written)):
        is_new = span.start_ms == then.start_ms and span.ms == then.ms
        follows = newest.get(span.lane)
        if position and (is_new or (follows and span.start_ms < _start(then, *follows, gap=False))):
            span = replace(span, start_ms=_start(then, happened[position - 1], placed[-1]))
        if is_new:
            newest[span.lane] = then, span
        placed.append(span)
    return _around(placed, happened, written)


def _around(placed: list[Span], happened: list[Span], written: list[Span]) -> list[Span]:
    """The same with new steps as long as what they hold."""
    ends: dict[int, float] = {}
    for position in reversed(range(len(placed))):
        span = placed[position]
        end, inner = span.start_ms + (span.ms or 0.0), ends.get(span.id, 0.0)
        if inner > end and written[position].ms == happened[position].ms:
            end = inner
            span = placed[position] = replace(span, ms=end - span.start_ms)
        if span.parent is not None:
            ends[span.parent] = max(ends.get(span.parent, 0.0), end)
    return placed


def _start(then: Span, before: Span, placed: Span, *, gap: bool = True) -> float:
    """When a step starts after an earlier one, which happened at one time and is written with another.

    Without ``gap``, the earliest that this may be.
    """
    ended = before.start_ms + (before.ms or 0.0)
    if then.start_ms >= ended:
        return placed.start_ms + (placed.ms or 0.0) + (then.start_ms - ended if gap else 0.0)
    return placed.start_ms + (then.start_ms - before.start_ms if gap else 0.0)


def changes(tape: Tape) -> bool:
    """Whether a run leaves anything to write: a new call, a dropped one, or another step in between."""
    if tape.recorded is None or not tape.mode.reads:
        return bool(tape.spans or tape.uncaptured)
    if not tape.records:  # mode once with a cassette: calls left out may be accepted, and stay
        return False
    if any(span.exchange is not None for span in tape.kept):
        return True
    before, now = (
        Counter(step(s) for s in spans if s.exchange is None) for spans in (tape.recorded, tape.spans)
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


def identity(span: Span) -> Hashable:
    """What makes two spans the same recording: the step, the request and the answer to the byte."""
    if span.exchange is None:
        return step(span)
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


def step(span: Span) -> Hashable:
    """What a step that is no call did, to tell whether two runs did the same."""
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
