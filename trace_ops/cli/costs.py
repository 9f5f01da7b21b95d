"""``replay costs``: what the recorded calls cost, and which of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

from trace_ops import pricing
from trace_ops.cli import _files, _json, _loaded, _render
from trace_ops.cli._loaded import Loaded
from trace_ops.cli._main import DIFFERENCE
from trace_ops.cli._models import model_of
from trace_ops.cli._tally import Tally, is_call
from trace_ops.cli._terminal import UNCUT, stderr, stdout
from trace_ops.trace import Span, Trace

_UNKNOWN = "(not said)"
_VARIANT = re.compile(r"\[.*|\.take-\d+$")
_Groups = dict[tuple[str, ...], Tally]


def _day(trace: Trace) -> str:
    return trace.recorded.date().isoformat() if trace.recorded else _UNKNOWN


def _test(loaded: Loaded) -> str:
    """The test that a cassette's path tells, its parameters and takes aside; else the name of the run."""
    *directories, _file = loaded.path.parts
    within = len(directories) - directories[::-1].index("cassettes") if "cassettes" in directories else None
    name = _VARIANT.sub("", loaded.path.stem)
    *classes, function = name.split(".")
    if within is None or not function.startswith("test"):
        return _render.one_line(loaded.trace.name or loaded.path.stem, 200)
    module = "/".join(directories[within:])
    return "::".join([*([f"{module}.py"] if module else []), *classes, function])


_KEYS: dict[str, Callable[[Loaded, Span], str]] = {
    "model": lambda _, span: model_of(span) or _UNKNOWN,
    "test": lambda loaded, _: _test(loaded),
    "day": lambda loaded, _: _day(loaded.trace),
    "provider": lambda _, span: _render.one_line(span.exchange.provider, 80) if span.exchange else _UNKNOWN,
    "cassette": lambda loaded, _: _files.shown(loaded.path),
}


@click.command("costs")
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(exists=True))
@click.option(
    "--by",
    "keys",
    type=click.Choice(tuple(_KEYS)),
    multiple=True,
    default=("model",),
    help="What to sum up by (default: model). Repeatable.",
)
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Show only the N that cost most.")
@click.option("--reprice", is_flag=True, help="By the prices of today, not those of the recording.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    directory: str | None,
    keys: tuple[str, ...],
    top: int | None,
    reprice: bool,
    as_json: bool,
) -> None:
    """Sum up what recorded calls cost, by model, test, day, provider.

    DIR is `cassettes` if there is one, else the current directory. A test is told by the path of its
    cassette, and its parameters and takes are taken together. Calls without a known price are counted
    apart, never as 0. Exits with 1 if a cassette cannot be read.
    """
    if reprice:
        pricing.check()
    where = directory or _files.default_directory()
    read, broken = _loaded.load(where)
    keys = tuple(dict.fromkeys(keys))
    groups, total, unpriced = _sum_up(read, keys, reprice)
    ranked = sorted(groups.items(), key=lambda item: (-item[1].cost_usd, -item[1].unpriced, item[0]))
    if as_json:
        shown = [{**dict(zip(keys, names)), **_costs(tally)} for names, tally in ranked[:top]]
        told = {"prices": _prices(read, reprice), "costs": shown, "groups": len(ranked)}
        _json.dump({**told, "total": _costs(total), "unpriced": sorted(unpriced)})
    elif ranked:
        _show(keys, ranked[:top], total)
        _note(len(ranked) - len(ranked[:top]), unpriced, _prices(read, reprice))
    else:
        stderr().print(f"no calls in the cassettes of {where}" if read else f"no cassettes in {where}")
    _loaded.tell(broken)
    if broken:
        ctx.exit(DIFFERENCE)


def _sum_up(read: list[Loaded], keys: tuple[str, ...], reprice: bool) -> tuple[_Groups, Tally, set[str]]:
    """The sums of all groups, of everything, and the models that have no price."""
    groups: _Groups = {}
    total, unpriced = Tally(), set()
    for loaded in read:
        for span in filter(is_call, loaded.trace):
            cost = _cost(span, reprice)
            total.add(span, cost)
            groups.setdefault(tuple(_KEYS[key](loaded, span) for key in keys), Tally()).add(span, cost)
            if cost is None and span.usage is not None:
                unpriced.add(model_of(span) or _UNKNOWN)
    return groups, total, unpriced


def _cost(span: Span, reprice: bool) -> float | None:
    if not reprice or span.usage is None or span.exchange is None:
        return span.cost_usd
    return pricing.cost(span.exchange.provider, span.model, span.usage)


def _prices(read: list[Loaded], reprice: bool) -> list[str]:
    """The price data that the costs come from."""
    if reprice:
        now = pricing.price_version()
        return [now] if now else []
    return sorted({each.trace.prices for each in read if each.trace.prices})


def _costs(tally: Tally) -> dict[str, Any]:
    told = tally.as_json()
    return {name: told[name] for name in told if not name.endswith("_ms")}


def _show(keys: tuple[str, ...], ranked: list[tuple[tuple[str, ...], Tally]], total: Tally) -> None:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for key in keys:
        table.add_column(key, overflow="fold")
    for number in ("calls", "in", "cached", "out", "cost", "share"):
        table.add_column(number, justify="right", no_wrap=True)
    rows = [*ranked, (("total", *("" for _ in keys[1:])), total)]
    for names, tally in rows:
        numbers = (f"{number:,}" for number in (tally.calls, tally.input, tally.cached, tally.output))
        share = f"{tally.cost_usd / total.cost_usd:.0%}" if tally.cost_usd else ""
        table.add_row(*names, *numbers, tally.cost, share, style="bold" if tally is total else "")
    stdout(UNCUT).print(table)


def _note(hidden: int, unpriced: set[str], prices: list[str]) -> None:
    console = stderr()
    if hidden:
        console.print(f"{hidden:,} more not shown; they are in the total", style="dim")
    if unpriced:
        names = ", ".join(sorted(unpriced))
        console.print(f"?: no price is known for calls of {names}; set one with {pricing.PRICES_VARIABLE}")
    if prices:
        console.print(f"prices: {'; '.join(map(_render.one_line, prices))}", style="dim")
