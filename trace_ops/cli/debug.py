"""``replay debug``: step through a recorded run, forward and back, perhaps beside another run."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from trace_ops import cassette
from trace_ops.cli import _header, _steps
from trace_ops.cli._terminal import stderr, stdout

if TYPE_CHECKING:
    from trace_ops.cli.stepping.session import Session
    from trace_ops.diff import TraceDiff
    from trace_ops.filters import Filter
    from trace_ops.trace import Trace


@click.command("debug")
@click.argument("path", metavar="CASSETTE")
@click.option(
    "--compare",
    "other",
    metavar="OTHER",
    help="Another run of the same, such as the cassette of before: what CASSETTE does differently is marked.",
)
@click.option("--tools-only", is_flag=True, help="Step through tools only.")
@click.option("--llm-only", is_flag=True, help="Step through model calls only.")
@click.option(
    "--filter",
    "wanted",
    metavar="EXPR",
    callback=_steps.wanted,
    help="Step through some steps only, such as `is:error` or `tool:search*`.",
)
@click.option("--plain", is_flag=True, help="Read commands line by line, without the app.")
def command(
    path: str, other: str | None, tools_only: bool, llm_only: bool, wanted: Filter | None, plain: bool
) -> None:
    """Step through a recorded run, forward and back in time.

    In a terminal this is an app: the steps as a tree, what was said in the one that is looked at, what had
    been spent by then; `?` lists its keys. In a pipe and in a dumb terminal, and where Textual is not
    installed, the same commands are read line by line: n p g q, `?` for all of them.
    """
    from trace_ops.cli.stepping.session import Session

    chosen = _only(tools_only, llm_only, wanted)
    trace = cassette.load(path).trace
    session = Session(trace, None if other is None else _compared(other, trace), chosen)
    if not session.walked:
        stderr().print("no steps" if not len(trace) else "no step is one of those asked for")
    elif plain or not _shows_apps():
        _run_plain(path, session)
    elif find_spec("textual") is None:
        stderr().print(
            'the app needs Textual: pip install "TraceOps[debug]"; without it, ? lists the commands'
        )
        _run_plain(path, session)
    else:
        from trace_ops.cli.stepping.app import Debugger

        Debugger(path, session).run()


def _compared(other: str, trace: Trace) -> TraceDiff:
    from trace_ops.diff import diff_traces

    return diff_traces(cassette.load(other).trace, trace)


def _only(tools: bool, calls: bool, wanted: Filter | None) -> Filter | None:
    """What the options together ask for."""
    if tools and calls:
        raise click.UsageError("--tools-only and --llm-only exclude each other")
    if not tools and not calls:
        return wanted
    from trace_ops import filters

    kind = filters.parse("kind:tool" if tools else "kind:llm")
    return kind if wanted is None else filters.Filter((*kind.terms, *wanted.terms))


def _shows_apps() -> bool:
    """Whether a person sits at a terminal that can be drawn on."""
    is_drawn_on = os.environ.get("TERM", "") not in ("dumb", "unknown")
    # An app draws with characters that other encodings lack.
    writes_all = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return sys.stdin.isatty() and sys.stdout.isatty() and is_drawn_on and writes_all


def _run_plain(path: str, session: Session) -> None:
    from trace_ops.cli.stepping import plain

    reconfigure = getattr(sys.stdin, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    console = stdout()
    console.print(_header.of(path, session.trace))
    plain.run(session, console, sys.stdin, prompts=sys.stdin.isatty())
