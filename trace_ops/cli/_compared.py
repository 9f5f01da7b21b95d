"""Two cassettes, or two folders of them, compared, and how the outcome is told."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from trace_ops import cassette
from trace_ops._figures import count
from trace_ops.cli import _files, _render
from trace_ops.cli._fail_on import FailOn
from trace_ops.cli._terminal import track
from trace_ops.diff import Metric, TraceDiff, diff_traces, figures
from trace_ops.diff.lines import Line, Reading, Style, lines, totals
from trace_ops.diff.markdown import Named, combined, to_markdown
from trace_ops.diff.trajectory import entries
from trace_ops.errors import CassetteError
from trace_ops.matching.excerpt import printable
from trace_ops.trace import Trace

State = Literal["changed", "equal", "renamed", "added", "removed", "broken"]
_MOST_NAMES = 20
"""So many cassettes that went are looked at for the one that a new cassette may have been."""

_STYLES: dict[State, Style] = {
    "changed": "minor",
    "renamed": "note",
    "added": "added",
    "removed": "removed",
    "broken": "major",
    "equal": "note",
}


class Comparison:
    """How to compare; a wrong option is an error at once."""

    def __init__(self, ignore: tuple[str, ...], similarity: str, threshold: float) -> None:
        from trace_ops.diff.similarity import embedder

        self._ignore = ignore
        self._similarity = embedder() if similarity == "meaning" else None
        self._threshold = threshold
        self.diff(Trace(), Trace())

    def diff(self, old: Trace, new: Trace) -> TraceDiff:
        """Compare two runs."""
        return diff_traces(
            old, new, ignore=self._ignore, similarity=self._similarity, threshold=self._threshold
        )


@dataclass(frozen=True)
class Files:
    """Two cassettes; ``None`` for one that is not there, as git has it for files that come and go."""

    old: Path | None
    new: Path | None
    diff: TraceDiff

    def reasons(self, fail_on: FailOn) -> list[str]:
        """Why it fails; empty if it does not."""
        if self.old is None or self.new is None:
            return fail_on.files(self.old is None, self.new is None)
        return fail_on.changes(self.diff) + fail_on.growth(self.diff.metrics)

    def lines(self, detailed: bool) -> Iterator[Line]:
        """For a person."""
        if self.old is not None and self.new is not None:
            yield from lines(self.diff, detailed)
            return
        added = self.old is None
        run = self.diff.new if added else self.diff.old
        yield Line(f"cassette {'added' if added else 'removed'}: {_render.totals(run)}", "heading")
        for sign, text in entries(self.diff, detailed):
            yield Line(f"  {sign} {text}", "added" if sign == "+" else "removed" if sign == "-" else "note")

    def to_dict(self) -> dict[str, Any]:
        """For a program."""
        paths = {
            "old": None if self.old is None else str(self.old),
            "new": None if self.new is None else str(self.new),
        }
        return {**paths, **self.diff.to_dict()}

    def to_markdown(self) -> str:
        """For a pull request."""
        return to_markdown(self.diff)


@dataclass(frozen=True)
class Entry:
    """A cassette of either folder, by its path there; without ``diff`` it cannot be read.

    One that was renamed goes by its new path, and ``before`` is the old one.
    """

    path: str
    state: State
    diff: TraceDiff | None = None
    problem: str = ""
    sides: tuple[Path, ...] = ()
    before: str | None = None

    @property
    def told(self) -> str:
        """What became of it, in a line."""
        if self.diff is None:
            return _render.one_line(self.problem)
        if self.state in ("added", "removed"):
            return _render.totals(self.diff.new if self.state == "added" else self.diff.old)
        told = Reading(self.diff).headline()
        return told if self.before is None else f"from {_render.one_line(self.before)}; {told}"


@dataclass(frozen=True)
class Folders:
    """Two folders of cassettes."""

    entries: list[Entry]

    def of(self, *states: State) -> list[Entry]:
        """The cassettes of which this became."""
        return [entry for entry in self.entries if entry.state in states]

    @property
    def metrics(self) -> list[Metric]:
        """The totals over the cassettes that both folders have."""
        return figures.summed(
            entry.diff.metrics for entry in self.of("changed", "equal", "renamed") if entry.diff is not None
        )

    def reasons(self, fail_on: FailOn) -> list[str]:
        """Why it fails: any cassette that cannot be read, or what is to fail."""
        found = [f"{entry.path}: cannot be read" for entry in self.of("broken")]
        found += fail_on.files(len(self.of("added")), len(self.of("removed")))
        for entry in self.of("changed", "equal", "renamed"):
            found += (
                [f"{entry.path}: {reason}" for reason in fail_on.changes(entry.diff)]
                if entry.diff is not None
                else []
            )
        return found + fail_on.growth(self.metrics)

    def lines(self, detailed: bool) -> Iterator[Line]:
        """For a person: a line for each cassette that is not as it was, then what changed in it."""
        states = Counter(entry.state for entry in self.entries)
        told = ", ".join(f"{states[state]:,} {state}" for state in _STYLES if states[state])
        alike = not states.keys() - {"equal"}
        yield Line(
            f"{count(len(self.entries), 'cassette')}: {told or 'none'}", "clear" if alike else "heading"
        )
        for entry in self.entries:
            if entry.state == "equal" and not detailed:
                continue
            yield Line("")
            yield Line(f"{entry.state} {printable(entry.path)}", _STYLES[entry.state])
            if entry.state == "changed" and entry.diff is not None:
                yield from (line.indented(2) for line in _shown(entry.diff, detailed))
                if not detailed and len(Reading(entry.diff).roots) > 1:
                    paths = " ".join(printable(shlex.quote(str(path))) for path in entry.sides)
                    yield Line(f"  all differences: replay diff {paths}", "note")
            else:
                yield Line(f"  {entry.told}")
        changed = figures.changed(self.metrics, time=False)
        if changed:
            yield Line("")
            yield Line("totals over the cassettes that both have:", "heading")
            yield from totals(changed)

    def to_dict(self) -> dict[str, Any]:
        """For a program."""
        return {
            "version": 1,
            "cassettes": [
                {
                    "cassette": entry.path,
                    "state": entry.state,
                    "renamed_from": entry.before,
                    "problem": entry.problem or None,
                    "diff": entry.diff.to_dict()
                    if entry.diff is not None and entry.state == "changed"
                    else None,
                }
                for entry in self.entries
            ],
            "metrics": {
                metric.name: {"before": metric.before, "after": metric.after, "ratio": metric.ratio}
                for metric in self.metrics
            },
        }

    def to_markdown(self) -> str:
        """For a pull request."""
        changed = [Named(entry.path, entry.diff) for entry in self.of("changed") if entry.diff is not None]
        others = [
            (entry.path, f"{entry.state}: {entry.told}")
            for entry in self.of("renamed", "added", "removed", "broken")
        ]
        return combined(changed, others, len(self.of("equal")), figures.changed(self.metrics, time=False))


Compared: TypeAlias = Files | Folders


def files(old: Path, new: Path, comparison: Comparison) -> Files:
    """Compare two cassettes; ``/dev/null`` stands for one that is not there."""
    sides = [None if str(path) == os.devnull else path for path in (old, new)]
    traces = [Trace() if path is None else cassette.load(path).trace for path in sides]
    return Files(sides[0], sides[1], comparison.diff(*traces))


def folders(old: Path, new: Path, comparison: Comparison) -> Folders:
    """Compare the cassettes of two folders that have the same path in them."""
    before, after = _within(old), _within(new)
    paths = sorted({*before, *after})
    entries = [
        _entry(path, before.get(path), after.get(path), comparison)
        for path in track(paths, "Comparing cassettes")
    ]
    return Folders(_renamed(entries, comparison))


def _entry(path: str, old: Path | None, new: Path | None, comparison: Comparison) -> Entry:
    try:
        traces = [Trace() if side is None else cassette.load(side).trace for side in (old, new)]
    except CassetteError as error:
        return Entry(path, "broken", problem=error.problem)
    diff = comparison.diff(*traces)
    if old is None or new is None:
        return Entry(path, "added" if old is None else "removed", diff)
    return Entry(path, "changed" if diff.has_changes else "equal", diff, sides=(old, new))


def _renamed(entries: list[Entry], comparison: Comparison) -> list[Entry]:
    """Let a cassette that went, and one of another name that holds the same run, be one."""
    went: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        if entry.state == "removed" and entry.diff is not None and len(entry.diff.old):
            went.setdefault(tuple(entry.diff.old.trajectory), []).append(entry)
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.state != "added" or entry.diff is None:
            continue
        alike = went.get(tuple(entry.diff.new.trajectory), [])
        for other in alike[:_MOST_NAMES] if len(entry.diff.new) else ():
            assert other.diff is not None
            diff = comparison.diff(other.diff.old, entry.diff.new)
            if not diff.has_changes:
                found[entry.path] = Entry(entry.path, "renamed", diff, before=other.path)
                alike.remove(other)
                break
    gone = {entry.before for entry in found.values()}
    return [
        found.get(entry.path, entry)
        for entry in entries
        if not (entry.state == "removed" and entry.path in gone)
    ]


def _within(directory: Path) -> dict[str, Path]:
    return {path.relative_to(directory).as_posix(): path for path in _files.cassettes([str(directory)])}


def _shown(diff: TraceDiff, detailed: bool) -> Iterator[Line]:
    """A diff among others: all of it if asked for, else as far as the first difference goes."""
    for number, line in enumerate(lines(diff, detailed)):
        if not detailed and number and not line.text:
            return
        yield line
