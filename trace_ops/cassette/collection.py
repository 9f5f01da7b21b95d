"""Garbage collection, out of the way while many objects are made and none is dropped."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage() -> Iterator[None]:
    """Pause the collector: building a large document makes it search again and again, for nothing.

    It takes a quarter of the time of loading or writing a thousand calls. Off for the whole process, for
    that moment; if it is off already, it stays off.
    """
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()
