"""A row of the tree as a line of text: kind, name, tokens, cost and time, and how it stands at the moment."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

from trace_ops._figures import duration
from trace_ops.cli import _render
from trace_ops.cli.stepping.entries import Entry, Row
from trace_ops.cli.stepping.session import Session
from trace_ops.cli.stepping.stepper import Stepper
from trace_ops.trace import SpanKind
from trace_ops.viewer import steps

ICONS: dict[SpanKind, str] = {
    "agent": "◆",
    "chain": "◇",
    "llm": "●",
    "embedding": "○",
    "tool": "■",
    "retrieval": "▤",
    "decision": "▲",
    "custom": "▪",
}
"""The signs of the kinds of steps; each takes one cell."""
_HERE = "not dim on #264f78"
_MOST_INDENT = 12
_NAME = 20
"""What is left to the name at least, before figures are left out."""
_TOKENS, _COST, _TIME = 13, 9, 8


def line(session: Session, at: Stepper, row: Row, width: int) -> Text:
    """The line, as wide as asked; figures that have no room are left out, tokens first."""
    entry = row.entry
    head = Text(no_wrap=True, end="")
    head.append(_mark(entry) if at.compared else "", _mark_style(entry))
    head.append("  " * min(row.depth, _MOST_INDENT))
    head.append("▸ " if row.folded else "▾ " if row.expandable else "  ", "dim")
    head.append(f"{entry.span.id:>{len(str(at.steps))}} ", "dim")
    style = _render.STYLES[entry.span.kind]
    head.append(f"{ICONS[entry.span.kind]} ", style)
    failed = steps.failure(entry.span) is not None and _has_ended(at, entry)
    if failed:
        head.append("✗ ", "bold red")
    name = steps.label(entry.span, entry.span.model)
    head.append(_render.one_line(name, 80), "bold red" if failed else style)
    figures = _figures(session, entry, width - 2 * min(row.depth, _MOST_INDENT))
    room = max(0, width - cell_len(figures))
    head.truncate(room, overflow="ellipsis", pad=True)
    head.append(figures, "dim")
    if entry is at.entry:
        head.stylize(_HERE)
    elif _stands_back(at, entry):
        head.stylize("dim")
    return head


def _figures(session: Session, entry: Entry, width: int) -> str:
    tokens, dollars = _render.spent(entry.span, session.beneath(entry))
    told = f" {duration(entry.span.ms):>{_TIME}}" if width >= _NAME + _TIME else ""
    if width >= _NAME + _TIME + _COST:
        told = f" {dollars:>{_COST}}{told}"
    if width >= _NAME + _TIME + _COST + _TOKENS:
        told = f" {tokens:>{_TOKENS}}{told}"
    return told


def _stands_back(at: Stepper, entry: Entry) -> bool:
    """Whether a step is not what one looks for: has not begun yet, only surrounds, or merely followed."""
    if at.shown is not None and entry.index not in at.shown:
        return True
    if at.compared:
        return entry.is_downstream or entry.is_removed
    return not at.whole and at.moment is not None and not at.moments.begun(entry.span.id, at.moment)


def _has_ended(at: Stepper, entry: Entry) -> bool:
    if at.whole or at.moment is None or entry.is_removed:
        return True
    return at.moments.ended(entry.span.id, at.moment)


def _mark(entry: Entry) -> str:
    if entry.is_removed or entry.is_added:
        return "- " if entry.is_removed else "+ "
    return "≠ " if entry.roots else "~ " if entry.changes else "  "


def _mark_style(entry: Entry) -> str:
    if entry.is_removed or entry.is_added:
        return "red" if entry.is_removed else "green"
    return "bold yellow" if entry.roots else "dim"
