"""Compare two runs: what the agent did differently first, and what merely followed from it."""

from trace_ops.diff.model import Change, ChangeKind, Metric, Pair, Severity, TraceDiff
from trace_ops.diff.traces import TraceChangedError, assert_trace_unchanged, diff_traces

__all__ = [
    "Change",
    "ChangeKind",
    "Metric",
    "Pair",
    "Severity",
    "TraceChangedError",
    "TraceDiff",
    "assert_trace_unchanged",
    "diff_traces",
]
