"""The spans of a run, in the order in which they began."""

from __future__ import annotations

import bisect

from trace_ops.trace import Span


class Spans(list[Span]):
    """Spans by their ids, which are ordinals, less those of what turned out not to have taken place.

    Not thread-safe.
    """

    def __init__(self) -> None:
        self._gaps: list[int] = []

    def add(self, span: Span) -> None:
        """Put a span where it began."""
        bisect.insort(self, span, key=_id)

    def drop(self, span: Span) -> None:
        """Take a span out, if it is there; its id counts no more."""
        bisect.insort(self._gaps, span.id)
        if self.find(span.id) is span:
            del self[bisect.bisect_left(self, span.id, key=_id)]

    def find(self, span_id: int) -> Span | None:
        """The span with that id."""
        position = bisect.bisect_left(self, span_id, key=_id)
        found = self[position] if position < len(self) else None
        return found if found is not None and found.id == span_id else None

    def ordinal(self, span_id: int) -> int:
        """The number that a span has among those that took place."""
        return span_id - bisect.bisect(self._gaps, span_id)


def _id(span: Span) -> int:
    return span.id
