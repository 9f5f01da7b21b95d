"""Compare two runs: what the agent did differently first, and what merely followed from it."""

from trace_ops.diff.model import Change, ChangeKind, Metric, Pair, Severity, TraceDiff

__all__ = ["Change", "ChangeKind", "Metric", "Pair", "Severity", "TraceDiff"]
