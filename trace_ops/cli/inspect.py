"""``replay inspect``: the steps of a recorded run as a tree, or one step in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import click

from trace_ops import cassette
from trace_ops._figures import count
from trace_ops.cli import _header, _json, _raw, _render, _steps
from trace_ops.cli._steps import Verbosity
from trace_ops.cli._terminal import stdout
from trace_ops.exporters import trace_header
from trace_ops.trace import Span, Trace

if TYPE_CHECKING:
    from trace_ops.filters import Filter


@click.command("inspect")
@click.argument("path", metavar="CASSETTE")
@click.option("--span", "number", type=int, metavar="N", help="Show step N in full: request and response.")
@click.option(
    "--verbosity",
    type=click.Choice(get_args(Verbosity)),
    default="standard",
    show_default=True,
    help="A line a step; how its answer begins; or all that is said, of a conversation what is new.",
)
@click.option(
    "--filter",
    "wanted",
    metavar="EXPR",
    callback=_steps.wanted,
    help='Only some steps, such as `kind:llm tokens:>1000 -is:error "a text"`.',
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(
    path: str, number: int | None, verbosity: Verbosity, wanted: Filter | None, as_json: bool
) -> None:
    """Show the steps of a recorded run, or one step in full.

    Each step tells its model, tokens in and out, cost and time, the tools it asked for and how its answer
    begins; one that others run in, what they come to. Above them stands what was captured of which library,
    what passed through and what was not seen. A filter shows the steps that it means, and what they run in.
    """
    trace = cassette.load(path).trace
    if number is None:
        chosen = None if wanted is None else _steps.fitting(trace, wanted)
        if as_json:
            spans = [_json.span(span) for span in trace if chosen is None or span.id in chosen]
            _json.dump({"cassette": path, **trace_header(trace), "spans": spans})
        else:
            _show_trace(path, trace, verbosity, chosen)
        return
    span = _find(trace, number)
    if as_json:
        whole = _json.exchange(span.exchange) if span.exchange else {}
        _json.dump({"cassette": path, **_json.span(span), **whole})
    else:
        _show_span(span)


def _find(trace: Trace, number: int) -> Span:
    for span in trace:
        if span.id == number:
            return span
    last = max((span.id for span in trace), default=0)
    known = f"they run from 1 to {last}" if last else "it has none"
    raise click.BadParameter(f"the cassette has no step {number}; {known}", param_hint="'--span'")


def _show_trace(path: str, trace: Trace, verbosity: Verbosity, chosen: set[int] | None) -> None:
    from rich.text import Text

    console = stdout()
    console.print(_steps.tree(_header.of(path, trace), trace, verbosity, chosen))
    if not trace.spans:
        console.print(Text("no steps", "dim"))
    elif chosen is not None:
        fit = "fits" if len(chosen) == 1 else "fit"
        console.print(Text(f"{len(chosen)} of {count(len(trace), 'step')} {fit}", "dim"))


def _show_span(span: Span) -> None:
    console = stdout()
    console.print(_render.headline(span))
    for part in _raw.step(span):
        console.print(part)
