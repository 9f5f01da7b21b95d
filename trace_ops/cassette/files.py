"""Cassettes as bytes and as files."""

from __future__ import annotations

import stat
from os import PathLike
from pathlib import Path

from trace_ops.cassette import cache
from trace_ops.cassette.atomic import write_atomically
from trace_ops.cassette.collection import no_garbage
from trace_ops.cassette.decode import NewerVersionError, check_version, from_document
from trace_ops.cassette.encode import to_document
from trace_ops.cassette.fields import DocumentError
from trace_ops.cassette.journal import unfinished
from trace_ops.cassette.model import Cassette
from trace_ops.cassette.reader import LIMITS, Limits, Parsed, YamlError, find_line, read
from trace_ops.cassette.recovery import recover
from trace_ops.cassette.writer import write
from trace_ops.errors import CassetteError, CassetteMissingError

StrPath = str | PathLike[str]

_RESTORE = "Restore the file from version control, or delete it and record it again."
_CUT_OFF = "cut off: the line '...' that ends every cassette is missing"
_MARK = "If nothing else is missing, put that line at its end."
_AGAIN = "Record it again, or delete the journal beside it."
_RECORD = "Record it: run with mode 'once', or pytest with --record."
_UPGRADE = "Upgrade TraceOps (pip install --upgrade TraceOps), or record the cassette again."


def dumps(cassette: Cassette) -> bytes:
    """The bytes of a cassette's file."""
    with no_garbage():
        return write(to_document(cassette)).encode()


def loads(data: bytes, path: StrPath | None = None, limits: Limits = LIMITS) -> Cassette:
    """Read a cassette from the bytes of its file.

    Raises :class:`CassetteError` and nothing else, whatever the bytes are; ``path`` is for its text.
    """
    text = _decode(data, path, limits)
    with no_garbage():
        parsed = _parse(text, path, limits)
        cassette = _build(parsed, text, path)
        cache.put(data, parsed)
    return cassette


def load(path: StrPath) -> Cassette:
    """Read a cassette file, or what unfinished recordings of it left if it was never written.

    Raises :class:`CassetteMissingError` if there is nothing, and :class:`CassetteError` whatever else is
    wrong.
    """
    try:
        data = _read(Path(path))
    except CassetteMissingError:
        recovered = recover(path)
        if recovered is not None:
            return recovered
        if not unfinished(path):
            raise
        problem = "its only recording was ended before a step of it had ended"
        raise CassetteError(problem, path=path, remedy=_AGAIN) from None
    return _from_cache(data) or loads(data, path)


def save(cassette: Cassette, path: StrPath) -> None:
    """Write a cassette file, whole or not at all; makes its directory.

    Raises :class:`CassetteError` if that fails; a file that was there is then as it was.
    """
    data = dumps(cassette)
    try:
        write_atomically(path, data)
    except OSError as error:
        remedy = "Check that its directory can be written to and that there is room on the disk."
        raise CassetteError(
            f"cannot be written: {error.strerror or error}", path=path, remedy=remedy
        ) from error


def _from_cache(data: bytes) -> Cassette | None:
    with no_garbage():
        document = cache.get(data)
        try:
            return None if document is None else from_document(document)
        except DocumentError:
            return None


def _read(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise CassetteError("not a file", path=path, remedy="Give the path of a cassette file.")
        if status.st_size > LIMITS.size:
            raise _too_large(status.st_size, path, LIMITS)
        return path.read_bytes()
    except FileNotFoundError:
        raise CassetteMissingError("there is no such cassette", path=path, remedy=_RECORD) from None
    except (OSError, ValueError) as error:
        problem = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise CassetteError(problem, path=path, remedy="Check the path and its permissions.") from error


def _decode(data: bytes, path: StrPath | None, limits: Limits) -> str:
    if len(data) > limits.size:
        raise _too_large(len(data), path, limits)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"not UTF-8 text: byte 0x{data[error.start]:02x}"
        raise CassetteError(problem, path=path, line=line, remedy=_RESTORE) from None


def _parse(text: str, path: StrPath | None, limits: Limits) -> Parsed:
    try:
        return read(text, limits)
    except YamlError as error:
        raise CassetteError(error.problem, path=path, line=error.line or 1, remedy=_RESTORE) from None
    except MemoryError:
        raise CassetteError("too large for the memory there is", path=path, line=1, remedy=_RESTORE) from None


def _build(parsed: Parsed, text: str, path: StrPath | None) -> Cassette:
    try:
        check_version(parsed.document)
        if not parsed.ended:
            line = text.rstrip().count("\n") + 1
            raise CassetteError(_CUT_OFF, path=path, line=line, remedy=f"{_RESTORE} {_MARK}")
        return from_document(parsed.document)
    except DocumentError as error:
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.place)
        problem = f"{where.lstrip('.')}: {error.problem}" if where else error.problem
        remedy = _UPGRADE if isinstance(error, NewerVersionError) else _RESTORE
        line = find_line(text, error.place) or 1
        raise CassetteError(problem, path=path, line=line, remedy=remedy) from None


def _too_large(size: int, path: StrPath | None, limits: Limits) -> CassetteError:
    problem = f"{size:,} bytes; a cassette has at most {limits.size:,}"
    return CassetteError(problem, path=path, remedy=_RESTORE)
