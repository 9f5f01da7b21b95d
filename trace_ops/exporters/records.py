"""A trace and its steps as plain data, with what was said in messages that all providers share."""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass
from typing import Any

from trace_ops import _moments, wire
from trace_ops.exchange import Exchange, Failure
from trace_ops.trace import Span, Trace


def trace_record(trace: Trace) -> dict[str, Any]:
    """A run with its totals and all its steps."""
    return {**trace_header(trace), "spans": [span_record(span) for span in trace]}


def trace_header(trace: Trace) -> dict[str, Any]:
    """A run with its totals, without its steps."""
    return {
        "name": trace.name,
        "recorded": _moments.written(trace.recorded),
        "tags": trace.tags,
        "metadata": trace.metadata,
        "libraries": trace.libraries,
        "captured": trace.captured,
        "passed_through": trace.passed_through,
        "uncaptured": trace.uncaptured,
        "prices": trace.prices,
        "totals": {
            "llm_calls": trace.total_llm_calls,
            "tool_calls": trace.total_tool_calls,
            "tokens": trace.total_tokens,
            "cost_usd": trace.total_cost_usd,
            "ms": trace.duration_ms,
            "errors": len(trace.errors),
        },
        "trajectory": trace.trajectory,
    }


def span_record(span: Span) -> dict[str, Any]:
    """A step; one that calls a model has its ``call`` with the messages of request and answer."""
    return {**span_header(span), "call": None if span.exchange is None else _call(span.exchange)}


def span_header(span: Span) -> dict[str, Any]:
    """A step without its call."""
    return {
        "span": span.id,
        "parent": span.parent,
        "lane": span.lane,
        "kind": span.kind,
        "name": span.name,
        "via": span.via,
        "model": span.model,
        "start_ms": span.start_ms,
        "ms": span.ms,
        "usage": _plain(span.usage),
        "cost_usd": span.cost_usd,
        "tools": span.tools,
        "finish": span.finish,
        "failed": span.failed,
        "error": _plain(span.error),
        "input": span.input,
        "output": span.output,
        "attributes": span.attributes,
        "links": [asdict(link) for link in span.links],
    }


def _call(exchange: Exchange) -> dict[str, Any]:
    outcome = exchange.outcome
    failure = outcome if isinstance(outcome, Failure) else outcome.failure
    return {
        "provider": exchange.provider,
        "method": exchange.request.method,
        "path": exchange.request.path,
        "status": None if isinstance(outcome, Failure) else outcome.status,
        "failure": _plain(failure),
        "attempts": 1 + len(exchange.retried),
        "request": _plain(wire.read_request(exchange)),
        "response": _plain(wire.read_response(exchange)),
    }


def _plain(value: Any) -> Any:
    """Messages, parts and their like as dicts; a part tells its type first, and data by its hash only."""
    if is_dataclass(value) and not isinstance(value, type):
        told = {"type": value.type} if hasattr(value, "type") else {}
        given = ((each.name, getattr(value, each.name)) for each in fields(value) if each.repr)
        return {**told, **{name: _plain(item) for name, item in given}}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
