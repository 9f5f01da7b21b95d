"""A cassette as plain data, in the order in which its file has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from trace_ops import _moments
from trace_ops.cassette.forms import Form, ReviewForm
from trace_ops.cassette.model import VERSION, Cassette
from trace_ops.cassette.plain import plain, valid_text
from trace_ops.exchange import Exchange, Failure, Outcome, Request, Response
from trace_ops.trace import Span, Trace, Usage

JSON = "application/json"
"""The content type that is not worth a line."""


def to_document(cassette: Cassette) -> dict[str, Any]:
    """Turn a cassette into the data of its file, a :class:`CassetteDocument`.

    Values in it are those of the cassette: do not change them.
    """
    trace = cassette.trace
    form = ReviewForm()
    header = {
        "name": valid_text(trace.name),
        "recorded": _timestamp(trace.recorded),
        "with": plain(trace.libraries),
        "captured": trace.captured,
        "passed_through": plain(trace.passed_through),
        "uncaptured": plain(trace.uncaptured),
        "tags": plain(trace.tags),
        "metadata": plain(trace.metadata),
        "totals": _totals(trace),
        "scrubbed": plain(cassette.scrubbed),
    }
    spans = [encode_span(span, form) for span in trace.spans]
    return {"version": VERSION, **{key: value for key, value in header.items() if value}, "spans": spans}


def _timestamp(moment: datetime | None) -> str | None:
    text = _moments.written(moment, "seconds")
    return text and text.replace("+00:00", "Z")


def _totals(trace: Trace) -> dict[str, Any]:
    cost = trace.total_cost_usd
    totals = {
        "llm_calls": trace.total_llm_calls,
        "tool_calls": trace.total_tool_calls,
        "input_tokens": sum(span.usage.input or 0 for span in trace.spans if span.usage),
        "output_tokens": sum(span.usage.output or 0 for span in trace.spans if span.usage),
        "cost_usd": round(cost, 10) if cost else None,
        "prices": trace.prices,
    }
    return {key: value for key, value in totals.items() if value}


def encode_span(span: Span, form: Form) -> dict[str, Any]:
    """The fields of one span, a :class:`SpanDocument`."""
    exchange = span.exchange
    fields: dict[str, Any] = {
        "span": span.id,
        "parent": span.parent,
        "lane": span.lane or None,
        "kind": span.kind,
        "name": valid_text(span.name),
        "via": span.via,
        "model": span.model,
        "provider": exchange and exchange.provider,
        "start_ms": milliseconds(span.start_ms),
        "ms": None if span.ms is None else milliseconds(span.ms),
        "usage": span.usage and _usage(span.usage),
        "cost_usd": span.cost_usd,
        "finish": span.finish,
        "tools": span.tools or None,
    }
    if exchange is not None:
        fields |= _exchange(span.id, exchange, form)
    fields |= {
        "input": plain(span.input),
        "output": plain(span.output),
        "error": fields.get("error") or (span.error and _failure(span.error)),
        "attributes": plain(span.attributes) or None,
        "links": [{"kind": link.kind, "to": link.to} for link in span.links] or None,
    }
    # A request may be the JSON null.
    return {key: value for key, value in fields.items() if value is not None or key == "request"}


def _usage(usage: Usage) -> dict[str, int]:
    counts = {
        "input": usage.input,
        "output": usage.output,
        "cache_read": usage.cache_read,
        "cache_write": usage.cache_write,
        "reasoning": usage.reasoning,
    }
    return {key: value for key, value in counts.items() if value is not None}


def _exchange(span: int, exchange: Exchange, form: Form) -> dict[str, Any]:
    return {
        **_request(span, exchange.request, form),
        "retried": [_outcome(outcome, form) for outcome in exchange.retried] or None,
        **_outcome(exchange.outcome, form),
    }


def _request(span: int, request: Request, form: Form) -> dict[str, Any]:
    fields: dict[str, Any] = {"call": f"{request.method} {request.path}"}
    if "?" in request.path:
        fields["query"] = request.query
    elif request.query:
        fields["call"] += f"?{request.query}"
    if request.headers:
        fields["request_headers"] = request.headers
    if request.content_type != JSON:
        fields["request_type"] = request.content_type
    if request.body is not None:
        fields |= form.request(span, request.body, request.content_type)
    return fields


def _outcome(outcome: Outcome, form: Form) -> dict[str, Any]:
    if isinstance(outcome, Failure):
        return {"error": _failure(outcome)}
    return {"response": _response(outcome, form)}


def _response(response: Response, form: Form) -> dict[str, Any]:
    fields: dict[str, Any] = {"status": response.status}
    if response.reason:
        fields["reason"] = response.reason
    if response.http_version != "HTTP/1.1":
        fields["http_version"] = response.http_version
    if response.elapsed_ms:
        fields["elapsed_ms"] = milliseconds(response.elapsed_ms)
    fields |= form.body(response.body)
    if response.end != "complete":
        fields["end"] = response.end
    if response.failure:
        fields["failure"] = _failure(response.failure)
    if response.headers:
        fields["headers"] = form.headers(response.headers)
    return fields


def _failure(failure: Failure) -> dict[str, str]:
    return {"type": failure.type, "message": valid_text(failure.message)}


def milliseconds(value: float) -> int | float:
    """As precise as is of use to anybody, so that files stay small and alike."""
    rounded = round(value, 1)
    return int(rounded) if rounded.is_integer() else rounded
