"""The shape of a cassette file, as plain data: the source of ``schema.json``.

The keys stand here in the order they have in the file. ``Any`` is whatever JSON can say.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from trace_ops.exchange import StreamEnd
from trace_ops.trace import LinkKind, SpanKind

Framing = Literal["crlf", "tight", "crlf tight", "event last", "lines"]
"""How events are written, where it is not the usual way: lines that end in ``\\r\\n``, no blank after the
colon, the ``event`` line after the ``data`` line, or lines of JSON (NDJSON)."""


class FailureDocument(TypedDict):
    """An exception: the name of its class, and its text."""

    type: str
    message: str


class TextColumn(TypedDict):
    """A text that came in pieces: the whole, and the length of each piece in characters."""

    text: str
    cuts: list[int]


CountColumn = TypedDict("CountColumn", {"from": int, "step": int})
CountColumn.__doc__ = "A whole number that changes by the same step from event to event."


class ValuesColumn(TypedDict):
    """Values that are neither a text nor a count, one an event."""

    values: list[Any]


class EventDocument(TypedDict, total=False):
    """One server-sent event, or ``times`` consecutive ones that differ only in what ``varying`` lists.

    One of these holds it: ``data`` (a JSON object, in the style ``format``), ``text`` (any other data),
    ``raw`` (the block as it came) or ``base64`` (the block, where it is not valid Unicode; lone surrogates
    encoded like other characters). ``varying`` maps JSON pointers into ``data`` to the values there.
    ``pad`` counts the blanks before the last bracket.
    """

    event: str
    times: int
    format: str
    pad: int | list[int]
    data: Any
    varying: dict[str, TextColumn | CountColumn | ValuesColumn]
    text: str
    raw: str
    base64: str


class _Stream(TypedDict, total=False):
    format: str
    framing: Framing


class StreamDocument(_Stream):
    """A streamed body. ``gaps_ms``: milliseconds before each event, the first since the request left."""

    events: list[EventDocument]
    gaps_ms: list[int]


class _Response(TypedDict):
    status: int


class ResponseDocument(_Response, total=False):
    """An answer; its body is ``body`` (JSON, in the style ``format``), ``text``, ``base64`` or ``stream``.

    ``headers`` as a list of a mapping and changes to it: those of the mapping, some changed, removed (null)
    or added at the end; as a list of pairs: some name occurs more than once.
    """

    reason: str
    http_version: str
    elapsed_ms: float
    format: str
    body: Any
    text: str
    base64: str
    stream: StreamDocument
    end: StreamEnd
    failure: FailureDocument
    headers: dict[str, str] | list[dict[str, str | None]] | list[list[str]]


class OutcomeDocument(TypedDict, total=False):
    """What came of one attempt: an answer, or an error in its place."""

    response: ResponseDocument
    error: FailureDocument


class _Part(TypedDict):
    headers: dict[str, str]


class PartDocument(_Part, total=False):
    """One part of a multipart request: ``text`` or ``base64`` holds its content."""

    text: str
    base64: str


class MultipartDocument(TypedDict):
    """A multipart request."""

    boundary: str
    parts: list[PartDocument]


class UsageDocument(TypedDict, total=False):
    """Tokens of one call. ``input`` counts cached ones, ``output`` counts reasoning; absent is not known."""

    input: int
    output: int
    cache_read: int
    cache_write: int
    reasoning: int


class LinkDocument(TypedDict):
    """A reference to another span."""

    kind: LinkKind
    to: int


class _Span(TypedDict):
    span: int


class _SpanPlace(_Span, total=False):
    parent: int
    lane: int


class _SpanKind(_SpanPlace):
    kind: SpanKind
    name: str


class SpanDocument(_SpanKind, total=False):
    """One step of the run; those with a ``call`` are wire calls.

    ``via`` is the library it was seen through, of a call only if that is not its provider's own.
    One of ``request`` (JSON, in the style ``request_format``), ``request_as``, ``request_text``,
    ``request_base64`` and ``request_parts`` is the body sent, if any was. ``request_as`` is the number of an
    earlier span: its request, with the items in ``request_adds`` at the end of its lists. Without
    ``response``, ``error`` is what came of the call; with one, what the answer itself says went wrong.
    """

    via: str
    model: str
    provider: str
    start_ms: float
    ms: float
    usage: UsageDocument
    cost_usd: float
    finish: str
    tools: list[str]
    call: str
    query: str
    request_headers: dict[str, str]
    request_type: str
    request_format: str
    request: Any
    request_as: int
    request_adds: dict[str, list[Any]]
    request_text: str
    request_base64: str
    request_parts: MultipartDocument
    retried: list[OutcomeDocument]
    response: ResponseDocument
    input: Any
    output: Any
    error: FailureDocument
    attributes: dict[str, Any]
    links: list[LinkDocument]


class TotalsDocument(TypedDict, total=False):
    """Sums over the spans, for the reader; ``prices`` names the price data."""

    llm_calls: int
    tool_calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float
    prices: str


ScrubbedDocument = TypedDict("ScrubbedDocument", {"secret": str, "as": str, "times": int})
ScrubbedDocument.__doc__ = "A secret that was replaced: its kind, its placeholder, and how often it occurred."


class CapturedDocument(TypedDict, total=False):
    """How many calls and steps were seen through each SDK, framework and store, for the reader."""

    calls: dict[str, int]
    steps: dict[str, int]


_Header = TypedDict("_Header", {"name": str, "recorded": str, "with": dict[str, str]}, total=False)


class _Version(TypedDict):
    version: Literal[1]


class _CassetteHeader(_Version, _Header, total=False):
    captured: CapturedDocument
    passed_through: dict[str, str]
    uncaptured: list[str]
    tags: list[str]
    metadata: dict[str, Any]
    totals: TotalsDocument
    scrubbed: list[ScrubbedDocument]


class CassetteDocument(_CassetteHeader):
    """A TraceOps cassette.

    ``with`` has the versions of what had a part in it, ``passed_through`` what was left alone and why,
    ``uncaptured`` what could not be recorded.
    """

    spans: list[SpanDocument]
