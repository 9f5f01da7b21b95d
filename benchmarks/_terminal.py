"""Results as they come: a rich table on a terminal, plain lines in a pipe."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.live import Live
from rich.table import Table as Grid

from benchmarks import _report
from benchmarks._report import Table
from benchmarks._scale import Benchmark, Scale

_STYLES = {"yes": "green", "**no**": "bold red", "unclear": "yellow"}


def show(benchmark: Benchmark, scale: Scale) -> Table:
    """Run a benchmark and show each row when it is there."""
    table = Table(benchmark.TITLE, benchmark.HOW, getattr(benchmark, "COLUMNS", _report.COLUMNS))
    if not sys.stdout.isatty():
        for row in benchmark.run(scale):
            table.rows.append(row)
            print(f"{benchmark.TITLE}: {row.what}", file=sys.stderr)
        print(*_report.plain(table), "", sep="\n", flush=True)
        return table
    grid = Grid(*table.columns, title=table.title)
    with Live(grid, console=Console(), auto_refresh=False) as live:
        for row in benchmark.run(scale):
            table.rows.append(row)
            *cells, met = row.cells
            grid.add_row(*cells, met.strip("*"), style=None if not met else _STYLES[met])
            live.refresh()
    return table
