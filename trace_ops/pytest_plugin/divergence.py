"""What the run of a test did differently from its recording."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Literal, NamedTuple

from trace_ops.cassette.plain import valid_text
from trace_ops.diff import ChangeKind, TraceDiff
from trace_ops.diff.model import METRICS
from trace_ops.recorder import Recorder
from trace_ops.trace import Span

_LIVE = ("tool", "retrieval")
_OF_ANSWERS: tuple[ChangeKind, ...] = ("response", "finish", "error", "usage")


Covers = Literal["all", "start", "part"]
"""How much of its recording a run covers: a test that fails halfway only the start, one of several tests
on a cassette only a part."""


class Divergence(NamedTuple):
    """What a run did differently, as it is told: in a line, in full, and for reports if there are any.

    ``live`` is the line of the first tool or retrieval that ran, and came out otherwise than recorded.
    """

    first_line: str
    text: str
    json: str | None = None
    markdown: str | None = None
    live: str | None = None
    diff: TraceDiff | None = None


def ran_live(recorder: Recorder) -> bool:
    """Whether any tool or retrieval ran, and was not served."""
    played = recorder.tape.played
    return any(
        span.kind in _LIVE and span.exchange is None and span.id not in played for span in recorder.trace
    )


def divergence(
    recorder: Recorder, *, covers: Covers = "all", ignore: Iterable[str] = (), for_report: bool = False
) -> Divergence | None:
    """Compare a run with its recording; ``None`` if it had none or did the same.

    ``ignore`` are the body paths that calls are matched without. What a run does not cover of the
    recording is no difference, nor is it that a call which was refused has no answer.
    """
    try:
        diff = recorder.diff(ignore=ignore)
        return None if diff is None else _told(diff, covers, for_report)
    except Exception as error:  # noqa: BLE001 - told, for it must end neither the test nor the session
        line = f"the run could not be compared with its recording: {error!r}"
        return Divergence(line, line)


def _told(diff: TraceDiff, covers: Covers, for_report: bool) -> Divergence | None:
    refused = {span.id for span in diff.new if _is_refused(span)}
    left = _not_covered(diff, covers)
    gone = [
        number
        for number, change in enumerate(diff.changes)
        if (change.new in refused and change.kind in _OF_ANSWERS)
        or (change.new is None and change.old in left)
    ]
    diff = _less(diff, gone)
    if left or refused:
        pairs = tuple(pair for pair in diff.pairs if pair.new or (pair.old and pair.old.id not in left))
        # What half a run cost beside a whole one says nothing.
        diff = replace(diff.without(METRICS), pairs=pairs, metrics=())
    line = first_line(diff)
    if line is None:
        return None
    text = diff.summary()
    if left and covers == "start":
        steps = "step" if len(left) == 1 else f"{len(left)} steps"
        text += f"\nthe test ended before the last {steps} of the recording"
    # Not every text that was recorded can be sent from one process to another; ASCII and valid text can.
    told = Divergence(line, valid_text(text), live=_live(diff), diff=diff)
    if not for_report:
        return told
    return told._replace(json=json.dumps(diff.to_dict()), markdown=valid_text(diff.to_markdown()))


def _live(diff: TraceDiff) -> str | None:
    kinds = {span.id: span.kind for span in diff.new}
    others = [
        number
        for number, change in enumerate(diff.changes)
        if change.kind not in ("result", "error") or kinds.get(change.new or 0) not in _LIVE
    ]
    return first_line(_less(diff, others))


def first_line(diff: TraceDiff) -> str | None:
    """The first divergence in a line; ``None`` if nothing but tokens, cost and time changed."""
    return valid_text(diff.summary().partition("\n")[0]) if diff.has_changes else None


def _is_refused(span: Span) -> bool:
    return span.error is not None and span.error.type == "trace_ops.errors.UnrecordedCallError"


def _not_covered(diff: TraceDiff, covers: Covers) -> set[int]:
    """The recorded steps that the run need not have."""
    first = len(diff.pairs)
    if covers == "part":
        first = 0
    elif covers == "start":
        first = max((place + 1 for place, pair in enumerate(diff.pairs) if pair.new is not None), default=0)
    return {pair.old.id for pair in diff.pairs[first:] if pair.new is None and pair.old is not None}


def _less(diff: TraceDiff, gone: Collection[int]) -> TraceDiff:
    """A diff without some changes; what followed from them stands for itself."""
    kept = [number for number in range(len(diff.changes)) if number not in gone]
    place = {number: position for position, number in enumerate(kept)}
    changes = []
    for number in kept:
        change = diff.changes[number]
        root = None if change.root is None else place.get(change.root)
        changes.append(replace(change, root=root, follows=None if root is None else change.follows))
    return replace(diff, changes=tuple(changes))
