"""Rows of results, and the three ways they are shown: on a terminal, in a pipe, in the docs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks._timing import Sample

COLUMNS = ("what", "TraceOps", "beside it", "takes", "by minimum", "by median", "goal", "met")


@dataclass(frozen=True)
class Row:
    """One comparison. ``met`` is ``unclear`` where minimum and median do not agree."""

    what: str
    ours: str
    peer: str = ""
    theirs: str = ""
    by_minimum: str = ""
    by_median: str = ""
    goal: str = ""
    met: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The row in the order of ``COLUMNS``."""
        return (
            self.what,
            self.ours,
            self.peer,
            self.theirs,
            self.by_minimum,
            self.by_median,
            self.goal,
            self.met,
        )


class Line(Protocol):
    """A row of any table; the last cell says whether a goal is met."""

    @property
    def what(self) -> str: ...

    @property
    def cells(self) -> tuple[str, ...]: ...


@dataclass
class Table:
    """The results of one benchmark."""

    title: str
    how: str
    columns: Sequence[str] = COLUMNS
    rows: list[Line] = field(default_factory=list)


def ratio(what: str, ours: Sample, peer: str, theirs: Sample, goal: float | None = None) -> Row:
    """Times as a multiple of another's."""
    low, middle = ours.best / theirs.best, ours.ratio(theirs)
    return Row(
        what,
        seconds(ours.best),
        peer,
        seconds(theirs.best),
        f"{low:.2f}x",
        f"{middle:.2f}x",
        "" if goal is None else f"<= {goal:g}x",
        _met((low, middle), goal),
    )


def difference(what: str, ours: Sample, peer: str, theirs: Sample, goal: float | None = None) -> Row:
    """Times over another's, in seconds."""
    low, middle = ours.best - theirs.best, ours.over(theirs)
    return Row(
        what,
        seconds(ours.best),
        peer,
        seconds(theirs.best),
        signed(low),
        signed(middle),
        "" if goal is None else f"<= {signed(goal)}",
        _met((low, middle), goal),
    )


def alone(what: str, ours: Sample, goal: float | None = None) -> Row:
    """Times that are compared with nothing but a limit."""
    return Row(
        what,
        seconds(ours.best),
        by_minimum=seconds(ours.best),
        by_median=seconds(ours.median),
        goal="" if goal is None else f"<= {seconds(goal)}",
        met=_met((ours.best, ours.median), goal),
    )


def sizes(what: str, ours: int, peer: str, theirs: int, goal: float) -> Row:
    """Bytes as a multiple of others."""
    times = ours / theirs
    return Row(
        what,
        f"{ours:,} B",
        peer,
        f"{theirs:,} B",
        f"{times:.2f}x",
        "",
        f"<= {goal:.2f}x",
        _met((times,), goal),
    )


def _met(found: Sequence[float], goal: float | None) -> str:
    if goal is None:
        return ""
    met = [value <= goal for value in found]
    return "yes" if all(met) else "unclear" if any(met) else "**no**"


def seconds(value: float) -> str:
    """A duration in the unit that suits it."""
    if abs(value) < 1e-3:
        return f"{value * 1e6:.1f} µs"
    return f"{value * 1e3:.3g} ms" if abs(value) < 1 else f"{value:.2f} s"


def signed(value: float) -> str:
    """A duration that is added to another."""
    return ("+" if value >= 0 else "-") + seconds(abs(value))


def plain(table: Table) -> Iterator[str]:
    """The table for a pipe: cells between tabs."""
    yield f"# {table.title}"
    yield "\t".join(table.columns)
    for row in table.rows:
        yield "\t".join(row.cells).replace("**", "")


def markdown(table: Table) -> Iterator[str]:
    """The table for the docs."""
    yield f"## {table.title}"
    yield ""
    yield table.how
    yield ""
    yield "| " + " | ".join(table.columns) + " |"
    yield "|" + "---|" * len(table.columns)
    for row in table.rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row.cells) + " |"
    yield ""
