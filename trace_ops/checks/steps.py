"""A run as the steps that checks look at, one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from trace_ops import wire
from trace_ops.trace import Span, SpanKind, Trace


@dataclass(frozen=True)
class Step:
    """One step of a trajectory: a span, or a tool that an answer asked for and that ran unseen.

    ``asked`` is then the number of that request in the answer (``span.tools``), else ``None``.
    """

    kind: SpanKind
    name: str
    span: Span = field(repr=False)
    asked: int | None = None

    @property
    def label(self) -> str:
        """``tool:search``, as in :attr:`Trace.trajectory <trace_ops.trace.Trace.trajectory>`."""
        return f"{self.kind}:{self.name}"

    @cached_property
    def arguments(self) -> Any:
        """What the step was called with; ``None`` if that is not known."""
        return self.span.input if self.asked is None else _asked(self.span, self.asked)


def steps(trace: Trace, kinds: Collection[str] | None = None) -> list[Step]:
    """The steps of a run in start order, of all kinds or of the given ones.

    LLM calls and embeddings go by their model. A tool counts as it ran; one that the model asked for and
    that nobody saw run stands after the call that asked for it.
    """
    return [step for step in _steps(trace) if kinds is None or step.kind in kinds]


def _steps(trace: Trace) -> Iterator[Step]:
    unseen = Counter(name for span in trace.llm_calls for name in span.tools)
    unseen -= Counter(span.name for span in trace.of_kind("tool"))
    for span in trace:
        by_model = span.kind in ("llm", "embedding") and span.model
        yield Step(span.kind, span.model if by_model and span.model else span.name, span)
        for number, name in enumerate(span.tools):
            if unseen[name] > 0:
                unseen[name] -= 1
                yield Step("tool", name, span, number)


def _asked(span: Span, number: int) -> Any:
    """The arguments of the request for a tool, by its number among those in the answer."""
    answer = wire.read_response(span.exchange) if span.exchange is not None else None
    if answer is None:
        return None
    calls = [call for message in answer.messages for call in message.tool_calls if not call.server]
    same = [call for call in calls if call.name == span.tools[number]]
    before = span.tools[:number].count(span.tools[number])
    return same[before].arguments if before < len(same) else None
