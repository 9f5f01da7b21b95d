"""Whether a run keeps to what is asked of it: pure functions from a trace to what it violates."""

from trace_ops.checks.arguments import ANYTHING, CallMatcher, regex, subset, tool
from trace_ops.checks.budget import Budget
from trace_ops.checks.loops import LoopLimits
from trace_ops.checks.steps import Step, steps
from trace_ops.checks.trajectory import MODES, Trajectory, TrajectoryMode
from trace_ops.checks.violation import Violation, explained, trajectory_of

__all__ = [
    "ANYTHING",
    "MODES",
    "Budget",
    "CallMatcher",
    "LoopLimits",
    "Step",
    "Trajectory",
    "TrajectoryMode",
    "Violation",
    "explained",
    "regex",
    "steps",
    "subset",
    "tool",
    "trajectory_of",
]
