"""``replay scrub``: take secrets out of cassettes that were recorded before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import click

from trace_ops import cassette
from trace_ops._figures import count
from trace_ops.cli import _files, _json
from trace_ops.cli._main import DIFFERENCE
from trace_ops.cli._terminal import UNCUT, stderr, stdout, track
from trace_ops.errors import CassetteError
from trace_ops.redaction import Found, Scrubber, scrub_span


@dataclass(frozen=True)
class _Result:
    path: Path
    found: list[Found]
    problem: CassetteError | None = None


def _compiled(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(value) for value in values)
    except re.error as error:
        raise click.BadParameter(f"{error.pattern!r} is no regular expression: {error}") from None


@click.command("scrub")
@click.argument("paths", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Show what would be scrubbed; exit 1 if there is anything.")
@click.option(
    "--pattern",
    "patterns",
    callback=_compiled,
    multiple=True,
    metavar="RE",
    help="Scrub what this matches too (its first group, if it has one). Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    dry_run: bool,
    patterns: tuple[re.Pattern[str], ...],
    as_json: bool,
) -> None:
    """Take secrets out of cassettes that were recorded before.

    PATHS are cassettes, or directories of them. Each file is replaced as a whole, and only if there is
    something to scrub. The values of secret-looking environment variables count as secrets too.
    """
    _files.require(paths)
    files = track(_files.cassettes(paths), "Scrubbing cassettes")
    results = [_scrub(path, patterns, dry_run) for path in files]
    if as_json:
        _json.dump([_as_json(result, dry_run) for result in results])
    else:
        _show(results, dry_run)
    for result in results:
        if result.problem:
            click.echo(f"replay: {result.problem}", err=True)
    if patterns and not dry_run and any(result.found for result in results):
        click.echo(
            "note: have recorders scrub the same, or such requests will not match: Recorder(scrub=[...])",
            err=True,
        )
    if any(result.problem or (dry_run and result.found) for result in results):
        ctx.exit(DIFFERENCE)


def _scrub(path: Path, patterns: tuple[re.Pattern[str], ...], dry_run: bool) -> _Result:
    scrubber = Scrubber.from_environment(extra=patterns)
    try:
        if dry_run:
            for span in cassette.load(path).trace:
                scrub_span(span, scrubber)
        else:
            _rewrite(path, scrubber)
    except CassetteError as error:
        return _Result(path, [], error)
    return _Result(path, scrubber.found)


def _rewrite(path: Path, scrubber: Scrubber) -> None:
    with cassette.lock(path):
        read = cassette.load(path)
        read.trace.spans = [scrub_span(span, scrubber) for span in read.trace]
        if scrubber.found:
            new = {found["as"] for found in scrubber.found}
            kept = [entry for entry in read.scrubbed if entry["as"] not in new]
            read.scrubbed = [*kept, *map(dict, scrubber.found)]
            cassette.save(read, path)


def _as_json(result: _Result, dry_run: bool) -> dict[str, object]:
    problem = None if result.problem is None else result.problem.problem
    changed = bool(result.found) and not dry_run
    return {"cassette": str(result.path), "found": result.found, "changed": changed, "problem": problem}


def _show(results: list[_Result], dry_run: bool) -> None:
    from rich.text import Text

    console = stdout(UNCUT)
    done = "would be scrubbed" if dry_run else "scrubbed"
    for result in results:
        if result.problem:
            continue
        name = _files.shown(result.path)
        if not result.found:
            console.print(Text(f"{name}: nothing to scrub", "dim"))
            continue
        times = sum(found["times"] for found in result.found)
        console.print(Text(f"{name}: {count(times, 'secret')} {done}", "bold yellow"))
        for found in result.found:
            console.print(Text(f"  {found['secret']}  {found['times']}x  now {found['as']}"))
    hit = sum(1 for result in results if result.found)
    stderr().print(f"{hit} of {count(len(results), 'cassette')} {done}", style="dim")
