"""Files that are replaced as a whole or stay as they were, whatever happens meanwhile."""

from __future__ import annotations

import glob
import os
import stat
import time
from contextlib import suppress
from os import PathLike
from pathlib import Path

_STALE_S = 3600.0


def write_atomically(path: str | PathLike[str], data: bytes) -> None:
    """Write a file by way of a temporary one beside it, which is on disk before it takes the name.

    Makes the directory; a symbolic link is followed, not replaced. Raises :class:`OSError`.
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(target)
    temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")
    try:
        _write(temporary, data, like=target)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(target.parent)


def _write(path: Path, data: bytes, like: Path) -> None:
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileNotFoundError):
        os.chmod(path, stat.S_IMODE(like.stat().st_mode))


def _sync_directory(directory: Path) -> None:
    """Make the new name last through a power cut, where the system lets a directory be opened."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove_stale(target: Path) -> None:
    """Remove what writers that were killed left behind."""
    with suppress(OSError):
        for left in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
            if time.time() - left.stat().st_mtime > _STALE_S:
                left.unlink()
