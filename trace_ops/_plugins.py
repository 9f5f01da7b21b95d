"""Seams that other packages bring along, by their entry points.

The metadata of all that is installed takes some ten milliseconds to read, and hardly ever is there a
seam in it. So the files are searched for the name of the group first, which takes a fifth of that.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from trace_ops._warn import warn
from trace_ops.errors import UsageError

_METADATA = (".dist-info", ".egg-info")
_GROUPS = (b"trace_ops.providers", b"trace_ops.frameworks")


def plugins(group: str, taken: Iterable[str]) -> list[Any]:
    """The seams of a group, whose names must not be ``taken``; a broken one is warned of, and left out."""
    found: dict[str, Any] = {}
    for entry in _entries(group):
        try:
            seam = entry.load()
            seam = seam() if isinstance(seam, type) else seam
            _check(seam, group, [*taken, *found])
            found[seam.name] = seam
        except Exception as error:  # noqa: BLE001 - a broken plug-in must not take the recording down
            told = str(error) if isinstance(error, UsageError) else repr(error)
            warn(f"plug-in {entry.name!r} of {group} is left out: {told}", stacklevel=6)
    return list(found.values())


def _check(seam: Any, group: str, taken: Sequence[str]) -> None:
    if not isinstance(seam.name, str) or not seam.name.isidentifier():
        raise UsageError(f"its name {seam.name!r} is none that intercept_... can have")
    if seam.name in taken:
        raise UsageError(f"there is a seam with its name {seam.name!r}")
    for field in ("modules", "distributions"):
        value = getattr(seam, field)
        if isinstance(value, str) or not all(isinstance(each, str) for each in value):
            raise UsageError(f"its {field} are no sequence of names, but {value!r}")
    if not callable(seam.install):
        raise UsageError("its install is no method")
    if group == "trace_ops.providers" and not isinstance(seam.credentials, Mapping):
        raise UsageError(f"its credentials are no mapping, but {seam.credentials!r}")


def _entries(group: str) -> list[EntryPoint]:
    if group not in _mentioned():
        return []
    try:
        return list(entry_points(group=group))
    except Exception as error:  # noqa: BLE001 - metadata of others, written by anything
        warn(f"the plug-ins of {group} cannot be listed: {error!r}", stacklevel=6)
        return []


@cache
def _mentioned() -> frozenset[str]:
    """The groups of ours that some installed package names; all of them where that cannot be told."""
    found: set[bytes] = set()
    for place in dict.fromkeys(sys.path):
        if os.path.isfile(place):  # a zip archive
            found.update(_GROUPS)
            break
        for text in _texts(place or os.curdir):
            found.update(group for group in _GROUPS if group in text)
    return frozenset(group.decode() for group in found)


def _texts(place: str) -> Iterator[bytes]:
    try:
        names = os.listdir(place)
    except OSError:
        return
    for name in names:
        if name.endswith(_METADATA):
            try:
                with open(os.path.join(place, name, "entry_points.txt"), "rb", buffering=0) as file:
                    yield file.read()
            except OSError:  # most have none
                continue
