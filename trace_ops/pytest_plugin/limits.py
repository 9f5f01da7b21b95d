"""What the markers ``budget`` and ``trajectory`` ask of the run of a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from trace_ops.assertions import BudgetExceededError, TraceAssertionError, TrajectoryError
from trace_ops.checks import Budget, Trajectory, Violation
from trace_ops.errors import UsageError
from trace_ops.trace import Trace


@dataclass(frozen=True)
class Limits:
    """The budget of a test and the steps it is to take; ``None`` where no marker says."""

    budget: Budget | None = None
    trajectory: Trajectory | None = None

    def check_recording(self, *, shared: bool) -> None:
        """Refuse to compare one test with the recording of several."""
        if shared and self.budget is not None and self.budget.is_relative:
            raise UsageError(
                "the budget marker has a limit relative to the recording, and other tests are recorded in "
                "the same cassette; give a number, or the test a cassette of its own"
            )

    def violations(self, trace: Trace, recorded: Trace | None) -> list[Violation]:
        """What a run does not keep to; ``recorded`` is what relative limits relate to."""
        found = self.budget.check(trace, recorded) if self.budget is not None else []
        return found + (self.trajectory.check(trace) if self.trajectory is not None else [])

    def notes(self, recorded: Trace | None) -> list[str]:
        """What could not be checked, and why."""
        return self.budget.notes(recorded) if self.budget is not None else []

    def error(self, trace: Trace, violations: list[Violation]) -> TraceAssertionError:
        """What the test is failed with; it shows all of them, and the trajectory."""
        over_budget = any(violation.what != "trajectory" for violation in violations)
        return (BudgetExceededError if over_budget else TrajectoryError)(trace, violations)


def limits_of(item: pytest.Item) -> Limits:
    """What the markers of a test say; raises :class:`pytest.UsageError` for what cannot be."""
    try:
        return Limits(_budget(item), _trajectory(item))
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def _budget(item: pytest.Item) -> Budget | None:
    """All markers of a test together; the closest wins, limit by limit."""
    merged: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers("budget"))):
        if mark.args:
            raise UsageError(
                f"the budget marker takes limits by name, such as max_usd=0.01, not {mark.args!r}"
            )
        if not mark.kwargs:
            raise UsageError("the budget marker has no limit; give it one by name, such as max_usd=0.01")
        merged.update(mark.kwargs)
    try:
        budget = Budget.of(**merged)
    except UsageError as error:
        raise UsageError(f"the budget marker: {error}") from None
    return budget or None


def _trajectory(item: pytest.Item) -> Trajectory | None:
    mark = item.get_closest_marker("trajectory")
    if mark is None:
        return None
    unknown = mark.kwargs.keys() - {"expected", "mode", "kinds"}
    if unknown or len(mark.args) + ("expected" in mark.kwargs) != 1:
        given = [*map(repr, mark.args), *(f"{name}={value!r}" for name, value in mark.kwargs.items())]
        form = "trajectory(expected, *, mode='strict', kinds=None)"
        raise UsageError(f"the trajectory marker is {form}, not trajectory({', '.join(given)})")
    try:
        return Trajectory.of(*mark.args, **mark.kwargs)
    except UsageError as error:
        raise UsageError(f"the trajectory marker: {error}") from None
