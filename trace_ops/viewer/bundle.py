"""What a page holds: runs and comparisons by their keys, and perhaps the tests of a session."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone

from trace_ops import _moments
from trace_ops._version import __version__
from trace_ops.viewer import data

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 100


def key_of(name: str) -> str:
    """A name as it is safe in a URL; of a long one, its end."""
    return _UNSAFE.sub("-", name).strip("-.")[-_LONGEST:].strip("-.") or "run"


class Keys:
    """Keys of a bundle: names that are safe in a URL, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        """A key that reads like a name, such as the path of a cassette."""
        stem = key_of(name)
        key, number = stem, 1
        while key in self._taken:
            number += 1
            key = f"{stem}-{number}"
        self._taken.add(key)
        return key


def bundle(
    title: str,
    runs: Sequence[data.RunHead],
    comparisons: Sequence[data.ComparisonHead] = (),
    *,
    session: data.Session | None = None,
    library: data.Library | None = None,
    created: datetime | None = None,
) -> data.Bundle:
    """The head of a page."""
    moment = _moments.written(created or datetime.now(timezone.utc), "seconds")
    assert moment is not None
    return {
        "version": 1,
        "title": title,
        "generator": f"TraceOps {__version__}",
        "created": moment,
        "runs": list(runs),
        "comparisons": list(comparisons),
        "session": session,
        "live": library is not None,
        "library": library,
    }
