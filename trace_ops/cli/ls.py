"""``replay ls``: the cassettes of a directory, those that are broken among them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trace_ops import cassette
from trace_ops._figures import count
from trace_ops.cli import _files, _json, _render
from trace_ops.cli._terminal import UNCUT, stderr, stdout, track
from trace_ops.errors import CassetteError
from trace_ops.exporters import trace_header
from trace_ops.trace import Trace

if TYPE_CHECKING:
    from rich.text import Text


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
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(directory: str | None, as_json: bool) -> None:
    """List cassettes: calls, tokens, cost, age.

    DIR is `cassettes` if there is one, else the current directory. A cassette that cannot be read is
    listed as broken; `replay validate` tells why.
    """
    where = directory or _files.default_directory()
    rows = [_row(path) for path in track(_files.cassettes([where]), "Reading cassettes")]
    if as_json:
        _json.dump([_as_json(row) for row in rows])
    elif rows:
        _show(rows)
    else:
        stderr().print(f"no cassettes in {where}")


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
    for number in ("calls", "tokens", "cost", "age"):
        table.add_column(number, justify="right", no_wrap=True)
    if wide:
        table.add_column("recorded with", overflow="fold")
    for row in rows:
        cells = [_name(row), *_numbers(row), *([_remark(row)] if wide else [])]
        table.add_row(*cells)
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
