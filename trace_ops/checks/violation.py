"""What a check finds, and how that reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trace_ops.checks.folding import folded
from trace_ops.checks.steps import steps
from trace_ops.trace import Trace


@dataclass(frozen=True)
class Violation:
    """One limit that a run does not keep.

    ``what`` is the limit by its name (``max_tokens``), ``text`` says all of it on one line. ``by`` tells
    how much too much it is (``2,310 tokens``), empty where that cannot be counted. ``where`` are the ids
    of the spans that matter. ``limit`` and ``actual`` are numbers, ``None`` where there is none (a price
    nobody knows). ``details`` are further lines for a person.
    """

    what: str
    text: str
    by: str = ""
    where: tuple[int, ...] = ()
    limit: float | None = None
    actual: float | None = None
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


def explained(trace: Trace, violations: Sequence[Violation]) -> str:
    """All violations with their details, and the trajectory of the run with the steps that matter marked."""
    lines = []
    for violation in violations:
        lines.append(violation.text)
        lines += [f"  {line}" if line else "" for line in violation.details]
    return "\n".join([*lines, f"trajectory: {trajectory_of(trace, violations)}"])


def trajectory_of(trace: Trace, violations: Sequence[Violation]) -> str:
    """The steps of a run on one line, folded, with those that matter in brackets."""
    return folded(steps(trace), {number for violation in violations for number in violation.where})
