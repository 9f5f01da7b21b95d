"""Every error and warning of TraceOps.

::

    TraceOpsError
    ├── CassetteError            a cassette cannot be read or written as it stands
    │   └── CassetteMissingError   the mode needs a cassette and there is none
    ├── ReplayError              what happened now is not what was recorded
    │   ├── UnrecordedCallError    a call has no recorded counterpart
    │   ├── UnplayedCallsError     recorded calls were not made this time
    │   ├── VerifyError            live answers differ from the recorded ones
    │   └── StreamTruncatedError   a stream was read past what was recorded of it
    ├── UsageError               an option or argument cannot be what was given
    └── BlockedNetworkError      the network guard refused a connection

    TraceOpsWarning              something could not be captured, the program goes on
"""

from __future__ import annotations

from os import PathLike, fspath


class TraceOpsError(Exception):
    """Root of every error raised by TraceOps."""


class CassetteError(TraceOpsError):
    """A cassette cannot be read or written: names the file, the line and what to do.

    ``path`` and ``line`` (1-based) are ``None`` where they are not known.
    """

    def __init__(
        self,
        problem: str,
        *,
        path: str | PathLike[str] | None = None,
        line: int | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.path = None if path is None else fspath(path)
        self.line = line
        self.remedy = remedy
        super().__init__(problem, self.path, line, remedy)

    def __str__(self) -> str:
        where = self.path or "cassette"
        if self.line is not None:
            where = f"{where}:{self.line}"
        text = f"{where}: {self.problem}"
        return f"{text}\n  {self.remedy}" if self.remedy else text


class CassetteMissingError(CassetteError):
    """The mode replays, and there is no cassette to replay from."""


class ReplayError(TraceOpsError):
    """What happened now is not what was recorded."""


class UnrecordedCallError(ReplayError):
    """A call was made that has no recorded counterpart, and the mode forbids making it live."""


class UnplayedCallsError(ReplayError):
    """The run ended, and calls that were recorded had not been made."""


class VerifyError(ReplayError):
    """Mode ``verify``: live answers differ from the recorded ones."""


class StreamTruncatedError(ReplayError):
    """A stream was read further than it was when it was recorded."""


class UsageError(TraceOpsError, ValueError):
    """An option or argument cannot be what was given."""


class BlockedNetworkError(TraceOpsError, ConnectionError):
    """The network guard refused a connection; names the test and the address."""


class TraceOpsWarning(UserWarning):
    """Something could not be recorded or served as asked; the program goes on."""
