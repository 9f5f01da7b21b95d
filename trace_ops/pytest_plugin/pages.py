"""The HTML report: each test leaves its run in a file, and at the end all are put into one page.

Runs are large, and the channels between the workers of xdist and their controller are not made for that.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trace_ops.pytest_plugin.outcome import Outcome
from trace_ops.pytest_plugin.paths import digest, within
from trace_ops.viewer import data
from trace_ops.viewer.bundle import key_of
from trace_ops.viewer.page import page
from trace_ops.viewer.shelf import Shelf

if TYPE_CHECKING:
    from trace_ops.diff import TraceDiff
    from trace_ops.pytest_plugin.base import Comparison
    from trace_ops.trace import Trace

_OF_REPORTS = ("diff",)
"""What the report as JSON has of a test, and the page has as a comparison."""


@dataclass(frozen=True)
class Runs:
    """Where tests leave their runs."""

    directory: Path

    def keep(self, outcome: Outcome, trace: Trace, cassette: str, diff: TraceDiff | None) -> None:
        """Write down the run of a test, and how it differs from its recording."""
        shelf = Shelf()
        key = f"{key_of(outcome.label)}-{digest(outcome.label)}"
        new = shelf.add(trace, outcome.label, cassette, outcome.verdict, key)
        if diff is not None:
            old = shelf.add(diff.old, f"{outcome.label}, as recorded", cassette, None, f"{key}-recorded")
            shelf.compare(diff, old, new)
        shelf.save(self._file(outcome))

    def document(
        self, root: Path, report: dict[str, Any], outcomes: Sequence[Outcome], base: Comparison | None
    ) -> bytes:
        """The page with all tests of a report, each with its run, and what is not as in a base."""
        shelf = Shelf()
        tests = [
            {**_told(test), **self._taken_in(shelf, outcome)}
            for test, outcome in zip(report["tests"], outcomes, strict=True)
        ]
        session: data.Session = {
            "exit_status": report["exit_status"],
            "totals": report["totals"],
            "tests": tests,
            "takes": report["takes"],
            "loose_ends": [{"kind": end["what"], **end} for end in report["loose_ends"]],
            "base": None if base is None else {**report["base"], "changed": _beside(shelf, base, root)},
        }
        return b"".join(page(shelf.pieces(f"Tests of {root.name}", session)))

    def _taken_in(self, shelf: Shelf, outcome: Outcome) -> dict[str, Any]:
        file = self._file(outcome)
        if not file.exists():
            return {"run": None, "comparison": None}
        runs, comparisons = shelf.take_in(file)
        return {"run": runs[0], "comparison": comparisons[0] if comparisons else None}

    def _file(self, outcome: Outcome) -> Path:
        return self.directory / f"{digest(os.fspath(outcome.label))}.zip"


def _beside(shelf: Shelf, base: Comparison, root: Path) -> list[dict[str, Any]]:
    """The cassettes that are not as in the other directory, each with both runs and their comparison."""
    changed = []
    for name, found in base.changed.items():
        diff = base.diff(name)
        old = shelf.add(diff.old, f"{name}, in {base.shown}", os.path.join(base.shown, name))
        new = shelf.add(diff.new, name, within(root, os.fspath(base.head / name)))
        changed.append(
            {"cassette": name, "change": found.first_line, "comparison": shelf.compare(diff, old, new)}
        )
    return changed


def _told(test: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in test.items() if name not in _OF_REPORTS}
