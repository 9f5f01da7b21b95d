"""Which files are meant by the paths on a command line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import click

from trace_ops.cassette.directory import cassettes as cassettes


def default_directory() -> str:
    """``cassettes`` if there is one, else the current directory."""
    return "cassettes" if Path("cassettes").is_dir() else "."


def require(paths: Iterable[str]) -> None:
    """Refuse paths that are not there, nor ever began to be."""
    for path in map(Path, paths):
        if not path.exists() and not list(path.parent.glob(f"{_escaped(path.name)}.*.journal")):
            raise click.BadParameter(f"there is no {str(path)!r}")


def shown(path: Path) -> str:
    """A path as short as it can be from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def _escaped(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)
