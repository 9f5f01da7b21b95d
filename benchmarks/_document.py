"""``docs/benchmarks.md``."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import _report
from benchmarks._report import Table

PATH = Path("docs/benchmarks.md")
_DISTRIBUTIONS = (
    "TraceOps",
    "openai",
    "anthropic",
    "httpx",
    "httpx2",
    "cassetter",
    "vcrpy",
    "PyYAML",
    "pytest",
)

_HEAD = """\
# Benchmarks

What TraceOps costs, beside a floor or a peer that was measured in the same run, turn by turn. `python -m
benchmarks` shows these tables, `--write` writes this page, `--quick` measures less.

- *TraceOps* and *takes* are the minimum over all rounds, the time that is left when nothing else
  disturbs; *by minimum* compares these two. *by median* is the median over the rounds of the ratio (or
  difference) within a round.
- *met* says whether a goal is met by both, by neither, or by one of them only (*unclear*).
- Times are CPU times of the process unless a line says otherwise. The garbage collector is off while a
  call is timed, for both sides, and on while a cassette is loaded or saved.
- Answers come from the provider double that TraceOps ships, not from a model: a real call takes a second
  or so, of which all that is measured here is a small part."""


def write(tables: Sequence[Table], *, quick: bool) -> None:
    """Write the page anew."""
    PATH.write_text("\n".join(_page(tables, quick)), encoding="utf-8")


def _page(tables: Sequence[Table], quick: bool) -> Iterator[str]:
    yield _HEAD
    yield ""
    yield f"Measured on {datetime.now(timezone.utc):%Y-%m-%d}, {_machine()}."
    if quick:
        yield "Preliminary: a quick run, with few rounds."
    yield ""
    yield f"Python {platform.python_version()}, " + ", ".join(_versions()) + "."
    yield ""
    for table in tables:
        yield from _report.markdown(table)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    busy = os.getloadavg()[0]
    return (
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB of memory, "
        f"load average {busy:.1f}"
    )


def _versions() -> Iterator[str]:
    for name in _DISTRIBUTIONS:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} not installed"
