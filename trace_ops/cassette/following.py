"""A journal that is read on while somebody writes it, without being in the writer's way."""

from __future__ import annotations

import os
from pathlib import Path

from trace_ops.cassette.journal import JournalFile
from trace_ops.cassette.process_lock import hold
from trace_ops.cassette.reader import LIMITS

_HEADER = 1


class FollowedJournal:
    """What a journal holds so far. ``version`` changes whenever that does, or its writer ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.version = 0
        self.found = JournalFile(path)
        self.is_over = False
        self._read_up_to = 0
        self._identity: tuple[int, int] | None = None

    def read_on(self) -> bool:
        """Take in what was written since the last time; whether anything changed.

        Raises :class:`OSError` where the file is gone or cannot be read.
        """
        with open(self.path, "rb") as file:
            status = os.fstat(file.fileno())
            identity = (status.st_dev, status.st_ino)
            if identity != self._identity or status.st_size < self._read_up_to:
                self._start_over(identity)
            lines = self._lines(file.fileno())
            changed = bool(lines)
            for line in lines:
                self.found.take(line)
            if changed:
                self.is_over = self.found.outcome != "killed"  # it said how it ended
            elif not self.is_over and self._read_up_to >= _HEADER:
                # The header is written under the lock: before it, a test of the lock could take it from the
                # writer. After it, only the lock of a writer that is gone can be had.
                self.is_over = changed = hold(file.fileno())
        self.version += changed
        return changed

    def _start_over(self, identity: tuple[int, int]) -> None:
        self._identity = identity
        self.found, self.is_over, self._read_up_to = JournalFile(self.path), False, 0
        self.version += 1

    def _lines(self, descriptor: int) -> list[bytes]:
        """The lines that are whole."""
        os.lseek(descriptor, self._read_up_to, os.SEEK_SET)
        pieces = []
        left = LIMITS.size - self._read_up_to
        while left > 0 and (piece := os.read(descriptor, min(left, 1 << 20))):
            pieces.append(piece)
            left -= len(piece)
        data = b"".join(pieces)
        *lines, torn = data.split(b"\n")
        self._read_up_to += len(data) - len(torn)
        return lines
