"""Calls that were cancelled while they were made: how that is told, kept and played again."""

from __future__ import annotations

import sys

from trace_ops.exchange import Failure

CANCELLED = Failure("Cancelled", "the call was cancelled")
"""Kept in place of an answer when the task that waited for it was cancelled."""


def is_cancellation(error: BaseException) -> bool:
    """Whether an exception is a task's cancellation, of asyncio or trio."""
    return type(error).__name__ in ("CancelledError", "Cancelled")


CANCELLATION_PATIENCE = 30.0
"""Seconds that a replayed call waits to be cancelled, as it was when it was recorded."""


async def wait_for_cancellation() -> None:
    """Wait as the recorded call did when it was cancelled, so that timeouts and races end as they did."""
    clock = sys.modules.get("anyio") or sys.modules.get("asyncio")
    if clock is not None:
        await clock.sleep(CANCELLATION_PATIENCE)
