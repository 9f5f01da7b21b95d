"""``replay ls``: the cassettes of a directory, those that are broken among them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trace_ops import cassette
from trace_ops._figures import count, sparkline
from trace_ops.cli import _files, _json, _render, _steps
from trace_ops.cli._terminal import UNCUT, stderr, stdout, track
from trace_ops.errors import CassetteError
from trace_ops.exporters import trace_header
from trace_ops.trace import Span, Trace

if TYPE_CHECKING:
    from rich.text import Text

    from trace_ops.filters import Filter


_WIDE = 80
"""A narrower terminal has no room for what a cassette was recorded with."""


@dataclass(frozen=True)
class _Row:
    path: Path
    trace: Trace | None
    problem: str | None
    unfinished: int


@click.command("ls")
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(exists=True))
@click.option(
    "--filter",
    "wanted",
    metavar="EXPR",
    callback=_steps.wanted,
    help="Only cassettes with a step such as `is:error`, `tool:search*` or `cost:>0.01`.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(directory: str | None, wanted: Filter | None, as_json: bool) -> None:
    """List cassettes: calls, tokens, cost, age.

    Beside the cost of a cassette is that of each of its calls, as bars; of many calls, some share one.
    DIR is `cassettes` if there is one, else the current directory. A cassette that cannot be read is
    listed as broken; `replay validate` tells why.
    """
    where = directory or _files.default_directory()
    rows = [_row(path) for path in track(_files.cassettes([where]), "Reading cassettes")]
    if wanted is not None:
        rows = [row for row in rows if row.trace is not None and _steps.fitting(row.trace, wanted)]
    if as_json:
        _json.dump([_as_json(row) for row in rows])
    elif rows:
        _show(rows)
    else:
        such = "" if wanted is None else " with such a step"
        stderr().print(f"no cassettes{such} in {where}")


def _row(path: Path) -> _Row:
    unfinished = len(cassette.unfinished(path))
    try:
        return _Row(path, cassette.load(path).trace, None, unfinished)
    except CassetteError as error:
        return _Row(path, None, error.problem, unfinished)


def _as_json(row: _Row) -> dict[str, object]:
    told = {} if row.trace is None else trace_header(row.trace)
    return {"cassette": str(row.path), "problem": row.problem, "unfinished": row.unfinished, **told}


def _show(rows: list[_Row]) -> None:
    from rich.table import Table

    console = stdout(UNCUT)
    wide = console.width >= _WIDE
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("cassette", overflow="fold")
    for number in ("calls", "tokens", "cost"):
        table.add_column(number, justify="right", no_wrap=True)
    if wide:
        table.add_column("by call", no_wrap=True)
    table.add_column("age", justify="right", no_wrap=True)
    if wide:
        table.add_column("recorded with", overflow="fold")
    for row in rows:
        *numbers, age = _numbers(row)
        more = [[_by_call(row)], [_remark(row)]] if wide else [[], []]
        table.add_row(_name(row), *numbers, *more[0], age, *more[1])
    console.print(table)
    _sum_up(rows)


def _name(row: _Row) -> Text:
    from rich.text import Text

    name = Text(_files.shown(row.path))
    return name.append(" (unfinished recording)", "yellow") if row.unfinished else name


def _numbers(row: _Row) -> list[Text]:
    from rich.text import Text

    if row.trace is None:
        return [Text("broken", "bold red"), Text(), Text(), Text()]
    calls = sum(1 for span in row.trace if span.exchange is not None)
    cost, age = _render.cost(row.trace.total_cost_usd), _render.age(row.trace.recorded)
    return [Text(cell) for cell in (f"{calls:,}", f"{row.trace.total_tokens:,}", cost, age)]


def _by_call(row: _Row) -> Text:
    """The cost of each call, in their order."""
    from rich.text import Text

    costs = [_cost(span) for span in row.trace or () if span.exchange is not None]
    return Text(sparkline(costs), "cyan")


def _cost(span: Span) -> float | None:
    """What a call cost; nothing, if it was no call that is paid for."""
    unknown = span.usage is not None or span.is_unmetered
    return span.cost_usd if span.cost_usd is not None or unknown else 0.0


def _remark(row: _Row) -> Text:
    """What it was recorded with, or what is wrong with it."""
    from rich.text import Text

    if row.trace is None:
        return Text(_render.one_line(row.problem or ""), "red")
    sdks = {key: value for key, value in row.trace.libraries.items() if key not in ("TraceOps", "python")}
    return Text(", ".join(f"{key} {value}" for key, value in sdks.items()), "dim")


def _sum_up(rows: list[_Row]) -> None:
    traces = [row.trace for row in rows if row.trace is not None]
    costs = [trace.total_cost_usd for trace in traces]
    known = sum(cost for cost in costs if cost is not None)
    parts = [count(len(rows), "cassette"), f"{_render.cost(known)} to record them once"]
    if None in costs:
        parts.append(f"{costs.count(None)} with calls of unknown price")
    if len(traces) < len(rows):
        parts.append(f"{len(rows) - len(traces)} broken")
    stderr().print(" · ".join(parts), style="dim")
