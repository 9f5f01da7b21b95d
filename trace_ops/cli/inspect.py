"""``replay inspect``: the steps of a recorded run as a tree, or one step in full."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from trace_ops import cassette
from trace_ops._figures import count
from trace_ops.cli import _files, _json, _render, _steps
from trace_ops.cli._steps import Verbosity
from trace_ops.cli._terminal import stdout
from trace_ops.exchange import Body, Failure, Outcome, Stream
from trace_ops.exporters import trace_header
from trace_ops.trace import Span, Trace

if TYPE_CHECKING:
    from rich.text import Text

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
    console.print(_steps.tree(_header(path, trace), trace, verbosity, chosen))
    if not trace.spans:
        console.print(Text("no steps", "dim"))
    elif chosen is not None:
        fit = "fits" if len(chosen) == 1 else "fit"
        console.print(Text(f"{len(chosen)} of {count(len(trace), 'step')} {fit}", "dim"))


def _header(path: str, trace: Trace) -> Text:
    from rich.text import Text

    libraries = (f"{name} {version}" for name, version in trace.libraries.items())
    header = Text(_render.one_line(trace.name) or Path(path).stem, "bold")
    header.append(f"  {_files.shown(Path(path))}", "not bold dim")
    header.append("\n" + " · ".join([f"recorded {_render.when(trace.recorded)}", *libraries]), "not bold dim")
    header.append(f"\n{_render.totals(trace)}", "not bold")
    if trace.tags:
        header.append("\n" + _render.one_line(f"tags: {', '.join(trace.tags)}"), "not bold dim")
    captured = [f"{what}: {_named(seen)}" for what, seen in trace.captured.items()]
    if captured:
        header.append("\n" + _render.one_line(f"captured {' · '.join(captured)}"), "not bold dim")
    for name, why in trace.passed_through.items():
        header.append("\n" + _render.one_line(f"passed through: {name} ({why})"), "not bold yellow")
    for what in trace.uncaptured:
        header.append("\n" + _render.one_line(f"not captured: {what}"), "not bold yellow")
    return header


def _named(seen: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {times}" for name, times in seen.items())


def _show_span(span: Span) -> None:
    from rich.text import Text

    console = stdout()
    console.print(_render.headline(span))
    if span.exchange is None:
        for name, value in (("input", span.input), ("output", span.output), ("attributes", span.attributes)):
            if value not in (None, {}):
                console.print(Text(f"\n{name}", "bold"))
                console.print(_pretty(value))
        return
    request = span.exchange.request
    query = f"?{request.query}" if request.query else ""
    console.print(Text(f"\n{request.method} {request.path}{query}", "bold"))
    for name, value in request.headers.items():
        console.print(Text(_render.visible(f"{name}: {value}"), "dim"))
    if request.body is not None:
        console.print(_body(request.body))
    for outcome in (*span.exchange.retried, span.exchange.outcome):
        for line in _outcome(outcome):
            console.print(line)


def _outcome(outcome: Outcome) -> Iterator[object]:
    from rich.text import Text

    if isinstance(outcome, Failure):
        yield Text(f"\n{outcome.type}: {_render.visible(outcome.message)}", "bold red")
        return
    style = "bold red" if outcome.status >= 400 else "bold"
    ended = "" if outcome.end == "complete" else f"  {outcome.end}"
    yield Text(f"\n{outcome.status} {outcome.reason}".rstrip() + ended, style)
    for name, value in outcome.headers:
        yield Text(_render.visible(f"{name}: {value}"), "dim")
    yield Text()
    if isinstance(outcome.body, Body):
        yield _body(outcome.body)
    else:
        yield from _events(outcome.body)
    if outcome.failure:
        yield Text(f"{outcome.failure.type}: {_render.visible(outcome.failure.message)}", "bold red")


def _events(stream: Stream) -> Iterator[object]:
    from rich.text import Text

    for event, at in zip(stream.events, stream.at_ms, strict=False):
        line = Text(f"{at:>7,} ms  ", "dim")
        line.append(_render.visible(event.strip()), "default")
        yield line


def _body(body: Body) -> object:
    from rich.text import Text

    if body.json is not None:
        return _pretty(body.json)
    return Text(_render.visible(body.text) if body.text is not None else f"{len(body.raw):,} bytes, not text")


def _pretty(value: object) -> object:
    return _render.syntax(json.dumps(value, indent=2, ensure_ascii=False), "json")
