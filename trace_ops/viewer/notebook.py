"""A run as a notebook shows it: a table without scripts, in which whatever was recorded is text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from trace_ops._figures import cost, count, duration
from trace_ops.redaction import Scrubber, scrub_span
from trace_ops.trace import Trace
from trace_ops.viewer import data
from trace_ops.viewer.runs import Named, TraceView
from trace_ops.viewer.steps import one_line
from trace_ops.viewer.sums import Sum, sums

_MOST = 200
_NAME, _SAID = 60, 120
_DIM = "opacity:.6"
_RIGHT = "text-align:right;white-space:nowrap"
_LEFT = "text-align:left"
_BAD = "color:#d1242f"


def table(trace: Trace) -> str:
    """The steps with tokens, cost and time; without secrets, for a notebook is saved."""
    scrubber = Scrubber.from_environment()
    shown = [scrub_span(span, scrubber) for span in trace.spans[:_MOST]]
    run = TraceView(replace(trace, spans=shown), Named("", "")).run
    return "".join(_lines(trace, scrubber.text(trace.name), run, sums(trace.spans)))


def _lines(trace: Trace, name: str, run: data.Run, beneath: dict[int, Sum]) -> Iterator[str]:
    heading = escape(one_line(name, _NAME)) or "Trace"
    yield f"<div><b>{heading}</b> <span style='{_DIM}'>{_totals(trace)}</span></div>"
    yield f"<table><thead><tr><th style='{_LEFT}'>step</th><th style='{_LEFT}'></th>"
    yield "<th>tokens</th><th>cost</th><th>time</th></tr></thead><tbody>"
    depths = _depths(run["spans"])
    for span in run["spans"]:
        yield _row(span, depths[span["id"]], beneath[span["id"]])
    yield "</tbody></table>"
    if len(trace) > _MOST:
        yield f"<div style='{_DIM}'>… and {count(len(trace) - _MOST, 'more step')}</div>"
    code = 'trace_ops.reporters.html.generate_html_report(trace, "report.html")'
    yield f"<div style='{_DIM}'>All of it: <code>{escape(code)}</code></div>"


def _totals(trace: Trace) -> str:
    parts = [count(trace.total_llm_calls, "LLM call")]
    if trace.total_tool_calls:
        parts.append(count(trace.total_tool_calls, "tool call"))
    dollars = cost(trace.total_cost_usd, "cost unknown")
    parts += [count(trace.total_tokens, "token"), dollars, duration(trace.duration_ms)]
    if trace.errors:
        parts.append(count(len(trace.errors), "error"))
    return escape(" · ".join(parts))


def _row(span: data.Span, depth: int, beneath: Sum) -> str:
    error = span["error"]
    said = span["preview"] if error is None else f"{error['type']}: {error['message']}"
    style = _DIM if error is None else _BAD
    kind = f"<span style='{_DIM}'>{span['id']} {span['kind']}</span>"
    place = f"{_LEFT};white-space:nowrap;padding-left:{8 + 16 * min(depth, 20)}px"
    cells = [f"<td style='{place}'>{kind} {escape(one_line(span['label'], _NAME))}</td>"]
    cells.append(f"<td style='{_LEFT};{style}'>{escape(one_line(said, _SAID))}</td>")
    cells += [f"<td style='{_RIGHT}'>{escape(figure)}</td>" for figure in _figures(span, beneath)]
    return f"<tr>{''.join(cells)}</tr>"


def _figures(span: data.Span, beneath: Sum) -> tuple[str, str, str]:
    """Tokens and cost of a step and all beneath it, and its time."""
    has_tokens = bool(beneath.input or beneath.output)
    tokens = f"{beneath.input:,} → {beneath.output:,}" if has_tokens else ""
    dollars = beneath.shown if has_tokens or beneath.unpriced else ""
    return tokens, dollars, duration(span["ms"])


def _depths(spans: Sequence[data.Span]) -> dict[int, int]:
    depths: dict[int, int] = {}
    for span in spans:
        parent = span["parent"]
        depths[span["id"]] = depths[parent] + 1 if parent in depths else 0
    return depths
