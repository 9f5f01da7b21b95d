"""What the steps beneath each step come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trace_ops._figures import cost
from trace_ops.trace import Span
from trace_ops.viewer import steps


@dataclass
class Sum:
    """A step and all beneath it. ``cost`` sums what is known; ``unpriced`` calls are not in it."""

    steps: int = 0
    calls: int = 0
    input: int = 0
    output: int = 0
    cost: float = 0.0
    unpriced: int = 0
    errors: int = 0

    @property
    def dollars(self) -> float | None:
        """The cost; ``None`` if some of it is not known."""
        return None if self.unpriced else self.cost

    @property
    def shown(self) -> str:
        """The cost as it reads; what is not known is said."""
        if not self.unpriced:
            return cost(self.cost)
        return f"{cost(self.cost)} + ?" if self.cost else "?"

    def add(self, other: Sum) -> None:
        """Count another sum in."""
        self.steps += other.steps
        self.calls += other.calls
        self.input += other.input
        self.output += other.output
        self.cost += other.cost
        self.unpriced += other.unpriced
        self.errors += other.errors

    def plus(self, other: Sum) -> Sum:
        """Both sums together."""
        total = replace(self)
        total.add(other)
        return total


def sums(spans: Sequence[Span]) -> dict[int, Sum]:
    """The sums of all steps by their ids."""
    found = {span.id: own(span) for span in spans}
    place = {span.id: at for at, span in enumerate(spans)}
    for at in reversed(range(len(spans))):
        span = spans[at]
        # A parent begins before its children; anything else would be a loop.
        if span.parent is not None and place.get(span.parent, at) < at:
            found[span.parent].add(found[span.id])
    return found


def own(span: Span) -> Sum:
    """What a step comes to by itself."""
    usage = span.usage
    return Sum(
        steps=1,
        calls=span.exchange is not None or usage is not None,
        input=(usage.input or 0) if usage else 0,
        output=(usage.output or 0) if usage else 0,
        cost=span.cost_usd or 0.0,
        unpriced=span.cost_usd is None and (usage is not None or span.is_unmetered),
        errors=steps.failure(span) is not None,
    )
