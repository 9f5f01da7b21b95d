"""The steps of a run as a tree of text: all, or those that a filter means with what they run in."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal

import click

from trace_ops.cli import _render, _said
from trace_ops.errors import UsageError
from trace_ops.trace import Span, Trace
from trace_ops.viewer.sums import sums

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from trace_ops import filters
    from trace_ops.viewer.runs import TraceView

Verbosity = Literal["minimal", "standard", "full"]


def wanted(context: click.Context, parameter: click.Parameter, text: str | None) -> filters.Filter | None:
    """Read the filter of an option; one that is none is shown with the place where it is not."""
    if text is None:
        return None
    from trace_ops import filters

    try:
        return filters.parse(text)
    except filters.FilterError as error:
        line = " ".join(text.splitlines())
        place = f"{line}\n  {' ' * error.position}^"
        raise UsageError(f"{parameter.opts[0]}: {error.message}\n  {place}") from error


def fitting(trace: Trace, wanted: filters.Filter) -> set[int]:
    """The ids of the steps that a filter means."""
    from trace_ops import filters

    return {step.span["id"] for step in filters.subjects(view(trace)) if wanted.fits(step)}


def view(trace: Trace) -> TraceView:
    """A run in the forms that its page takes."""
    from trace_ops.viewer.runs import Named, TraceView

    return TraceView(trace, Named("", trace.name))


def tree(header: Text, trace: Trace, verbosity: Verbosity, chosen: Collection[int] | None) -> Tree:
    """The steps under a header; one whose parent is not there is shown at the top.

    Of the steps around those that are ``chosen``, only the first line is shown.
    """
    from rich.console import Group
    from rich.text import Text
    from rich.tree import Tree

    root = Tree(header, guide_style="dim")
    nodes: dict[int, Tree] = {}
    beneath = sums(trace.spans)
    shown = _with_what_they_run_in(trace, chosen)
    told = _said.Said(view(trace)) if verbosity == "full" else None
    for span in trace:
        if span.id not in shown:
            continue
        line = _render.headline(span, beneath[span.id])
        if chosen is not None and span.id not in chosen:
            line.stylize("dim")
            further = Text()
        else:
            further = Text() if verbosity == "minimal" else _further(span, told)
        parent = root if span.parent is None else nodes.get(span.parent, root)
        nodes[span.id] = parent.add(Group(line, further) if further else line)
    return root


def _with_what_they_run_in(trace: Trace, chosen: Collection[int] | None) -> set[int]:
    if chosen is None:
        return {span.id for span in trace}
    parents = {span.id: span.parent for span in trace}
    shown: set[int] = set()
    for number in chosen:
        at: int | None = number
        while at is not None and at not in shown and at in parents:
            shown.add(at)
            at = parents[at]
    return shown


def _further(span: Span, told: _said.Said | None) -> Text:
    return _preview(span) if told is None else _said.lines(told.new(span.id))


def _preview(span: Span) -> Text:
    """The beginning of what was said."""
    from rich.text import Text

    lines = [Text(f"  {line}", style) for line, style in _render.says(span)]
    return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)
