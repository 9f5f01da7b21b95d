"""What was recorded so far, on disk at once: a killed program loses no call that had ended.

A journal lies beside its cassette, one JSON line a span, each in the form it has in the cassette but with
bodies as raw text. It is removed once the cassette is written. While its writer lives it is locked, and
the system takes that lock away however the writer ends.

A short line tells that a step has begun, so that who follows the journal sees what runs: ``replay ui`` does.
"""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from os import PathLike
from pathlib import Path
from typing import Any, Literal, cast

from trace_ops.cassette.decode import decode_span
from trace_ops.cassette.encode import encode_span
from trace_ops.cassette.fields import DocumentError
from trace_ops.cassette.forms import RawForm
from trace_ops.cassette.process_lock import hold
from trace_ops.cassette.reader import LIMITS
from trace_ops.errors import CassetteError
from trace_ops.trace import Span

Ending = Literal["kept", "failed", "interrupted"]
_NAME = re.compile(r"\.(?P<pid>\d+)-(?P<serial>\d+)\.journal")
_VERSION = 1
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_serial = itertools.count(1)


class Journal:
    """The journal of one recorder; several threads may append to it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor: int | None = descriptor
        self._ended = False

    @classmethod
    def open(cls, cassette: str | PathLike[str], header: Mapping[str, Any]) -> Journal:
        """Begin the journal of a cassette; ``header`` is for those who find it later.

        Makes the directory. Raises :class:`CassetteError` if that or the file cannot be made.
        """
        target = Path(os.path.realpath(cassette))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            path, descriptor = _create(target)
        except OSError as error:
            raise _unwritable(cassette, error) from error
        journal = cls(path, descriptor)
        started = datetime.now(timezone.utc).isoformat()
        try:
            journal._write({"journal": _VERSION, "cassette": target.name, "started": started, **header})
        except OSError as error:
            path.unlink(missing_ok=True)
            raise _unwritable(cassette, error) from error
        return journal

    def append(self, span: Span) -> None:
        """Keep a span, scrubbed already. It is safe from the end of this process, not from a power cut.

        Raises :class:`CassetteError` if it cannot be written; after that, calls do nothing.
        """
        self._mark(encode_span(span, RawForm()))

    def begin(self, span: Span) -> None:
        """Tell that a step has begun; its name is scrubbed already.

        Raises :class:`CassetteError` as :meth:`append` does.
        """
        told = {"begun": span.id, "parent": span.parent, "lane": span.lane, "kind": span.kind}
        self._mark({**told, "name": span.name, "start_ms": round(span.start_ms, 1)})

    def drop(self, span_id: int) -> None:
        """Tell that a step which had begun did not take place after all."""
        self._mark({"dropped": span_id})

    def _mark(self, line: dict[str, Any]) -> None:
        try:
            self._write(line)
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def close(self, outcome: Ending) -> None:
        """End the journal: it goes if the run was ``kept``, else it stays and says how the run ended.

        Never raises: a journal that cannot say how its run ended is one of a run that was killed.
        """
        if self._ended:
            return
        self._ended = True
        with suppress(OSError):
            if outcome != "kept":
                self._write({"end": outcome})
        with suppress(OSError):
            self._release()
            if outcome == "kept":
                self.path.unlink(missing_ok=True)

    def _write(self, line: dict[str, Any]) -> None:
        data = _encode(line).encode() + b"\n"
        try:
            while data and self._descriptor is not None:
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            self._release()
            raise

    def _release(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


@dataclass
class JournalFile:
    """A journal that some recorder left behind, or still writes.

    ``outcome`` is ``killed`` if it did not even get to say how it ended. ``running`` are the steps that had
    begun and not ended, by their ids. ``damaged`` counts the lines that cannot be read, other than a last one
    that was cut off.
    """

    path: Path
    outcome: Literal["killed", "failed", "interrupted"] = "killed"
    header: dict[str, Any] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    running: dict[int, Span] = field(default_factory=dict)
    damaged: int = 0

    def take(self, line: bytes) -> None:
        """Read one more line."""
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            self.damaged += 1
        elif "journal" in value:
            self.header = value
        elif value.get("end") in ("failed", "interrupted"):
            self.outcome = cast("Any", value["end"])
        elif "dropped" in value:
            self._over(value["dropped"])
        else:
            self._take_step(value)

    def _take_step(self, value: dict[str, Any]) -> None:
        begun = {**value, "span": value["begun"]} if "begun" in value else None
        if begun is not None:
            begun.pop("begun")
            begun = {key: each for key, each in begun.items() if each is not None}
        try:
            span = decode_span(begun or value, ("spans", len(self.spans)))
        except DocumentError:
            self.damaged += 1
            return
        if begun is not None:
            self.running[span.id] = span
        else:
            self._over(span.id)
            self.spans.append(span)

    def _over(self, span_id: Any) -> None:
        if isinstance(span_id, int):
            self.running.pop(span_id, None)

    def remove(self) -> None:
        """Delete the file."""
        self.path.unlink(missing_ok=True)


def unfinished(cassette: str | PathLike[str]) -> list[JournalFile]:
    """The journals of a cassette whose writers have ended without keeping what they recorded.

    The oldest comes first. What cannot be read of them is left out and counted; this never raises.
    """
    target = Path(os.path.realpath(cassette))
    try:
        names = [entry.name for entry in os.scandir(target.parent) if entry.name.startswith(target.name)]
    except OSError:
        return []
    own = [name for name in names if _NAME.fullmatch(name, len(target.name))]
    files = [_read(target.with_name(name)) for name in own]
    return sorted(
        (file for file in files if file), key=lambda file: (str(file.header.get("started")), file.path)
    )


def _unwritable(path: str | PathLike[str], error: OSError) -> CassetteError:
    problem = f"its journal cannot be written: {error.strerror or error}"
    remedy = "Check that its directory can be written to, and that the disk is not full."
    return CassetteError(problem, path=path, remedy=remedy)


def _create(target: Path) -> tuple[Path, int]:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    while True:
        path = target.with_name(f"{target.name}.{os.getpid()}-{next(_serial)}.journal")
        try:
            descriptor = os.open(path, flags, 0o666)
        except FileExistsError:
            continue
        hold(descriptor)
        return path, descriptor


def _read(path: Path) -> JournalFile | None:
    """Read a journal; ``None`` if its writer lives, or it is gone."""
    try:
        with open(path, "rb") as file:
            if not hold(file.fileno()):
                return None
            data = file.read(LIMITS.size)
    except OSError:
        return None
    found = JournalFile(path)
    *lines, _torn = data.split(b"\n")
    for line in lines:
        found.take(line)
    return found
