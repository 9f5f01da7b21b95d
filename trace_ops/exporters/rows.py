"""A step as a row of a table: flat, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from trace_ops import _moments
from trace_ops.exchange import Failure
from trace_ops.trace import Span, Trace, Usage

Cell = str | int | float | None

COLUMNS = (
    "trace", "recorded", "span", "parent", "lane", "kind", "name", "provider", "model", "status", "failed",
    "start_ms", "ms", "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "cost_usd",
    "finish", "tools", "error",
)  # fmt: skip
"""The columns of a row, in order."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a cell begins that a spreadsheet would run, in full width too (OWASP, CSV injection)."""

# A NUL ends a cell, or the file, for many readers; escapes steer the terminal that shows it.
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160)), "\N{REPLACEMENT CHARACTER}")


def row(trace: Trace, span: Span) -> dict[str, Cell]:
    """The cells of a step by column; what is not known is ``None``."""
    usage = span.usage or Usage()
    outcome = span.exchange.outcome if span.exchange else None
    failure = span.error or (outcome if isinstance(outcome, Failure) else None)
    return {
        "trace": trace.name,
        "recorded": _moments.written(trace.recorded),
        "span": span.id,
        "parent": span.parent,
        "lane": span.lane,
        "kind": span.kind,
        "name": span.name,
        "provider": span.exchange.provider if span.exchange else None,
        "model": span.model,
        "status": None if outcome is None or isinstance(outcome, Failure) else outcome.status,
        "failed": int(span.failed),
        "start_ms": span.start_ms,
        "ms": span.ms,
        "input_tokens": usage.input,
        "cached_tokens": usage.cache_read,
        "output_tokens": usage.output,
        "reasoning_tokens": usage.reasoning,
        "cost_usd": span.cost_usd,
        "finish": span.finish,
        "tools": " ".join(span.tools),
        "error": None if failure is None else f"{failure.type}: {failure.message}",
    }


def csv_line(cells: Mapping[str, Cell] | Iterable[str]) -> str:
    """One line of CSV (RFC 4180).

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    values = cells.values() if isinstance(cells, Mapping) else cells
    written = io.StringIO(newline="")
    csv.writer(written).writerow([_safe(value) for value in values])
    return written.getvalue()


def _safe(value: Cell) -> Cell:
    if not isinstance(value, str):
        return value
    text = value.translate(_CONTROL)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
