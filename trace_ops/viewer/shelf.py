"""Runs and comparisons put together for one page, each written down as soon as it is added."""

from __future__ import annotations

import json
from collections.abc import Iterator
from os import PathLike
from zipfile import ZipFile

from trace_ops.diff.model import TraceDiff
from trace_ops.trace import Trace
from trace_ops.viewer import data
from trace_ops.viewer.bundle import Keys, bundle
from trace_ops.viewer.comparisons import comparison
from trace_ops.viewer.page import Piece
from trace_ops.viewer.runs import Named, TraceView

_HEADS = "heads"
_FORMS = {False: "json/", True: "gzip/"}


class Shelf:
    """What will be in a page. Of a trace that was added nothing is held but its pieces."""

    def __init__(self) -> None:
        self.runs: list[data.RunHead] = []
        self.comparisons: list[data.ComparisonHead] = []
        self._pieces: list[Piece] = []
        self._keys = Keys()

    def add(
        self, trace: Trace, name: str, path: str | None = None, verdict: str | None = None, key: str = ""
    ) -> str:
        """Add a run, and return its key, which reads like its path or its name."""
        key = self._keys.take(key or path or name)
        running = any(span.ms is None for span in trace)
        view = TraceView(trace, Named(key, name, path, verdict, running))
        self.runs.append(view.head)
        self._pieces += [Piece.of(f"run:{key}", view.run), Piece.of(f"details:{key}", view.details)]
        return key

    def compare(self, diff: TraceDiff, old: str, new: str) -> str:
        """Add a comparison of two runs that were added, and return its key."""
        key = self._keys.take(f"{old}.vs.{new}")
        told = comparison(diff, key, old, new)
        self.comparisons.append(told["head"])
        self._pieces.append(Piece.of(f"comparison:{key}", told))
        return key

    def pieces(self, title: str, session: data.Session | None = None) -> Iterator[Piece]:
        """All pieces of the page, the bundle first."""
        yield Piece.of("bundle", bundle(title, self.runs, self.comparisons, session=session))
        yield from self._pieces

    def save(self, path: str | PathLike[str]) -> None:
        """Write all of it to a file, for another process to take in."""
        with ZipFile(path, "w") as file:
            file.writestr(_HEADS, json.dumps([self.runs, self.comparisons]))
            for piece in self._pieces:
                file.writestr(f"{_FORMS[piece.compressed]}{piece.id}", piece.body)

    def take_in(self, path: str | PathLike[str]) -> tuple[list[str], list[str]]:
        """Add what another process wrote, whose keys must be none that are here.

        Returns the keys of its runs and of its comparisons.
        """
        with ZipFile(path) as file:
            runs, comparisons = json.loads(file.read(_HEADS))
            for name in file.namelist():
                form, separator, identity = name.partition("/")
                if separator:
                    self._pieces.append(Piece(identity, file.read(name), f"{form}/" == _FORMS[True]))
        self.runs += runs
        self.comparisons += comparisons
        return [run["key"] for run in runs], [each["key"] for each in comparisons]
