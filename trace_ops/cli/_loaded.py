"""The cassettes of a directory with what is in them, and those that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from trace_ops import cassette
from trace_ops.cli import _files, _render
from trace_ops.cli._terminal import track
from trace_ops.errors import CassetteError
from trace_ops.trace import Trace


@dataclass(frozen=True)
class Loaded:
    """A cassette that was read; ``size`` is that of its file."""

    path: Path
    trace: Trace
    size: int


@dataclass(frozen=True)
class Broken:
    """A cassette that cannot be read, and why."""

    path: Path
    problem: str


def load(directory: str) -> tuple[list[Loaded], list[Broken]]:
    """Read all cassettes of a directory."""
    read: list[Loaded] = []
    broken: list[Broken] = []
    for path in track(_files.cassettes([directory]), "Reading cassettes"):
        try:
            trace = cassette.load(path).trace
            # A recording that was killed may have left no more than its journal.
            size = path.stat().st_size if path.exists() else 0
        except (CassetteError, OSError) as error:
            problem = error.problem if isinstance(error, CassetteError) else error.strerror
            broken.append(Broken(path, problem or "cannot be read"))
        else:
            read.append(Loaded(path, trace, size))
    return read, broken


def tell(broken: list[Broken]) -> None:
    """Say on stderr what is left out."""
    for each in broken:
        problem = _render.one_line(each.problem)
        click.echo(f"left out: {_files.shown(each.path)} cannot be read: {problem}", err=True)
