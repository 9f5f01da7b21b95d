"""``replay stats``: what is in the cassettes of a directory, all together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nlargest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trace_ops._figures import count, duration
from trace_ops.cli import _files, _json, _loaded, _render
from trace_ops.cli._loaded import Broken, Loaded
from trace_ops.cli._main import DIFFERENCE
from trace_ops.cli._models import model_of
from trace_ops.cli._tally import Tally, is_call, middle, p95
from trace_ops.cli._terminal import UNCUT, stderr, stdout
from trace_ops.trace import Span, Trace

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_EXTREMES = 3
_SIZES = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


@dataclass
class _Statistics:
    read: list[Loaded]
    broken: list[Broken]
    all: Tally = field(default_factory=Tally)
    kinds: Counter[str] = field(default_factory=Counter)
    models: dict[str, Tally] = field(default_factory=dict)
    tools: dict[str, Tally] = field(default_factory=dict)
    slowest: list[tuple[Path, Span]] = field(default_factory=list)


@click.command("stats")
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(exists=True))
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_context
def command(ctx: click.Context, directory: str | None, as_json: bool) -> None:
    """Sum up cassettes: calls, tokens, models, tools, times.

    DIR is `cassettes` if there is one, else the current directory. Times are those of the recording:
    median, and what 95 of 100 calls do not exceed. Exits with 1 if a cassette cannot be read.
    """
    where = directory or _files.default_directory()
    found = _gather(*_loaded.load(where))
    if as_json:
        _json.dump(_as_json(found))
    elif found.read:
        _show(stdout(UNCUT), found)
    else:
        stderr().print(f"no cassettes in {where}")
    _loaded.tell(found.broken)
    if found.broken:
        ctx.exit(DIFFERENCE)


def _gather(read: list[Loaded], broken: list[Broken]) -> _Statistics:
    found = _Statistics(read, broken)
    timed: list[tuple[Path, Span]] = []
    for loaded in read:
        for span in filter(is_call, loaded.trace):
            found.all.add(span, span.cost_usd)
            found.kinds[span.kind] += 1
            found.models.setdefault(model_of(span), Tally()).add(span, span.cost_usd)
            timed.append((loaded.path, span))
        _add_tools(found.tools, loaded.trace)
    found.slowest = nlargest(_EXTREMES, timed, key=lambda each: each[1].ms or 0.0)
    return found


def _add_tools(tools: dict[str, Tally], trace: Trace) -> None:
    """The tools that ran, and those that were asked for and ran unseen, of which no more is known."""
    ran = trace.of_kind("tool")
    for span in ran:
        tools.setdefault(_render.one_line(span.name, 80), Tally()).add(span, span.cost_usd)
    asked = Counter(name for span in trace.llm_calls for name in span.tools)
    for name, times in (asked - Counter(span.name for span in ran)).items():
        tools.setdefault(_render.one_line(name, 80), Tally()).calls += times


def _dates(read: Iterable[Loaded]) -> list[datetime]:
    return sorted(each.trace.recorded for each in read if each.trace.recorded is not None)


def _largest(found: _Statistics) -> list[Loaded]:
    return nlargest(_EXTREMES, found.read, key=lambda each: each.size)


def _as_json(found: _Statistics) -> dict[str, Any]:
    dates = [moment.isoformat() for moment in _dates(found.read)]
    return {
        "cassettes": len(found.read),
        "broken": [{"cassette": str(each.path), "problem": each.problem} for each in found.broken],
        "bytes": sum(each.size for each in found.read),
        "oldest": dates[0] if dates else None,
        "newest": dates[-1] if dates else None,
        "totals": found.all.as_json(),
        "kinds": dict(found.kinds),
        "models": [{"model": name or None, **tally.as_json()} for name, tally in _ranked(found.models)],
        "tools": [
            {
                "tool": name,
                "calls": tally.calls,
                "failed": tally.failed,
                "median_ms": middle(tally.times),
                "p95_ms": p95(tally.times),
            }
            for name, tally in _ranked(found.tools)
        ],
        "largest": [{"cassette": str(each.path), "bytes": each.size} for each in _largest(found)],
        "slowest": [
            {"cassette": str(path), "span": span.id, "model": span.model, "ms": span.ms}
            for path, span in found.slowest
        ],
    }


def _ranked(tallies: dict[str, Tally]) -> list[tuple[str, Tally]]:
    return sorted(tallies.items(), key=lambda item: (-item[1].calls, item[0]))


def _show(console: Console, found: _Statistics) -> None:
    tables = [_overview(found)]
    if found.models:
        tables.append(_models(found))
    if found.tools:
        tables.append(_tools(found))
    tables.append(_extremes(found))
    for number, table in enumerate(tables):
        if number:
            console.print()
        console.print(table)


def _overview(found: _Statistics) -> Table:
    table = _table("", "")
    total = found.all
    dates = _dates(found.read)
    size = _size(sum(each.size for each in found.read))
    table.add_row("cassettes", f"{len(found.read):,} · {size}")
    if dates:
        table.add_row("recorded", " to ".join(dict.fromkeys(map(_render.when, (dates[0], dates[-1])))))
    kinds = [f"{times:,} {kind}" for kind, times in found.kinds.most_common()]
    table.add_row("calls", " · ".join([f"{total.calls:,}", *kinds, f"{total.failed:,} failed"]))
    table.add_row("tokens", f"{total.input:,} in, {total.cached:,} of them cached · {total.output:,} out")
    unknown = f" · {count(total.unpriced, 'call')} of unknown price" if total.unpriced else ""
    table.add_row("cost", f"{_render.cost(total.cost_usd)}{unknown}")
    times = (duration(middle(total.times)), duration(p95(total.times)))
    if total.times:
        table.add_row("latency", f"median {times[0]} · p95 {times[1]}")
    return table


def _models(found: _Statistics) -> Table:
    table = _table("model", "calls", "failed", "in", "cached", "out", "cost", "median", "p95")
    for name, tally in _ranked(found.models):
        tokens = (f"{number:,}" for number in (tally.calls, tally.failed, tally.input, tally.cached))
        table.add_row(name or "(not said)", *tokens, f"{tally.output:,}", tally.cost, *_times(tally))
    return table


def _tools(found: _Statistics) -> Table:
    table = _table("tool", "calls", "failed", "median", "p95")
    for name, tally in _ranked(found.tools):
        table.add_row(name, f"{tally.calls:,}", f"{tally.failed:,}", *_times(tally))
    return table


def _extremes(found: _Statistics) -> Table:
    table = _table("", "", "")
    for loaded in _largest(found):
        table.add_row("largest", _size(loaded.size), _files.shown(loaded.path))
    for path, span in found.slowest:
        table.add_row("slowest", duration(span.ms), f"{_files.shown(path)} span {span.id}")
    return table


def _times(tally: Tally) -> tuple[str, str]:
    return duration(middle(tally.times)), duration(p95(tally.times))


def _table(first: str, *columns: str) -> Table:
    from rich.table import Table

    headed = any((first, *columns))
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0), show_header=headed)
    table.add_column(first, overflow="fold")
    for name in columns:
        table.add_column(name, justify="right" if headed else "left", no_wrap=headed, overflow="fold")
    return table


def _size(size: int) -> str:
    for unit, factor in _SIZES:
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"
