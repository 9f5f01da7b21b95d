"""Exceptions that were kept by class and message, made again."""

from __future__ import annotations

import builtins
import sys
from typing import Any

from trace_ops._plain import failure
from trace_ops.exchange import Failure


def known_class(recorded: Failure) -> type[BaseException] | None:
    """The class of a failure, where the program has imported it."""
    where, _, name = recorded.type.rpartition(".")
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


def raised(recorded: Failure, stand_in: type[Exception]) -> Exception:
    """The error that was recorded: of its own class, if it can be had, and of the same name and text.

    Else it is one of ``stand_in``, under that name.
    """
    module, _, name = recorded.type.rpartition(".")
    own = known_class(recorded)
    known = [own] if own is not None and issubclass(own, Exception) else []
    for kind in (*known, *(_alike(one, module, name, recorded.message) for one in known)):
        try:
            error = kind(recorded.message)
        except Exception:  # noqa: BLE001, S112 - a class of others, which may want anything
            continue
        if failure(error) == recorded:
            return error
    return _alike(stand_in, module, name, recorded.message)(recorded.message)


def _alike(kind: type[Exception], module: str, name: str, text: str) -> type[Exception]:
    """A class that passes for one whose errors are not made of their text alone, as ``KeyError`` is not."""
    own = {"__module__": module, "__init__": lambda self, *_: None, "__str__": lambda self: text}
    return type(name, (kind,), own)
