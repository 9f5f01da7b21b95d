"""Parsed cassettes by the hash of their content, so that an unchanged large one is parsed once.

Only ever a shortcut: a cache that is missing, broken, foreign or full changes nothing but the time taken.
The files are JSON with a checksum, in a directory of the user's own.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from trace_ops._version import __version__
from trace_ops.cassette.reader import Parsed, Place
from trace_ops.cassette.store import hash_of

_FORMAT = 1
_WORTH_IT = 100_000
_MOST_BYTES = 256 * 1024 * 1024


def get(data: bytes) -> Any:
    """The document in the bytes of a cassette file, ``None`` if it is not in the cache."""
    if len(data) < _WORTH_IT:
        return None
    with suppress(OSError, ValueError, LookupError, TypeError, RecursionError):
        path = _path(data)
        checksum, _, content = path.read_bytes().partition(b"\n")
        if checksum.decode() == hash_of(content):
            document, aliases = json.loads(content)
            for place, anchor in aliases:
                holder = _at(document, place[:-1])
                holder[place[-1]] = _at(document, anchor)
            os.utime(path)
            return document
    return None


def put(data: bytes, parsed: Parsed) -> None:
    """Keep what was parsed from the bytes of a cassette file, if it is large enough for that to pay."""
    if len(data) < _WORTH_IT:
        return
    with suppress(OSError, ValueError, RecursionError):
        path = _path(data)
        with _aliases_cut(parsed):
            content = json.dumps([parsed.document, parsed.aliases], separators=(",", ":")).encode()
        temporary = path.with_name(f"{os.urandom(8).hex()}.tmp")
        temporary.write_bytes(hash_of(content).encode() + b"\n" + content)
        os.replace(temporary, path)
        _make_room(path.parent)


def _path(data: bytes) -> Path:
    directory = _directory()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = directory.stat()
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o022):
        raise PermissionError(f"{directory} can be written to by others")
    return directory / f"{hash_of(data)}-{__version__}-{_FORMAT}.json"


def _directory() -> Path:
    own = os.environ.get("TRACE_OPS_CACHE_DIR")
    if own:
        return Path(own)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "trace-ops" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/trace-ops"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trace-ops"


@contextmanager
def _aliases_cut(parsed: Parsed) -> Iterator[None]:
    """Let every alias be null, or JSON would write what it refers to again."""
    cut: list[tuple[Any, Any, Any]] = []
    try:
        for place, _ in parsed.aliases:
            holder = _at(parsed.document, place[:-1])
            cut.append((holder, place[-1], holder[place[-1]]))
            holder[place[-1]] = None
        yield
    finally:
        for holder, step, value in reversed(cut):
            holder[step] = value


def _at(document: Any, place: Place) -> Any:
    for step in place:
        document = document[step]
    return document


def _make_room(directory: Path) -> None:
    """Remove what was not used for longest."""
    with os.scandir(directory) as entries:
        found = sorted(((entry.stat(), entry.path) for entry in entries), key=lambda pair: pair[0].st_mtime)
    excess = sum(status.st_size for status, _ in found) - _MOST_BYTES
    for status, path in found:
        if excess <= 0:
            return
        Path(path).unlink(missing_ok=True)
        excess -= status.st_size
