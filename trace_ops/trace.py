"""One agent run: a tree of spans with typed links between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from trace_ops.exchange import Exchange, Failure, Response

SpanKind = Literal["llm", "embedding", "tool", "retrieval", "agent", "chain", "decision", "custom"]
LinkKind = Literal["retry_of", "caused_by", "continues", "result_of"]


@dataclass(frozen=True)
class Usage:
    """Tokens of one call. ``input`` counts all input tokens, cached ones included.

    ``output`` includes reasoning tokens; ``None`` means that the provider did not say.
    """

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None

    @property
    def total(self) -> int:
        """Input plus output tokens."""
        return (self.input or 0) + (self.output or 0)


@dataclass(frozen=True)
class Link:
    """A typed reference from one span to another (``to`` is a span id)."""

    kind: LinkKind
    to: int


@dataclass
class Span:
    """One step of a run.

    ``id`` is an ordinal in start order, from 1. ``lane`` numbers the task or thread the step ran in, 0
    being the first seen. ``start_ms`` counts from the start of the trace, ``ms`` is the duration,
    ``None`` while the step runs. ``tools`` are the names of the tools that an LLM answer asks for.
    ``cost_usd`` is ``None`` where the price is not known. ``via`` is the SDK, framework or store that the
    step was seen through; ``None`` where the program told it, and for calls of a provider's own SDK.
    """

    id: int
    kind: SpanKind
    name: str
    parent: int | None = None
    lane: int = 0
    start_ms: float = 0.0
    ms: float | None = None
    exchange: Exchange | None = None
    input: Any = None
    output: Any = None
    error: Failure | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    model: str | None = None
    usage: Usage | None = None
    tools: list[str] = field(default_factory=list)
    finish: str | None = None
    cost_usd: float | None = None
    via: str | None = None

    @property
    def failed(self) -> bool:
        """Whether the step ended with an error: an exception, a status of 400 or more, a broken stream.

        So did a call whose answer has another status and tells of an error, as the end of a stream may.
        """
        outcome = self.exchange.outcome if self.exchange and self.ms is not None else None
        broken = isinstance(outcome, Response) and (outcome.status >= 400 or outcome.failure is not None)
        return self.error is not None or isinstance(outcome, Failure) or broken

    @property
    def is_unmetered(self) -> bool:
        """Whether a model answered in full and the answer does not tell what the call took.

        OpenAI streams are so without ``stream_options={"include_usage": True}``.
        """
        if self.usage is not None or self.kind not in ("llm", "embedding") or self.failed:
            return False
        outcome = self.exchange.outcome if self.exchange is not None else None
        return isinstance(outcome, Response) and outcome.end == "complete"


@dataclass
class Trace:
    """What one run did, in start order, with totals over it.

    ``libraries`` maps the names of the distributions that had a part in it to versions. ``passed_through``
    tells of libraries that were left alone, and why; ``uncaptured`` names what could not be recorded (such as
    a WebSocket). ``prices`` is the price data the costs come from.
    """

    name: str = ""
    recorded: datetime | None = None
    spans: list[Span] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    libraries: dict[str, str] = field(default_factory=dict)
    passed_through: dict[str, str] = field(default_factory=dict)
    uncaptured: list[str] = field(default_factory=list)
    prices: str | None = None

    def __iter__(self) -> Iterator[Span]:
        return iter(self.spans)

    def __len__(self) -> int:
        return len(self.spans)

    def _repr_html_(self) -> str:
        from trace_ops.viewer.notebook import table

        return table(self)

    def of_kind(self, *kinds: SpanKind) -> list[Span]:
        """The spans of the given kinds, in start order."""
        return [span for span in self.spans if span.kind in kinds]

    @property
    def llm_calls(self) -> list[Span]:
        """The LLM calls, in start order."""
        return self.of_kind("llm")

    @property
    def captured(self) -> dict[str, dict[str, int]]:
        """How many ``calls`` and ``steps`` were seen through each SDK, framework and store, by its name.

        Steps that the program told itself are not counted.
        """
        found: dict[str, Counter[str]] = {"calls": Counter(), "steps": Counter()}
        for span in self.spans:
            name = span.via or (span.exchange.provider if span.exchange else None)
            if name is not None:
                found["steps" if span.exchange is None else "calls"][name] += 1
        return {what: dict(sorted(names.items())) for what, names in found.items() if names}

    @property
    def total_llm_calls(self) -> int:
        """How many LLM calls were made; embeddings and other API calls are not counted."""
        return len(self.llm_calls)

    @property
    def total_tool_calls(self) -> int:
        """How many tools were called: tool steps seen, or asked for by the model where none was seen.

        A tool that runs unseen (it is not decorated and no framework reports it) still counts, since
        the model's request for it is in the answer; one that is seen is not counted twice.
        """
        ran = Counter(span.name for span in self.of_kind("tool"))
        asked = Counter(name for span in self.llm_calls for name in span.tools)
        return sum((ran | asked).values())

    @property
    def total_tokens(self) -> int:
        """Input plus output tokens of all calls whose provider said."""
        return sum(span.usage.total for span in self.spans if span.usage)

    @property
    def total_cost_usd(self) -> float | None:
        """What the run cost in US dollars; ``None`` if any call's price is not known, or what it took."""
        known = [span.cost_usd for span in self.spans if span.cost_usd is not None]
        unknown = (span for span in self.spans if span.cost_usd is None)
        return None if any(span.usage or span.is_unmetered for span in unknown) else sum(known)

    @property
    def duration_ms(self) -> float:
        """From the start of the first step to the end of the last one."""
        return max((span.start_ms + (span.ms or 0.0) for span in self.spans), default=0.0)

    @property
    def errors(self) -> list[Span]:
        """The spans that failed."""
        return [span for span in self.spans if span.failed]

    @property
    def trajectory(self) -> list[str]:
        """The steps as ``kind:name``, in start order: ``llm:gpt-5``, ``tool:search``.

        LLM calls go by the model; a tool that the model asked for and that ran unseen stands after the
        call that asked for it.
        """
        unseen = Counter(name for span in self.llm_calls for name in span.tools)
        unseen -= Counter(span.name for span in self.of_kind("tool"))
        steps: list[str] = []
        for span in self.spans:
            by_model = span.kind in ("llm", "embedding") and span.model
            steps.append(f"{span.kind}:{span.model if by_model else span.name}")
            for name in span.tools:
                if unseen[name] > 0:
                    unseen[name] -= 1
                    steps.append(f"tool:{name}")
        return steps
