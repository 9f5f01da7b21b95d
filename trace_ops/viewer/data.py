"""What the viewer's page is given, by the same words in TypeScript: ``viewer/src/core/data.ts``.

Times are milliseconds, money is US dollars, dates are ISO in UTC; ``None`` is what nobody knows, never zero.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

from trace_ops.diff.model import Severity as Severity
from trace_ops.trace import SpanKind

Json: TypeAlias = Any
"""What JSON can hold; ``TypedDict`` is none of it to a type checker."""

LinkKind = Literal["retry", "fallback", "branch", "data", "handoff", "continues"]


class Usage(TypedDict):
    """Tokens; ``input`` counts cached ones too, ``output`` those of reasoning."""

    input: int | None
    output: int | None
    cache_read: int | None
    cache_write: int | None
    reasoning: int | None


class Totals(TypedDict):
    """Sums over a run."""

    spans: int
    llm_calls: int
    tool_calls: int
    errors: int
    usage: Usage
    cost: float | None
    ms: float
    models: list[str]


class RunHead(TypedDict):
    """A run as it stands in a list; ``key`` is unique in the bundle, and safe in a URL.

    ``stamp`` is another whenever the run is; ``None`` on a page that holds its runs.
    """

    key: str
    name: str
    path: str | None
    recorded: str | None
    tags: list[str]
    verdict: str | None
    totals: Totals
    running: bool
    stamp: str | None


class Failure(TypedDict):
    """What went wrong."""

    type: str
    message: str


class Span(TypedDict):
    """A step with what tree, waterfall and filters need."""

    id: int
    parent: int | None
    kind: SpanKind
    name: str
    label: str
    lane: int
    start: float
    ms: float | None
    first: float | None
    model: str | None
    provider: str | None
    usage: Usage | None
    cost: float | None
    unpriced: bool
    tools: list[str]
    finish: str | None
    error: Failure | None
    attempts: int
    preview: str


Link = TypedDict("Link", {"kind": LinkKind, "from": int, "to": int})
"""A derived reference between two steps, by their ids."""


class Run(TypedDict):
    """All steps of a run, in start order."""

    head: RunHead
    metadata: Json
    libraries: dict[str, str]
    uncaptured: list[str]
    prices: str | None
    spans: list[Span]
    links: list[Link]


class ToolDefinition(TypedDict):
    """A tool that is offered to a model."""

    name: str
    description: str | None
    parameters: Json


Part: TypeAlias = dict[str, Json]
"""One part of a message, told by its ``type``."""


class Message(TypedDict):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant", "tool"]
    name: str | None
    parts: list[Part]


class Asked(TypedDict):
    """What a model was asked; messages and tools by their index in the pools."""

    system: int | None
    messages: list[int]
    tools: list[int]
    parameters: dict[str, Json]


class Answered(TypedDict):
    """What a model answered."""

    messages: list[int]
    finish: list[str | None]
    error: Json
    complete: bool
    extra: dict[str, Json]


RawBody: TypeAlias = dict[str, Json]
"""``json``, with the ``places`` where values of the pool stand; or ``text``; or ``base64``."""


class Said(TypedDict):
    """What an event of a stream adds to the answer."""

    type: Literal["text", "reasoning", "tool_call"]
    text: str


class StreamEvent(TypedDict):
    """An event of a stream, and when it came, since the request left."""

    at: float
    text: str
    said: Said | None


class Attempt(TypedDict):
    """One outcome of a request."""

    status: int | None
    reason: str
    headers: list[tuple[str, str]]
    body: RawBody | None
    events: list[StreamEvent] | None
    end: str
    failure: Failure | None


class Call(TypedDict):
    """What went over the wire, and what it means; ``before`` is the call whose conversation goes on."""

    provider: str
    method: str
    path: str
    query: str
    api: str | None
    request: Asked | None
    response: Answered | None
    before: int | None
    headers: dict[str, str]
    body: RawBody | None
    attempts: list[Attempt]


class SpanDetail(TypedDict):
    """All that was said in a step."""

    input: Json
    output: Json
    attributes: dict[str, Json]
    call: Call | None


class Details(TypedDict):
    """All that was said in a run, by the ids of its steps; what repeats stands once, in the pools."""

    messages: list[Message]
    tools: list[ToolDefinition]
    values: list[Json]
    spans: dict[int, SpanDetail]


class ComparisonHead(TypedDict):
    """A comparison as it stands in a list; ``old`` and ``new`` are keys of runs."""

    key: str
    old: str
    new: str
    severity: Severity | None
    first: str | None
    roots: int
    downstream: int


class Metric(TypedDict):
    """A total of both runs."""

    before: float | None
    after: float | None
    ratio: float | None


class Change(TypedDict):
    """One thing that changed, ``what`` in words; ``root`` is the index of the change that it follows from.

    ``inline`` tells whether the words hold both values.
    """

    what: str
    inline: bool
    kind: str
    cause: str
    severity: Severity
    old: int | None
    new: int | None
    path: str
    before: Json
    after: Json
    root: int | None
    follows: str | None
    similarity: float | None


class Comparison(TypedDict):
    """A comparison of two runs, steps and changes in the order of the new one."""

    head: ComparisonHead
    pairs: list[tuple[int | None, int | None]]
    changes: list[Change]
    first: int | None
    metrics: dict[str, Metric]
    added_tools: list[str]
    removed_tools: list[str]


class Session(TypedDict):
    """The tests of a pytest session, as ``--trace-report=json`` has them, each with its run."""

    exit_status: int
    totals: dict[str, Json]
    tests: list[dict[str, Json]]
    takes: list[Json]
    loose_ends: list[dict[str, Json]]
    base: Json


class Bundle(TypedDict):
    """What a page holds; runs and comparisons are loaded by their keys."""

    version: Literal[1]
    title: str
    generator: str
    created: str
    runs: list[RunHead]
    comparisons: list[ComparisonHead]
    session: Session | None
    live: bool
    library: Library | None


class Broken(TypedDict):
    """A cassette that cannot be read, and why."""

    key: str
    path: str
    problem: str


class Library(TypedDict):
    """What a server knows of its folder beside the runs; ``at`` is how far it has told.

    ``unread`` counts the cassettes that it has yet to read.
    """

    at: str
    unread: int
    broken: list[Broken]


class Changes(TypedDict):
    """What is another than it was; with ``whole`` nothing else is there any more."""

    library: Library
    whole: bool
    runs: list[RunHead]
    gone: list[str]


class Hit(TypedDict):
    """A step that was looked for, with what is said around it."""

    span: int
    kind: SpanKind
    label: str
    before: str
    hit: str
    after: str


class Found(TypedDict):
    """What was found in a run: the first hits, and how many steps in all."""

    key: str
    steps: int
    hits: list[Hit]


class Findings(TypedDict):
    """What was found so far; ``next`` is where to go on, ``None`` at the end."""

    found: list[Found]
    searched: int
    of: int
    next: int | None
