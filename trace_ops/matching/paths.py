"""Dotted paths into a JSON body: ``messages.*.content``, ``tools.0.name``, ``**.timestamp``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from trace_ops.errors import UsageError

Path = tuple[str, ...]

_INDEX = re.compile(r"-?\d+")
_NOTHING: Any = object()


def parse(text: object) -> Path:
    """Split a path into its steps; raises :class:`UsageError` for what is no path.

    ``*`` stands for any one key or index, ``**`` for any number of them, ``-1`` for the last item.
    """
    if not isinstance(text, str):
        raise UsageError(f"a body path is a string such as 'messages.*.content', not {text!r}")
    steps = tuple(text.removeprefix("body.").split("."))
    if not all(step.strip() for step in steps):
        raise UsageError(f"body path {text!r} has an empty step")
    if any("[" in step or step == "$" for step in steps):
        raise UsageError(f"body path {text!r} must be dotted, as in 'messages.0.content'")
    if set(steps) <= {"*", "**"}:
        raise UsageError(f"body path {text!r} stands for everything")
    if steps[-1] == "**":
        raise UsageError(f"body path {text!r} must not end in '**'")
    return steps


def remove(value: Any, paths: Iterable[Path]) -> Any:
    """Return ``value`` without what the paths name; shares what is unchanged."""
    return _removed(value, frozenset(paths))


def select(value: Any, paths: Iterable[Path]) -> Any:
    """Return only what the paths name, in the structure it stands in; ``None`` if there is nothing.

    An item that a ``*`` reaches stays as ``{}`` when nothing of it is named, so that the number of
    messages counts.
    """
    selected = _selected(value, frozenset(paths))
    return None if selected is _NOTHING else selected


def _removed(value: Any, paths: frozenset[Path]) -> Any:
    if not paths or not isinstance(value, (dict, list)):
        return value
    kept: list[tuple[Any, Any]] = []
    changed = False
    for key, names, child in _children(value):
        below = _below(paths, names)
        if () in below:
            changed = True
            continue
        new = _removed(child, below)
        changed = changed or new is not child
        kept.append((key, new))
    if not changed:
        return value
    return dict(kept) if isinstance(value, dict) else [item for _, item in kept]


def _selected(value: Any, paths: frozenset[Path]) -> Any:
    if not isinstance(value, (dict, list)):
        return _NOTHING
    kept: list[tuple[Any, Any]] = []
    for key, names, child in _children(value):
        below = _below(paths, names)
        if () in below:
            kept.append((key, child))
            continue
        new = _selected(child, below) if below else _NOTHING
        if new is _NOTHING and isinstance(value, list) and any(p[0] == "*" for p in paths):
            new = {}
        if new is not _NOTHING:
            kept.append((key, new))
    if not kept:
        return _NOTHING
    return dict(kept) if isinstance(value, dict) else [item for _, item in kept]


def _children(value: dict[str, Any] | list[Any]) -> Iterator[tuple[Any, tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield key, (key,), child
    else:
        for index, child in enumerate(value):
            yield index, (str(index), str(index - len(value))), child


def _below(paths: frozenset[Path], names: tuple[str, ...]) -> frozenset[Path]:
    """The paths as seen from a child that goes by ``names``; ``()`` among them names the child itself."""
    below = set()
    for path in paths:
        if path[0] == "**":
            below.add(path)
            path = path[1:]
        if path and (path[0] == "*" or path[0] in names):
            below.add(path[1:])
    return frozenset(below)
