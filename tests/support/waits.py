"""What code waits for, told instead of waited for."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch


@contextmanager
def waits() -> Iterator[list[float]]:
    """Let nothing in this thread sleep, and list the seconds it would have slept."""
    asked: list[float] = []
    here = threading.current_thread()
    sleep, sleep_async = time.sleep, asyncio.sleep

    def told(seconds: float) -> float:
        if threading.current_thread() is not here:
            return seconds
        if seconds > 0:
            asked.append(seconds)
        return 0

    async def not_slept(delay: float, result: Any = None) -> Any:
        return await sleep_async(told(delay), result)

    with (
        patch("time.sleep", lambda seconds: sleep(told(seconds))),
        patch("asyncio.sleep", not_slept),
        patch("anyio.sleep", not_slept),
    ):
        yield asked
