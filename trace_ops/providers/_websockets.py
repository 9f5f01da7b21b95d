"""WebSocket connections of an SDK: seen, named and, where only recorded calls may be made, refused."""

from __future__ import annotations

import sys
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops._warn import warn
from trace_ops.context import watching


def install(module: str, provider: str) -> None:
    """Wrap the connection managers of a module; ``enter`` is an alias that needs its own."""
    for name, cls in list(vars(sys.modules[module]).items()):
        if name.endswith("ConnectionManager") and isinstance(cls, type) and cls.__module__ == module:
            label = f"{provider} WebSocket {name.removesuffix('ConnectionManager').removeprefix('Async')}"
            for method in ("__enter__", "__aenter__", "enter"):
                if method in cls.__dict__:
                    wrap_function_wrapper(cls, method, _seen(provider, label))


def _seen(provider: str, label: str) -> Any:
    def entered(wrapped: Any, _manager: Any, args: Any, kwargs: Any) -> Any:
        tape = watching(provider)
        if tape is not None:
            if not tape.live:
                raise tape.refused(f"{label} cannot be replayed, and this run must not reach the network")
            if tape.not_captured(label):
                warn(f"{label} cannot be recorded; what goes over it is missing from the cassette", 3)
        return wrapped(*args, **kwargs)

    return entered
