"""One cassette, several recorders: who may write, and what tells one content from another."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from trace_ops.errors import CassetteError

_WAIT_S = 120.0
_here = threading.Lock()
_threads: dict[str, threading.RLock] = {}
_held: dict[str, int] = {}


@contextmanager
def lock(path: str | PathLike[str], timeout: float = _WAIT_S) -> Iterator[None]:
    """Keep every other recorder, in this process or another, from writing a cassette meanwhile.

    May be nested within a thread. The lock lies in the directory for temporary files, not beside the
    cassette, and goes with the process that holds it. Raises :class:`CassetteError` after ``timeout``
    seconds.
    """
    name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
    with _here:
        own = _threads.setdefault(name, threading.RLock())
    if not own.acquire(timeout=timeout):
        raise _busy(path, timeout)
    try:
        if _held.get(name):
            yield
            return
        with _between_processes(name, path, timeout):
            _held[name] = 1
            try:
                yield
            finally:
                _held[name] = 0
    finally:
        own.release()


@contextmanager
def _between_processes(name: str, path: str | PathLike[str], timeout: float) -> Iterator[None]:
    import tempfile

    import filelock

    user = getattr(os, "getuid", lambda: "user")()
    directory = Path(tempfile.gettempdir()) / f"trace-ops-{user}"
    holder = filelock.FileLock(directory / f"{name}.lock", timeout=timeout)
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        if hasattr(os, "getuid") and directory.lstat().st_uid != user:
            raise PermissionError(f"{directory} belongs to somebody else")
        holder.acquire()
    except filelock.Timeout:
        raise _busy(path, timeout) from None
    except OSError as error:
        problem = f"cannot be locked: {error.strerror or error}"
        remedy = f"Check that {directory} can be written to."
        raise CassetteError(problem, path=path, remedy=remedy) from error
    try:
        yield
    finally:
        holder.release()


def hash_of(data: bytes) -> str:
    """What tells one content from another, also against malice."""
    return hashlib.blake2b(data, digest_size=20).hexdigest()


def _busy(path: str | PathLike[str], timeout: float) -> CassetteError:
    problem = f"another recorder has been writing it for {timeout:g} seconds"
    return CassetteError(problem, path=path, remedy="Wait for that program to end, or end it.")
