"""Compares two runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from os import PathLike
from typing import Any, get_args

from trace_ops.diff import causes, metrics
from trace_ops.diff.align import align
from trace_ops.diff.answers import Likeness
from trace_ops.diff.model import METRICS, Change, ChangeKind, Pair, TraceDiff
from trace_ops.diff.steps import steps_of
from trace_ops.errors import UsageError
from trace_ops.matching import paths
from trace_ops.trace import Span, Trace

_KINDS = frozenset(get_args(ChangeKind))


class TraceChangedError(AssertionError):
    """A run is not what it was. ``diff`` holds what changed, the text is its summary."""

    def __init__(self, diff: TraceDiff) -> None:
        super().__init__(diff.summary())
        self.diff = diff


def diff_traces(
    old: Trace | Iterable[Span],
    new: Trace | Iterable[Span],
    *,
    ignore: Iterable[str] = (),
    similarity: Callable[[str, str], float] | None = None,
    threshold: float = 1.0,
) -> TraceDiff:
    """Tell what changed between two runs, what changed first, and what merely followed from it.

    Steps are aligned by structure and content, never by index: a step put in or taken out is one change,
    and of parallel branches the order does not matter. Ids that differ with every recording are no change.

    ``ignore`` takes kinds of changes (``latency``, ``usage``), and dotted paths into request bodies as
    recorders take them (``messages.0.content``). ``similarity`` says how much alike two texts are, 0 to 1,
    by default by their words; from ``threshold`` on, other words are the same meaning (severity ``info``).
    No network is used. Takes time in proportion to the length of the runs.
    """
    kinds, ignored = _ignored(ignore)
    likeness = Likeness(_measure(similarity), _share(threshold))
    before, after = _trace(old), _trace(new)
    _check_spelling(ignored, [*before, *after])
    alignment = align(steps_of(before, ignored), steps_of(after, ignored))
    found = causes.findings(alignment, likeness)
    totals = metrics.metrics(before, after)
    diff = TraceDiff(
        before,
        after,
        tuple(
            Pair(one.span if one else None, other.span if other else None) for one, other in alignment.pairs()
        ),
        (*(finding.change() for finding in found), *metrics.changes(totals)),
        totals,
    )
    return diff.without(kinds) if kinds else diff


def assert_trace_unchanged(
    old: Trace | Iterable[Span],
    new: Trace | Iterable[Span],
    *,
    ignore: Iterable[str] = METRICS,
    similarity: Callable[[str, str], float] | None = None,
    threshold: float = 1.0,
) -> None:
    """Raise :class:`TraceChangedError` if a run does or says something else than another.

    Takes the options of :func:`diff_traces`. Tokens, cost and time are ignored unless ``ignore`` says
    otherwise; so are other words of the same meaning (see ``threshold``), and reasoning in other words.
    """
    diff = diff_traces(old, new, ignore=ignore, similarity=similarity, threshold=threshold)
    if any(_counts(change) for change in diff.changes):
        raise TraceChangedError(diff)


def _counts(change: Change) -> bool:
    return change.severity != "info" or change.kind in METRICS


def _ignored(ignore: Iterable[str]) -> tuple[frozenset[str], tuple[paths.Path, ...]]:
    if isinstance(ignore, str) or not isinstance(ignore, Iterable):
        raise UsageError(f"ignore takes a list of kinds or body paths, not {ignore!r}")
    given = list(ignore)
    kinds = frozenset(name for name in given if name in _KINDS)
    return kinds, tuple(paths.parse(name) for name in given if name not in kinds)


def _check_spelling(ignored: Iterable[paths.Path], spans: list[Span]) -> None:
    """Refuse a name that is nearly that of a kind, and that of no field of any request."""
    for path in ignored:
        meant = get_close_matches(str(path[0]), _KINDS, n=1, cutoff=0.75) if len(path) == 1 else []
        if meant and spans and not any(path[0] in _body(span) for span in spans):
            raise UsageError(f"ignore: no request has a field {path[0]!r}; is the kind {meant[0]!r} meant?")


def _body(span: Span) -> dict[str, Any]:
    sent = span.exchange.request.body if span.exchange else None
    return sent.json if sent is not None and isinstance(sent.json, dict) else {}


def _trace(run: Any) -> Trace:
    if isinstance(run, Trace):
        return run
    if isinstance(run, (str, PathLike)):
        raise UsageError(f"{str(run)!r} is no trace: load_cassette() reads one")
    if not isinstance(run, Iterable):
        hint = "; give its .trace" if isinstance(getattr(run, "trace", None), Trace) else ""
        raise UsageError(f"{type(run).__name__!r} is no trace{hint}")
    spans = list(run)
    for span in spans:
        if not isinstance(span, Span):
            raise UsageError(f"a trace is made of spans, not of {type(span).__name__!r}")
    return Trace(spans=spans)


def _measure(similarity: Any) -> Callable[[str, str], float]:
    if similarity is None:
        return _lexical
    if not callable(similarity):
        raise UsageError(f"similarity is a function of two texts, not {similarity!r}")

    def measure(one: str, other: str) -> float:
        score = similarity(one, other)
        try:
            return float(score)
        except (TypeError, ValueError):
            raise UsageError(f"similarity gives a number from 0 to 1, not {score!r}") from None

    return measure


def _share(threshold: Any) -> float:
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not 0 <= threshold <= 1:
        raise UsageError(f"threshold is a number from 0 to 1, not {threshold!r}")
    return threshold


def _lexical(one: str, other: str) -> float:
    from trace_ops.diff.similarity import lexical

    return lexical(one, other)
