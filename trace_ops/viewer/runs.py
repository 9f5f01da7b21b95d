"""A run as the page has it: its head for lists, and its steps for tree, waterfall and filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from trace_ops import _moments
from trace_ops._plain import plain
from trace_ops.trace import Span, Trace, Usage
from trace_ops.viewer import data, steps
from trace_ops.viewer.calls import CallRead, Calls
from trace_ops.viewer.conversations import Conversations
from trace_ops.viewer.details import details
from trace_ops.viewer.links import links
from trace_ops.viewer.prints import Prints
from trace_ops.viewer.values import safe

_NO_CALL = CallRead(None)
_COUNTS = ("input", "output", "cache_read", "cache_write", "reasoning")


@dataclass(frozen=True)
class Named:
    """What a list says of a run beside what is in its trace."""

    key: str
    name: str
    path: str | None = None
    verdict: str | None = None
    running: bool = False
    stamp: str | None = None


class TraceView:
    """A trace in the forms that a page takes; each is made when it is asked for."""

    def __init__(self, trace: Trace, named: Named) -> None:
        self.trace = replace(trace, spans=list(map(_plain, trace.spans)))
        self.named = named

    @cached_property
    def calls(self) -> Calls:
        """What was asked and answered."""
        return Calls.of(self.trace.spans, Prints())

    @cached_property
    def conversations(self) -> Conversations:
        """Which call goes on from which."""
        return Conversations(self.trace.spans, self.calls)

    @cached_property
    def head(self) -> data.RunHead:
        """The run in a list."""
        return head(self.trace, self.named)

    @cached_property
    def run(self) -> data.Run:
        """All steps, and how they hang together."""
        trace = self.trace
        return {
            "head": self.head,
            "metadata": safe(trace.metadata),
            "libraries": trace.libraries,
            "uncaptured": trace.uncaptured,
            "prices": trace.prices,
            "spans": [self._span(span) for span in trace.spans],
            "links": links(trace.spans, self.calls, self.conversations),
        }

    @cached_property
    def details(self) -> data.Details:
        """All that was said."""
        return details(self.trace.spans, self.calls, self.conversations.before)

    def _span(self, span: Span) -> data.Span:
        read = self.calls.by_span.get(span.id, _NO_CALL)
        model = steps.model_of(span, read.asked)
        asked = read.asked.messages[-1] if read.asked is not None and read.asked.messages else None
        failure = steps.failure(span)
        return {
            "id": span.id,
            "parent": span.parent,
            "kind": span.kind,
            "name": span.name,
            "label": steps.label(span, model),
            "lane": span.lane,
            "start": safe(span.start_ms),
            "ms": safe(span.ms),
            "first": steps.first_ms(span),
            "model": model,
            "provider": None if span.exchange is None else span.exchange.provider,
            "usage": None if span.usage is None else usage(span.usage),
            "cost": safe(span.cost_usd),
            "unpriced": span.cost_usd is None and (span.usage is not None or span.is_unmetered),
            "tools": list(span.tools),
            "finish": span.finish,
            "error": None if failure is None else {"type": failure.type, "message": failure.message},
            "attempts": max(1, len(steps.attempts(span.exchange))),
            "preview": steps.preview(span, asked, read.answer),
        }


def head(trace: Trace, named: Named) -> data.RunHead:
    """A run in a list, which needs no call to be read."""
    return {
        "key": named.key,
        "name": named.name,
        "path": named.path,
        "recorded": _moments.written(trace.recorded, "seconds"),
        "tags": list(trace.tags),
        "verdict": named.verdict,
        "totals": totals(trace),
        "running": named.running,
        "stamp": named.stamp,
    }


def totals(trace: Trace) -> data.Totals:
    """Sums over a run."""
    return {
        "spans": len(trace),
        "llm_calls": trace.total_llm_calls,
        "tool_calls": trace.total_tool_calls,
        "errors": sum(steps.failure(span) is not None for span in trace),
        "usage": _sum(span.usage for span in trace if span.usage is not None),
        "cost": trace.total_cost_usd,
        "ms": trace.duration_ms,
        "models": list(dict.fromkeys(span.model for span in trace if span.model is not None)),
    }


def usage(given: Usage) -> data.Usage:
    """The tokens of a call."""
    return {
        "input": given.input,
        "output": given.output,
        "cache_read": given.cache_read,
        "cache_write": given.cache_write,
        "reasoning": given.reasoning,
    }


def _sum(given: Iterable[Usage]) -> data.Usage:
    """What is known of the tokens of several calls."""
    known = list(given)

    def of(name: str) -> int | None:
        counts = [count for each in known if (count := getattr(each, name)) is not None]
        return sum(counts) if counts else None

    return usage(Usage(**{name: of(name) for name in _COUNTS}))


def _plain(span: Span) -> Span:
    """A step whose values JSON can hold; a trace made by hand may hold anything."""
    told: Mapping[str, Any] = {
        "input": plain(span.input),
        "output": plain(span.output),
        "attributes": plain(span.attributes),
    }
    return replace(span, **told)
