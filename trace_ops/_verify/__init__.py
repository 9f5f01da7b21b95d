"""Mode ``verify``: how a live answer differs from the recorded one, and what of that fails a run."""

from trace_ops._verify.drift import SEVERITIES, Drift, Severity, Verify

__all__ = ["SEVERITIES", "Drift", "Severity", "Verify"]
