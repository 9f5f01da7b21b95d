"""WebSocket connections of an SDK: seen, named and, where only recorded calls may be made, refused."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from wrapt import wrap_function_wrapper

from trace_ops.context import watching
from trace_ops.providers._unseen import unseen

_ENTRANCES = ("__enter__", "__aenter__", "enter", "connect")
"""Methods of a connection manager that connect; the last two need not go through the first."""


def install(module: str, provider: str) -> None:
    """Wrap the connection managers of a module of an SDK that Stainless generates."""
    for name, method in list(_managers(module)):
        _wrap(module, f"{name}.{method}", provider, name.removesuffix("ConnectionManager"))


def install_methods(module: str, provider: str, methods: Iterable[str]) -> None:
    """Wrap methods that connect, such as ``AsyncLive.connect``."""
    for method in methods:
        _wrap(module, method, provider, method.partition(".")[0])


def _managers(module: str) -> Iterator[tuple[str, str]]:
    for name, cls in vars(sys.modules[module]).items():
        if name.endswith("ConnectionManager") and isinstance(cls, type) and cls.__module__ == module:
            yield from ((name, method) for method in _ENTRANCES if method in cls.__dict__)


def _wrap(module: str, method: str, provider: str, name: str) -> None:
    what = f"{provider} WebSocket {name.removeprefix('Async')}"

    def enter(wrapped: Any, _manager: Any, args: Any, kwargs: Any) -> Any:
        tape = watching(provider)
        if tape is not None:
            unseen(tape, what, "what goes over it is not seen")
        return wrapped(*args, **kwargs)

    wrap_function_wrapper(module, method, enter)
