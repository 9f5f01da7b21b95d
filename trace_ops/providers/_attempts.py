"""Retries above the method that an SDK sends with: all attempts of a call are one call.

Inside such a scope a call that failed is not over: if the same request is made again, it is its next
attempt. Scopes within a scope belong to it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar
from types import TracebackType
from typing import NamedTuple

from trace_ops.exchange import Failure, Response
from trace_ops.tape import Play

_current: ContextVar[Attempts | None] = ContextVar("trace_ops_attempts", default=None)


def current_attempts() -> Attempts | None:
    """The scope of retries that the running code is in."""
    scope = _current.get()
    return scope if scope is not None and scope.is_open else None


class Refused(BaseException):
    """Carries an error of ours through the SDK, which would retry and wrap any ``Exception``."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


class _Failed(NamedTuple):
    play: Play
    finish: Callable[[], None]


class Attempts:
    """A scope of retries, as a context manager. Its calls may come from several threads and tasks."""

    def __init__(self) -> None:
        self.is_open = False
        self._lock = threading.Lock()
        self._failed: list[_Failed] = []
        self._before: Attempts | None = None

    @property
    def is_served(self) -> bool:
        """Whether a call that failed, and may be tried again, was answered from a cassette."""
        return any(failed.play.serving for failed in list(self._failed))

    def __enter__(self) -> None:
        self._before = _current.get()
        if current_attempts() is None:
            self.is_open = True
            _current.set(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.is_open:
            return
        _current.set(self._before)
        with self._lock:
            self.is_open = False
        for failed in self._failed:
            failed.finish()
        if isinstance(error, Refused):
            raise error.error from error.error.__cause__

    def keep(self, play: Play, finish: Callable[[], None]) -> bool:
        """Keep a call that failed for its next attempt; ``finish`` ends it when there is none."""
        if not play.attempts or not _is_failure(play.attempts[-1]):
            return False
        with self._lock:
            if self.is_open and not any(failed.play is play for failed in self._failed):
                self._failed.append(_Failed(play, finish))
            return self.is_open

    def take(self, is_next: Callable[[Play], bool]) -> Play | None:
        """The failed call that an attempt belongs to."""
        with self._lock:
            for failed in self._failed:
                if is_next(failed.play):
                    self._failed.remove(failed)
                    return failed.play
        return None


def _is_failure(outcome: object) -> bool:
    if isinstance(outcome, Response):
        return outcome.status >= 400
    return isinstance(outcome, Failure) and outcome.type != "Cancelled"
