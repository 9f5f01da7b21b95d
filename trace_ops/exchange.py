"""What an SDK sent and got for one call, as on the wire."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, TypeAlias

from trace_ops import _json_text
from trace_ops._json_text import JsonStyle


class _Unparsed(Enum):
    """In place of the JSON of a body that nobody has asked for; an enum's member survives being copied."""

    UNPARSED = 0


_UNPARSED: Any = _Unparsed.UNPARSED

StreamEnd = Literal["complete", "closed", "cancelled", "abandoned", "failed"]
"""How a body ended: read to its end (or its terminal event); closed early by the reader; its task
cancelled; never closed before the recorder was; or broken off by an error."""


class Body:
    """The bytes of a body and the JSON in them; either is derived from the other when asked for.

    Immutable by convention: the value of ``json`` may be shared between bodies, never change it.
    """

    __slots__ = ("_json", "_raw", "_style")

    def __init__(self, raw: bytes) -> None:
        self._raw: bytes | None = raw
        self._json: Any = _UNPARSED
        self._style: JsonStyle | None | Literal[False] = False

    @classmethod
    def from_json(cls, value: Any, style: JsonStyle) -> Body:
        """Build a body from parsed JSON and the style it was serialised in."""
        body = cls.__new__(cls)
        body._raw, body._json, body._style = None, value, style
        return body

    @property
    def raw(self) -> bytes:
        """The bytes as on the wire, after content decoding."""
        if self._raw is None:
            assert isinstance(self._style, JsonStyle)
            self._raw = _json_text.render(self._json, self._style).encode()
        return self._raw

    @property
    def text(self) -> str | None:
        """The body as text, ``None`` if it is not UTF-8."""
        try:
            return self.raw.decode()
        except UnicodeDecodeError:
            return None

    @property
    def json(self) -> Any:
        """The parsed JSON; ``None`` if the body holds none."""
        if self._json is _UNPARSED:
            text = self.text
            self._json = None if text is None else _json_text.parse(text)
        return self._json

    @property
    def style(self) -> JsonStyle | None:
        """The style in which ``json`` re-serialises to exactly ``raw``; ``None`` if there is none."""
        if self._style is False:
            text = self.text
            self._style = None if text is None else _json_text.detect(text, self.json)
        return self._style

    def same_as(self, other: Body) -> bool:
        """Whether two bodies are equal, told without rendering or parsing what need not be.

        ``False`` may still mean the same JSON in other bytes, or with its keys in another order.
        """
        if self is other:
            return True
        # What came from a cassette is parsed, what came from the wire is not; neither becomes the other.
        if self._raw is not None and other._raw is not None:
            return self._raw == other._raw
        if self.json is None:
            return self.raw == other.raw
        try:
            # To Python 1, 1.0 and True are equal.
            return marshal.dumps(self.json, 2) == marshal.dumps(other.json, 2)
        except ValueError:  # nested deeper than it goes
            return self.raw == other.raw

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Body) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"Body({self.raw[:60]!r})"


class Stream:
    """The server-sent events (or lines of JSON) of a streamed body: their text, and when each arrived.

    ``events`` are the raw blocks with their line ends; joined and encoded (UTF-8 with
    ``surrogateescape``) they are the body to the byte. ``at_ms`` are milliseconds since the request
    left, one an event.
    """

    __slots__ = ("_events", "_expand", "at_ms")

    def __init__(self, events: Sequence[str] | Callable[[], Sequence[str]], at_ms: Sequence[int]) -> None:
        self._expand = events if callable(events) else None
        self._events: Sequence[str] | None = None if callable(events) else events
        self.at_ms = at_ms

    @property
    def events(self) -> Sequence[str]:
        """The raw event blocks in order."""
        if self._events is None:
            assert self._expand is not None
            self._events = self._expand()
        return self._events

    @property
    def raw(self) -> bytes:
        """The whole body as bytes."""
        return "".join(self.events).encode("utf-8", "surrogateescape")

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Stream)
            and list(self.events) == list(other.events)
            and list(self.at_ms) == list(other.at_ms)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Stream({len(self.events)} events)"


@dataclass(frozen=True)
class Failure:
    """An exception in place of an answer, or an error of a tool.

    ``type`` is the class name as the HTTP library calls it (``ReadTimeout``), or dotted
    (``builtins.ValueError``) for any other.
    """

    type: str
    message: str


@dataclass
class Request:
    """One wire request. ``path`` is below the client's base URL; no host, no authentication.

    ``query`` is the raw query string without credentials. ``headers`` holds only those that take
    part in matching. ``content_type`` is kept for bodies that are not JSON.
    """

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Body | None = None
    content_type: str = "application/json"


@dataclass
class Response:
    """One wire response: ``headers`` in order, names in lower case, without cookies and secrets."""

    status: int
    headers: list[tuple[str, str]]
    body: Body | Stream
    end: StreamEnd = "complete"
    failure: Failure | None = None
    http_version: str = "HTTP/1.1"
    reason: str = ""
    elapsed_ms: float = 0.0


Outcome: TypeAlias = Response | Failure


@dataclass
class Exchange:
    """One logical SDK call: the request, its final outcome, and the attempts that came before it."""

    provider: str
    request: Request
    outcome: Outcome
    retried: list[Outcome] = field(default_factory=list)
