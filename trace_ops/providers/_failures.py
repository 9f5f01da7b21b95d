"""Exceptions that were kept by class and message, made again."""

from __future__ import annotations

import builtins
import sys
from typing import Any

from trace_ops.exchange import Failure


def known_class(failure: Failure) -> type[BaseException] | None:
    """The class of a failure, where the program has imported it."""
    where, _, name = failure.type.rpartition(".")
    home = builtins if where == "builtins" else sys.modules.get(where)
    cls = getattr(home, name, None)
    return cls if isinstance(cls, type) and issubclass(cls, BaseException) else None


def constructed(cls: type[BaseException], message: str, **keywords: Any) -> BaseException:
    """An exception of a class, with a message."""
    try:
        return cls(message, **keywords)
    except TypeError:  # a constructor of its own: the message is what callers read
        error = cls.__new__(cls)
        error.args = (message,)
        return error
