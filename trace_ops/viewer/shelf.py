"""Runs and comparisons put together for one page, each written down as soon as it is added."""

from __future__ import annotations

from collections.abc import Iterator

from trace_ops.diff.model import TraceDiff
from trace_ops.trace import Trace
from trace_ops.viewer import data
from trace_ops.viewer.bundle import Keys, bundle
from trace_ops.viewer.comparisons import comparison
from trace_ops.viewer.page import Piece
from trace_ops.viewer.runs import Named, TraceView


class Shelf:
    """What will be in a page. Of a trace that was added nothing is held but its pieces."""

    def __init__(self) -> None:
        self.runs: list[data.RunHead] = []
        self.comparisons: list[data.ComparisonHead] = []
        self._pieces: list[Piece] = []
        self._keys = Keys()

    def add(self, trace: Trace, name: str, path: str | None = None, verdict: str | None = None) -> str:
        """Add a run, which goes by ``name`` where it has none itself; its key."""
        key = self._keys.take(path or trace.name or name)
        running = any(span.ms is None for span in trace)
        view = TraceView(trace, Named(key, trace.name or name, path, verdict, running))
        self.runs.append(view.head)
        self._pieces += [Piece.of(f"run:{key}", view.run), Piece.of(f"details:{key}", view.details)]
        return key

    def compare(self, diff: TraceDiff, old: str, new: str) -> str:
        """Add a comparison of two runs that were added; its key."""
        key = self._keys.take(f"{old}.vs.{new}")
        told = comparison(diff, key, old, new)
        self.comparisons.append(told["head"])
        self._pieces.append(Piece.of(f"comparison:{key}", told))
        return key

    def pieces(self, title: str, session: data.Session | None = None) -> Iterator[Piece]:
        """All pieces of the page, the bundle first."""
        yield Piece.of("bundle", bundle(title, self.runs, self.comparisons, session=session))
        yield from self._pieces
