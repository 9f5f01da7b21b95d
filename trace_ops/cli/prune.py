"""``replay prune``: delete cassettes that are old, or that no test uses."""

from __future__ import annotations

import glob
import os
import re
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import click

from trace_ops import cassette
from trace_ops._figures import count
from trace_ops.cli import _files, _git, _json, _render, _users
from trace_ops.cli._main import DIFFERENCE
from trace_ops.cli._terminal import UNCUT, stderr, stdout, track
from trace_ops.errors import CassetteError, UsageError

_AGE = re.compile(r"(\d{1,5})(h|d|w|mo|y)")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "mo": 30 * 24, "y": 365 * 24}


@dataclass
class _Cassette:
    path: Path
    recorded: datetime | None = None
    stamp: tuple[int, int] = (0, 0)
    why: list[str] = field(default_factory=list)
    kept: str | None = None
    failed: bool = False
    deleted: bool = False

    @property
    def goes(self) -> bool:
        return bool(self.why) and self.kept is None


def _age(_ctx: click.Context, _param: click.Parameter, value: str | None) -> timedelta | None:
    if value is None:
        return None
    match = _AGE.fullmatch(value)
    if match is None:
        raise click.BadParameter(f"{value!r} is no age; write 12h, 30d, 6w, 3mo or 1y")
    return timedelta(hours=int(match[1]) * _HOURS[match[2]])


@click.command("prune")
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(exists=True, file_okay=False))
@click.option(
    "--older-than", metavar="AGE", callback=_age, help="Those recorded longer ago: 12h, 30d, 6w, 3mo, 1y."
)
@click.option("--orphans", is_flag=True, help="Those that no test uses, by pytest's word.")
@click.option("--dry-run", is_flag=True, help="Show what would go; exit 1 if there is anything.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    directory: str | None,
    older_than: timedelta | None,
    orphans: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Delete cassettes that are old, or that no test uses.

    DIR is `cassettes` if there is one, else the current directory. With both options, what goes is old and
    unused. For --orphans, pytest collects the tests of the project in the current directory without
    running them. Kept, and told, are: what cannot be read as a cassette, what git could not bring back,
    what an unfinished recording belongs to, and what some file of the project names.
    """
    if older_than is None and not orphans:
        raise click.UsageError("say what is to go: --older-than AGE, --orphans, or both")
    where = Path(directory or _files.default_directory())
    found = _look(where, older_than)
    if orphans:
        _keep_used(found, dated=older_than is not None)
    _keep_uncommitted(where, found)
    going = [each for each in found if each.goes]
    if not as_json:
        _show(found, going)
    if going and not dry_run and _agreed(len(going), yes):
        _delete(where, going)
    if as_json:
        _json.dump([_as_json(each) for each in found if each.why or each.kept])
    elif not dry_run:
        _tell_end(going)
    if any(each.failed for each in found) or any(not each.deleted for each in going):
        ctx.exit(DIFFERENCE)


def _look(where: Path, older_than: timedelta | None) -> list[_Cassette]:
    now = datetime.now(timezone.utc)
    found = [_Cassette(path) for path in track(_files.cassettes([str(where)]), "Reading cassettes")]
    for each in found:
        try:
            if list(each.path.parent.glob(f"{glob.escape(each.path.name)}.*.journal")):
                each.kept = "a recording of it is unfinished; see replay validate"
                continue
            each.stamp = _stamp(each.path)
            each.recorded = cassette.load(each.path).trace.recorded
        except (CassetteError, OSError) as error:
            problem = error.problem if isinstance(error, CassetteError) else error.strerror
            each.kept, each.failed = f"cannot be read as a cassette: {problem}", True
            continue
        if older_than is None:
            continue
        if each.recorded is None:
            each.kept = "it does not say when it was recorded"
        elif now - each.recorded > older_than:
            each.why.append(f"recorded {_render.age(each.recorded, now)} ago")
    return found


def _keep_used(found: list[_Cassette], dated: bool) -> None:
    """Leave only orphans among what goes; with ``dated``, only of what goes already."""
    users = _users.collect()
    asked = [each for each in found if each.kept is None and (each.why or not dated)]
    for each in asked:
        orphan = users.orphan(each.path)
        if orphan:
            each.why.append("no test uses it")
        else:
            each.why.clear()
        if orphan is None:
            each.kept = (
                "pytest does not tell of it: outside its cassette directory, or of tests not collected"
            )
    for path, file in _users.mentions(users.rootdir, [each.path for each in asked if each.goes]).items():
        next(each for each in asked if each.path == path).kept = f"{_files.shown(file)} names it"


def _keep_uncommitted(where: Path, found: list[_Cassette]) -> None:
    if not any(each.goes for each in found):
        return
    states = _git.uncommitted(where)
    for each in found:
        state = states.get(os.path.realpath(each.path))
        if each.goes and state is not None:
            each.kept = state


def _agreed(number: int, yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask at: add --yes, or --dry-run to see only")
    return click.confirm(f"Delete {count(number, 'cassette')}?", err=True)


def _delete(where: Path, going: list[_Cassette]) -> None:
    for each in going:
        try:
            with cassette.lock(each.path):
                if _stamp(each.path) != each.stamp:
                    each.kept, each.failed = "it was written meanwhile", True
                    continue
                each.path.unlink()
        except (CassetteError, OSError) as error:
            reason = error.problem if isinstance(error, CassetteError) else error.strerror
            each.kept, each.failed = f"cannot be deleted: {reason}", True
            continue
        each.deleted = True
        _remove_empty(each.path.parent, where)


def _remove_empty(directory: Path, top: Path) -> None:
    """Remove directories that a deletion left empty, up to the one that was pruned."""
    while directory != top and directory.is_relative_to(top) and not any(directory.iterdir()):
        directory.rmdir()
        directory = directory.parent


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _show(found: list[_Cassette], going: list[_Cassette]) -> None:
    from rich.text import Text

    console, notes = stdout(UNCUT), stderr()
    for each in going:
        console.print(Text(f"{_files.shown(each.path)}: {', '.join(each.why)}"), soft_wrap=True)
    for each in found:
        if each.kept is not None:
            notes.print(Text(f"kept {_files.shown(each.path)}: {_render.one_line(each.kept)}", "yellow"))
    size = sum(each.stamp[1] for each in going)
    notes.print(f"{len(going)} of {count(len(found), 'cassette')} to go, {size:,} bytes", style="dim")


def _tell_end(going: list[_Cassette]) -> None:
    for each in going:
        if each.failed:
            click.echo(f"replay: {_files.shown(each.path)}: {each.kept}", err=True)
    if going:
        deleted = sum(1 for each in going if each.deleted)
        stderr().print(f"{count(deleted, 'cassette')} deleted", style="dim")


def _as_json(of: _Cassette) -> dict[str, Any]:
    return {
        "cassette": str(of.path),
        "recorded": None if of.recorded is None else of.recorded.isoformat(),
        "why": of.why,
        "kept": of.kept,
        "bytes": of.stamp[1],
        "deleted": of.deleted,
    }
