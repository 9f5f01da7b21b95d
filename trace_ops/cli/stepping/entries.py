"""The steps that are walked: those of a run or, of two runs that are compared, of both."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from trace_ops.diff.model import METRICS, TraceDiff
from trace_ops.trace import Span, Trace


@dataclass(frozen=True)
class Entry:
    """A step, and where it stands: ``parent`` is the index of the one it runs in.

    Of a comparison, ``changes`` are the numbers of those that are about it, ``roots`` of those among them
    that nothing else explains; a step that only the other run has ``is_removed``.
    """

    index: int
    span: Span
    parent: int | None = None
    is_added: bool = False
    is_removed: bool = False
    changes: tuple[int, ...] = ()
    roots: tuple[int, ...] = ()

    @property
    def is_downstream(self) -> bool:
        """Whether what changed in it merely follows from something else."""
        return bool(self.changes) and not self.roots


@dataclass(frozen=True)
class Row:
    """An entry as it stands in the tree."""

    entry: Entry
    depth: int
    expandable: bool
    folded: bool


def of_trace(trace: Trace) -> list[Entry]:
    """The steps of a run, in start order."""
    places: dict[int, int] = {}
    entries = []
    for index, span in enumerate(trace):
        # A parent begins before its children; anything else would be a loop.
        parent = None if span.parent is None else places.get(span.parent)
        entries.append(Entry(index, span, parent))
        places.setdefault(span.id, index)
    return entries


def of_diff(diff: TraceDiff) -> list[Entry]:
    """The steps of the new run, and among them those that only the old one has, where they used to be."""
    changes = _by_step(diff)
    old_places: dict[int, int] = {}
    new_places: dict[int, int] = {}
    entries = []
    for index, (old, new) in enumerate(diff.pairs):
        span = new or old
        assert span is not None
        places = old_places if new is None else new_places
        parent = None if span.parent is None else places.get(span.parent)
        found = changes.get((new is None, span.id), [])
        roots = tuple(number for number in found if diff.changes[number].is_root)
        entries.append(Entry(index, span, parent, old is None, new is None, tuple(found), roots))
        if old is not None:
            old_places[old.id] = index
        if new is not None:
            new_places[new.id] = index
    return entries


def rows(
    entries: Sequence[Entry], folded: Collection[int] = (), shown: Collection[int] | None = None
) -> list[Row]:
    """The tree, row by row: ``shown`` entries and what they run in; of folded ones, the first row."""
    kept = _with_what_they_run_in(entries, shown)
    beneath: dict[int | None, list[Entry]] = {}
    for entry in entries:
        if entry.index in kept:
            beneath.setdefault(entry.parent, []).append(entry)
    return list(_rows(beneath, folded))


def _rows(beneath: dict[int | None, list[Entry]], folded: Collection[int]) -> Iterator[Row]:
    # Not by recursion: agents call agents as deep as they like.
    waiting = [(entry, 0) for entry in reversed(beneath.get(None, []))]
    while waiting:
        entry, depth = waiting.pop()
        inner = beneath.get(entry.index, [])
        is_folded = entry.index in folded
        yield Row(entry, depth, bool(inner), is_folded)
        if not is_folded:
            waiting += [(child, depth + 1) for child in reversed(inner)]


def _with_what_they_run_in(entries: Sequence[Entry], shown: Collection[int] | None) -> Collection[int]:
    if shown is None:
        return range(len(entries))
    kept: set[int] = set()
    for index in shown:
        at: int | None = index
        while at is not None and at not in kept:
            kept.add(at)
            at = entries[at].parent
    return kept


def _by_step(diff: TraceDiff) -> dict[tuple[bool, int], list[int]]:
    """The numbers of the changes of each step, by whether only the old run has it, and its id."""
    found: dict[tuple[bool, int], list[int]] = {}
    for number, change in enumerate(diff.changes):
        step = change.new if change.new is not None else change.old
        if step is not None and change.kind not in METRICS:
            found.setdefault((change.new is None, step), []).append(number)
    return found
