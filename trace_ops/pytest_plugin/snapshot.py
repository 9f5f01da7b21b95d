"""The fixture ``trace_snapshot``: a trajectory that was looked at once and is expected from then on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from trace_ops.cassette.atomic import write_atomically
from trace_ops.pytest_plugin import golden, options, paths
from trace_ops.pytest_plugin.run import RUN, Run
from trace_ops.pytest_plugin.summary import shown
from trace_ops.recorder import Recorder
from trace_ops.trace import Trace

UPDATE = "--trace-update-snapshots"

_MOST_LINES, _MOST_CHARACTERS = 8, 600
"""More of an explanation is not shown by pytest without ``-vv``."""


class TraceSnapshot:
    """Equal to a run that took the steps of the snapshot: ``assert cassette.trace == trace_snapshot``.

    Compares with a :class:`~trace_ops.Trace` or a :class:`~trace_ops.Recorder`. Each comparison of a test
    has a snapshot of its own, numbered in order, or named: ``trace_snapshot("after the retry")``.
    ``arguments`` adds what tools were called with, ``answers`` the words of the model.
    """

    def __init__(
        self, book: Book, name: str | None = None, *, arguments: bool = False, answers: bool = False
    ) -> None:
        self._book, self._name = book, name
        self._arguments, self._answers = arguments, answers
        self.explanation: list[str] = []
        """What the last comparison found, line by line; empty if it was equal."""

    def __call__(
        self, name: str | None = None, *, arguments: bool | None = None, answers: bool | None = None
    ) -> TraceSnapshot:
        """The same snapshot by a name, or with more of the run in it."""
        return TraceSnapshot(
            self._book,
            self._name if name is None else name,
            arguments=self._arguments if arguments is None else arguments,
            answers=self._answers if answers is None else answers,
        )

    def __eq__(self, other: object) -> bool:
        trace = other.trace if isinstance(other, Recorder) else other
        if not isinstance(trace, Trace):
            raise TypeError(
                f"trace_snapshot compares with a trace, such as cassette.trace, not {type(other).__name__}"
            )
        now = golden.golden(trace, arguments=self._arguments, answers=self._answers)
        self.explanation = self._book.compare(self._name, now)
        return not self.explanation

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"trace_snapshot({self._name!r})" if self._name else "trace_snapshot"


class Book:
    """The snapshots of one test: what its file holds, and what the test compared with it."""

    def __init__(self, item: pytest.Item) -> None:
        self.path = paths.snapshot_path(item)
        self.updating = bool(item.config.getoption(UPDATE, default=False))
        self._run: Run = item.stash[RUN]
        self._command = update_command(item.config, self._run.outcome.test)
        self._kept = self._read()
        self._compared: dict[str, list[golden.Kept]] = {}
        self._failed = False

    def _read(self) -> dict[str, list[golden.Kept]]:
        try:
            return golden.from_text(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            if self.updating:
                return {}
            raise pytest.fail.Exception(
                f"{shown(str(self.path))} is no file of snapshots: {error}\n"
                f"  Restore it from version control, or write it anew: {self._command}",
                pytrace=False,
            ) from None

    def compare(self, name: str | None, now: list[golden.Kept]) -> list[str]:
        """What is not as in the snapshot; nothing while snapshots are updated."""
        if name is None:
            name = str(1 + sum(1 for known in self._compared if known.isdecimal()))
        self._compared[name] = now
        before = self._kept.get(name)
        if self.updating or (before is not None and golden.same(before, now)):
            return []
        self._failed = True
        what = f"snapshot {name} in {shown(str(self.path))}"
        if before is None:
            steps = [f"+ {line}" for line in golden.lines(now)]
            return self._explained(f"there is no {what}", steps, f"write it: {self._command}")
        difference = list(golden.aligned(list(golden.lines(before)), list(golden.lines(now))))
        return self._explained(f"the run is not as {what}", difference, f"accept it: {self._command}")

    def _explained(self, what: str, difference: list[str], command: str) -> list[str]:
        """All of it in the error, or the difference below it where pytest would cut the error short."""
        whole = [what, *difference, command]
        if len(whole) <= _MOST_LINES and sum(map(len, whole)) <= _MOST_CHARACTERS:
            return whole
        self._run.sections.append((f"TraceOps: {what}", "\n".join(difference)))
        return [what, command]

    def close(self) -> None:
        """The test is over: write what it compared if that was asked for and it passed."""
        outcome, compared = self._run.outcome, self._compared
        outcome.snapshots = os.path.abspath(self.path)
        if not self._run.passed:
            return
        unused = [name for name in self._kept if name not in compared]
        if not self.updating:
            outcome.snapshots_unused = [] if self._failed else unused
            return
        outcome.snapshots_written = sum(
            1 for name, now in compared.items() if not golden.same(self._kept.get(name), now)
        )
        if outcome.snapshots_written or unused:
            self._write()

    def _write(self) -> None:
        try:
            if self._compared:
                text = golden.to_text(self._compared)
                write_atomically(self.path, text.encode("utf-8", "backslashreplace"))
            else:
                self.path.unlink(missing_ok=True)
        except OSError as error:
            raise pytest.fail.Exception(
                f"{self.path} cannot be written: {error.strerror or error}", pytrace=False
            ) from None


def snapshot_of(item: pytest.Item) -> Iterator[TraceSnapshot]:
    """The snapshot of a test, as a fixture yields it."""
    book = Book(item)
    yield TraceSnapshot(book)
    book.close()


def update_command(config: pytest.Config, test: str) -> str:
    """The command that writes the snapshots of a test."""
    return f"{options.test_command(config, test)} {UPDATE}"


def explain(op: str, left: Any, right: Any) -> list[str] | None:
    """What pytest says of a comparison that failed, if it was one with a snapshot."""
    snapshots = [side for side in (right, left) if isinstance(side, TraceSnapshot)]
    return snapshots[0].explanation or None if op == "==" and snapshots else None
