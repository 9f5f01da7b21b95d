"""Runs that were opened, kept for a while: what a page asks for, it asks for in pieces."""

from __future__ import annotations

import threading
from collections import OrderedDict

from trace_ops.diff import diff_traces
from trace_ops.exporters.text import json_text
from trace_ops.ui.index import Index
from trace_ops.viewer.comparisons import comparison
from trace_ops.viewer.runs import TraceView

BETWEEN = "~"
"""What stands between the keys of two runs in that of their comparison; no key of a run has it."""

_KEPT = 6


class Views:
    """The last few runs that somebody looked at, by key and stamp."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], TraceView] = OrderedDict()

    def run(self, key: str) -> str | None:
        """All steps of a run, as JSON; ``None`` if there is no such run."""
        view = self._view(key)
        return None if view is None else json_text(view.run)

    def details(self, key: str) -> str | None:
        """All that was said in a run, as JSON; ``None`` if there is no such run."""
        view = self._view(key)
        return None if view is None else json_text(view.details)

    def comparison(self, key: str) -> str | None:
        """What changed from one run to another, as JSON; ``None`` if one of them is not there."""
        old, _, new = key.partition(BETWEEN)
        before, after = self._view(old), self._view(new)
        if before is None or after is None:
            return None
        return json_text(comparison(diff_traces(before.trace, after.trace), key, old, new))

    def _view(self, key: str) -> TraceView | None:
        with self._lock:
            entry = self._index.entry(key)
            if entry is None:
                return None
            place = (key, entry.source.stamp)
            view = self._kept.pop(place, None) or self._index.open(key)
            if view is not None:
                self._kept[place] = view
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return view
