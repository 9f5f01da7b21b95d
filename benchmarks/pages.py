"""Making an HTML page of a long run."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import _agents
from benchmarks._report import Line, seconds
from benchmarks._scale import Scale
from benchmarks._timing import Timer, take_turns
from trace_ops.cassette import Cassette, dumps
from trace_ops.reporters.html import generate_html_report

TITLE = "Making a page"
COLUMNS = (
    "a run of agents",
    "takes",
    "a step",
    "page",
    "of it the viewer",
    "cassette, compressed",
    "goal",
    "met",
)
HOW = """\
The report of a run of agents, each with forty calls of a model whose conversation grows, two tools side
by side after each, every fourth answer streamed in ninety events: read from its cassette, linked, packed
and written. Beside that the size of the file, and of the cassette under gzip."""

_LONGEST = 10.0
_VIEWER = Path(__file__).parents[1] / "trace_ops" / "viewer" / "viewer.html"


@dataclass(frozen=True)
class Made:
    """One size of a run."""

    what: str
    steps: int
    cpu: float
    page: int
    cassette: int

    @property
    def cells(self) -> tuple[str, ...]:
        met = self.cpu <= _LONGEST
        return (
            self.what,
            seconds(self.cpu),
            seconds(self.cpu / self.steps),
            f"{self.page / 1e6:.2f} MB",
            f"{_VIEWER.stat().st_size / 1e6:.2f} MB",
            f"{self.cassette / 1e6:.2f} MB",
            f"<= {seconds(_LONGEST)}",
            "yes" if met else "**no**",
        )


def run(scale: Scale) -> Iterator[Line]:
    """A row for each size."""
    for steps in scale.cassettes:
        if steps < 100:
            continue
        path, target = scale.directory / f"agents-{steps}.yaml", scale.directory / "report.html"
        trace = _agents.trace(steps)
        written = dumps(Cassette(trace))
        path.write_bytes(written)
        taken = take_turns({"page": partial(_timed, path, target)}, 5 if steps < 10_000 else 3)
        size, packed = target.stat().st_size, len(gzip.compress(written, 6))
        yield Made(f"{len(trace):,} steps", len(trace), taken["page"].cpu.best, size, packed)


def _timed(path: Path, target: Path, timer: Timer) -> None:
    with timer.of(collector=True):
        generate_html_report(path, target)
