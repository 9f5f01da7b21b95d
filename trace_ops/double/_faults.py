"""What can go wrong with one answer, to be queued with :meth:`ProviderDouble.fail`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Status:
    """Answer with an HTTP error in the provider's own shape, or with ``body`` as it stands."""

    code: int
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True)
class Stall:
    """Say nothing for ``seconds``, before the answer or, in a stream, after that many events."""

    seconds: float
    after: int | None = None


@dataclass(frozen=True)
class HangUp:
    """Close the connection without a byte of an answer."""


@dataclass(frozen=True)
class Garbled:
    """Answer 200 with JSON that stops in the middle."""


@dataclass(frozen=True)
class CutStream:
    """Break the connection after that many events of the stream."""

    after: int


@dataclass(frozen=True)
class StreamError:
    """End the stream with the provider's error event after that many events."""

    after: int
    message: str = "The server had an error while processing your request"


@dataclass(frozen=True)
class Slow:
    """Wait ``seconds`` before every event of the stream but the first."""

    seconds: float


Fault = Status | Stall | HangUp | Garbled | CutStream | StreamError | Slow
