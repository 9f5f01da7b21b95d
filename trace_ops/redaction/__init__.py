"""Find secrets in whatever is about to be written, and put placeholders in their stead."""

from trace_ops.redaction._placeholder import placeholders
from trace_ops.redaction._scrubber import Found, Scrubber
from trace_ops.redaction._spans import scrub_outcome, scrub_request, scrub_span

__all__ = ["Found", "Scrubber", "placeholders", "scrub_outcome", "scrub_request", "scrub_span"]
