"""``python -m benchmarks [names...] [--quick] [--write]``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import cast

from benchmarks import _document, _scale, _terminal
from benchmarks._scale import Benchmark

NAMES = (
    "replay",
    "recording",
    "first_event",
    "files",
    "startup",
    "size",
    "dormant",
    "diff",
    "divergence",
    "pages",
    "viewer",
    "ui",
)


def main() -> None:
    """Measure what is named, or everything, and show it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller cassettes")
    parser.add_argument("--write", action="store_true", help=f"write {_document.PATH}")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    tables = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as directory:
        scale = (_scale.quick if options.quick else _scale.full)(Path(directory))
        for name in options.names or NAMES:
            benchmark = cast(Benchmark, import_module(f"benchmarks.{name}"))
            tables.append(_terminal.show(benchmark, scale))
    if options.write:
        _document.write(tables, quick=options.quick)
        print(f"written to {_document.PATH}", file=sys.stderr)


if __name__ == "__main__":
    main()
