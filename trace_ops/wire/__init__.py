"""What provider formats say: model, tokens, tools asked for, why the answer ended, and its text."""

from trace_ops.wire._operation import operation
from trace_ops.wire._summary import Summary, summarise

__all__ = ["Summary", "operation", "summarise"]
