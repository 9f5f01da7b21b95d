"""The steps of a run as a tree of text: all, or those that a filter means with what they run in."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Literal

import click

from trace_ops.cli import _render
from trace_ops.errors import UsageError
from trace_ops.trace import Span, Trace
from trace_ops.viewer import steps
from trace_ops.viewer.sums import sums

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from trace_ops import filters
    from trace_ops.viewer import data
    from trace_ops.viewer.runs import TraceView

Verbosity = Literal["minimal", "standard", "full"]

_ROLES = {"system": "dim", "user": "green", "assistant": "default", "tool": "magenta"}


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

    return {step.span["id"] for step in filters.subjects(_view(trace)) if wanted.fits(step)}


def _view(trace: Trace) -> TraceView:
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
    told = _Told(trace) if verbosity == "full" else None
    for span in trace:
        if span.id not in shown:
            continue
        line = _render.headline(span, beneath[span.id])
        if chosen is not None and span.id not in chosen:
            line.stylize("dim")
            further = Text()
        else:
            further = told.of(span) if told else _said(span) if verbosity == "standard" else Text()
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


def _said(span: Span) -> Text:
    """The beginning of what was said."""
    from rich.text import Text

    lines = [Text(f"  {line}", style) for line, style in _render.says(span)]
    return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)


class _Told:
    """What was said in each step, whole: of a conversation that goes on, what is new in it."""

    def __init__(self, trace: Trace) -> None:
        self._details = _view(trace).details

    def of(self, span: Span) -> Text:
        """The further lines of a step."""
        from rich.text import Text

        lines = []
        for role, text in self._turns(self._details["spans"][span.id]):
            first, *rest = _render.visible(text).splitlines() or [""]
            style = _ROLES.get(role, "default")
            lines.append(Text(f"  {role}: ", "bold dim").append(first, style))
            lines += [Text(f"    {line}", style) for line in rest]
        return Text("\n").join(lines)

    def _turns(self, step: data.SpanDetail) -> Iterator[tuple[str, str]]:
        call = step["call"]
        if call is None:
            for name, value in (("input", step["input"]), ("output", step["output"])):
                if value is not None:
                    yield name, steps.plain(value)
            return
        asked, answered = call["request"], call["response"]
        if asked is not None:
            before = self._asked_before(call["before"])
            system = [] if asked["system"] is None else [asked["system"]]
            for number in [*system, *asked["messages"]]:
                if number not in before:
                    yield from self._message(number)
        for number in answered["messages"] if answered is not None else ():
            yield from self._message(number)

    def _asked_before(self, number: int | None) -> set[int]:
        """What a call and all before it said, answer included."""
        call = self._details["spans"][number]["call"] if number is not None else None
        if call is None or call["request"] is None:
            return set()
        answers = call["response"]["messages"] if call["response"] is not None else []
        system = call["request"]["system"]
        return {*call["request"]["messages"], *answers, *([] if system is None else [system])}

    def _message(self, number: int) -> Iterator[tuple[str, str]]:
        message = self._details["messages"][number]
        for part in message["parts"]:
            yield message["role"], _part(part)


def _part(part: data.Part) -> str:
    kind: str = part["type"]
    if kind in ("text", "refusal"):
        return str(part["content"])
    if kind == "reasoning":
        return f"(thinks) {part['content'] or '...'}"
    if kind == "tool_call":
        return f"calls {part['name']} {steps.plain(part['arguments'])}"
    if kind == "tool_call_response":
        return _result(part["response"])
    if kind == "blob":
        return f"({part['modality']}, {part['size']:,} bytes)"
    if kind in ("uri", "file"):
        return f"({part['modality']}) {part.get('uri') or part.get('file_id')}"
    return f"({part['kind']}) {steps.plain(part['value'])}"


def _result(response: Any) -> str:
    if isinstance(response, list) and all(isinstance(item, dict) and "type" in item for item in response):
        return "\n".join(map(_part, response))
    return steps.plain(response)
