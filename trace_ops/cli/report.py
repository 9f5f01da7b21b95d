"""``replay report``: runs as one HTML file."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator
from pathlib import Path

import click

from trace_ops import cassette
from trace_ops._figures import count
from trace_ops.cli import _files, _loaded
from trace_ops.cli._terminal import track
from trace_ops.errors import CassetteError, UsageError
from trace_ops.reporters import html
from trace_ops.viewer.data import RunHead
from trace_ops.viewer.shelf import Shelf


@click.command("report")
@click.argument("paths", metavar="CASSETTE...", nargs=-1, required=True)
@click.option(
    "-o", "--output", default="report.html", show_default=True, metavar="FILE", help="Where to write it."
)
@click.option(
    "--compare",
    metavar="OTHER",
    help="Compare each run with this cassette, or with the one of its name in this directory.",
)
@click.option("--changed", is_flag=True, help="Leave out the runs that are as OTHER has them.")
@click.option("--title", metavar="TEXT", help="What the page is called.")
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
def command(
    paths: tuple[str, ...], output: str, compare: str | None, changed: bool, title: str | None, opens: bool
) -> None:
    """Write runs into one HTML file to look at.

    CASSETTE may be a directory, of which all cassettes are in the file. It opens from a disk, loads nothing
    from anywhere, and can be passed on. One that cannot be read is left out of a directory, and told of.
    """
    if changed and compare is None:
        raise click.UsageError("--changed needs --compare")
    _files.require([*paths, *([] if compare is None else [compare])])
    entries = [entry for path in paths for entry in _entries(path)]
    others = [] if compare is None else list(_entries(compare))
    by_place = compare is not None and Path(compare).is_dir()
    shelf = html.shelf_of(entries, others, by_place=by_place, only_changed=changed)
    if changed and not shelf.runs:
        raise UsageError(f"there is no run to report: all are as in {compare}")
    try:
        written = html.write(shelf, output, title)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror or error}") from error
    _tell(shelf, written, compare)
    if opens:
        webbrowser.open(written.resolve().as_uri())


def _entries(path: str) -> Iterator[html.Entry]:
    given = Path(path)
    broken: list[_loaded.Broken] = []
    for file in track(_files.cassettes([path]), "Reading cassettes"):
        place = file.relative_to(given).as_posix() if given.is_dir() else file.name
        try:
            trace = cassette.load(file).trace
        except CassetteError as error:
            if not given.is_dir():
                raise
            broken.append(_loaded.Broken(file, error.problem))
        else:
            yield html.Entry(trace, file.stem, file, place)
    _loaded.tell(broken)


def _tell(shelf: Shelf, written: Path, compare: str | None) -> None:
    olds = {each["old"] for each in shelf.comparisons}
    told = [count(len(shelf.runs) - len(olds), "run")]
    if compare is not None:
        told.append(count(len(shelf.comparisons), "comparison"))
    size = written.stat().st_size
    told.append(f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} kB")
    click.echo(f"{_files.shown(written)}: {', '.join(told)}")
    if compare is not None:
        compared = {key for each in shelf.comparisons for key in (each["old"], each["new"])}
        for head in shelf.runs:
            if head["key"] not in compared:
                click.echo(f"not compared: {_name(head)} is not in {compare}", err=True)


def _name(head: RunHead) -> str:
    return head["path"] or head["name"]
