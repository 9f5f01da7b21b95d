"""Warnings that never become exceptions of the program that is recorded."""

from __future__ import annotations

import logging
import warnings

from trace_ops.errors import TraceOpsWarning


def warn(message: str, stacklevel: int = 2) -> None:
    """Warn; where warnings are made errors, log instead: the recorded code must not see one of ours."""
    try:
        warnings.warn(message, TraceOpsWarning, stacklevel=stacklevel + 1)
    except TraceOpsWarning:
        logging.getLogger("trace_ops").warning(message)
