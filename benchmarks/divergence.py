"""How often a comparison names the first difference, and why, over real runs with one edit."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks import _corpus, _twins
from benchmarks._corpus import Record
from benchmarks._report import Line
from benchmarks._scale import Scale
from benchmarks._twins import Twin
from trace_ops import Trace, diff_traces

TITLE = "Naming what was edited"
COLUMNS = ("edit", "runs", "right step and cause", "and nothing else blamed", "goal", "met")
HOW = """\
Runs of several calls that other projects recorded, each compared with a copy of itself in which one
thing was edited on the wire: beside how many there are, how often the first difference is the edited step
with the edit as its cause, and how often it is also the only change that is not told as a consequence. An
identical copy must show no change. Edits *from a call on* are repeated in every later request."""


@dataclass
class Named:
    """The figures of one edit, and the names of the runs that went wrong."""

    what: str
    runs: int = 0
    right: int = 0
    alone: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def cells(self) -> tuple[str, ...]:
        met = "yes" if self.runs == self.right == self.alone else "**no**"
        return (
            self.what,
            f"{self.runs:,}",
            _share(self.right, self.runs),
            _share(self.alone, self.runs),
            "all",
            met,
        )


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({100 * part / whole:.1f} %)" if whole else "none"


def run(scale: Scale) -> Iterator[Line]:
    """A row for each edit; nothing where the corpus is not beside the checkout."""
    if not _corpus.DATA.exists():
        print(f"{TITLE}: not measured, there is no corpus beside the checkout", file=sys.stderr)
        return
    yield from judge(_corpus.runs()).values()


def judge(runs: Iterator[tuple[str, list[Record]]]) -> dict[str, Named]:
    """Compare each run with its twins."""
    found: dict[str, Named] = {}
    for name, calls in runs:
        old = _corpus.trace(calls)
        for twin in _twins.twins(name, calls):
            row = found.setdefault(twin.edit, Named(twin.edit))
            right, alone, told = verdict(old, _corpus.trace(twin.calls), twin)
            row.runs += 1
            row.right += right
            row.alone += right and alone
            if not (right and alone):
                row.wrong.append(f"{name}: {told}")
    return found


def verdict(old: Trace, new: Trace, twin: Twin) -> tuple[bool, bool, str]:
    """Whether the first difference is the edit, whether it is the only root, and what was told."""
    diff = diff_traces(old, new)
    told = "; ".join(
        f"{root.old}->{root.new} {root.cause} ({root.kind}, {root.path})" for root in diff.roots[:5]
    )
    if not twin.causes:
        return not diff.changes, not diff.changes, f"{Counter(change.kind for change in diff.changes)} {told}"
    first = diff.first_divergence
    if first is None:
        return False, False, f"nothing; expected {twin.causes} at {sorted(twin.where)}"
    right = (
        not twin.where.isdisjoint({first.old, first.new})
        and first.cause.startswith(twin.causes)
        and first.path.startswith(twin.paths)
    )
    expected = f"expected {twin.causes} at {sorted(twin.where)}, {twin.paths}"
    return right, len(diff.roots) == 1, f"{told}; {expected}"
