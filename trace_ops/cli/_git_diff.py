"""What git asks of an external diff, and of a text conversion."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from trace_ops import cassette
from trace_ops.cli import _compared, _lines, _render
from trace_ops.cli._terminal import UNCUT, stdout
from trace_ops.diff import rendering
from trace_ops.diff.lines import Line, Style
from trace_ops.errors import CassetteError
from trace_ops.matching.excerpt import printable

_FROM_GIT = 7
"""Path, then file, hash and mode of the old and of the new side; a rename has two more."""

_STYLES: dict[str, Style] = {"+": "added", "-": "removed", "@": "note"}


def show(given: Sequence[str], comparison: _compared.Comparison, detailed: bool) -> None:
    """Tell of one file as git hands it over; never fails, for git would end there."""
    if len(given) == 1:
        _lines.show(stdout(UNCUT), [Line(f"{printable(given[0])}: not merged yet", "heading")])
        return
    if len(given) < _FROM_GIT:
        raise click.UsageError("--git takes what git gives: PATH OLD HASH MODE NEW HASH MODE")
    path, old, new = given[0], Path(given[1]), Path(given[4])
    name = f"{path} -> {given[7]}" if len(given) > _FROM_GIT else path
    _lines.show(_lines.for_git(), _told(name, old, new, comparison, detailed))


def textconv(path: str) -> None:
    """Write a cassette as text; a file that is none, as it is."""
    try:
        text = rendering.text(cassette.load(path).trace)
    except CassetteError:
        text = Path(path).read_text("utf-8", "replace")
    click.echo(text, nl=False)


def _told(
    name: str, old: Path, new: Path, comparison: _compared.Comparison, detailed: bool
) -> Iterator[Line]:
    yield Line(printable(name), "heading")
    try:
        found = _compared.files(old, new, comparison)
    except CassetteError as error:
        yield Line(
            f"  as text, for it cannot be read as a cassette: {_render.one_line(error.problem)}", "note"
        )
        yield from _as_text(old, new)
        return
    for line in found.lines(detailed):
        yield line.indented(2)


def _as_text(old: Path, new: Path) -> Iterator[Line]:
    before, after = ([] if str(path) == os.devnull else _text_lines(path) for path in (old, new))
    for line in list(difflib.unified_diff(before, after, lineterm=""))[2:]:
        yield Line(f"  {line[:1]}{printable(line[1:])}", _STYLES.get(line[:1], "context"))


def _text_lines(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").split("\n")
