"""``replay diff``: what changed between two recordings, or two folders of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trace_ops.cli import _fail_on, _json, _render
from trace_ops.cli._fail_on import FailOn
from trace_ops.cli._main import DIFFERENCE
from trace_ops.cli._terminal import UNCUT, stdout

if TYPE_CHECKING:
    from trace_ops.cli._compared import Compared, Comparison


@click.command("diff")
@click.argument("paths", metavar="OLD NEW", nargs=-1)
@click.option("--detailed", is_flag=True, help="Every change, under the one it follows from; texts uncut.")
@click.option("--json", "form", flag_value="json", help="Write JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Write Markdown, for a pull request.")
@click.option(
    "--fail-on",
    metavar="WHAT,...",
    default=_fail_on.DEFAULT,
    show_default=True,
    callback=_fail_on.parse,
    help="What makes the exit code 1: kinds (trajectory, model, ...), severities (major, minor, any), "
    "cassettes (added, removed), totals that grow too much (cost:+10%, tokens:+500, llm_calls:0).",
)
@click.option("--ignore", metavar="WHAT", multiple=True, help="Leave a kind or a body path out. Repeatable.")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=1.0,
    help="From this likeness on, other words are the same meaning (0 to 1).",
)
@click.option(
    "--similarity",
    type=click.Choice(("words", "meaning")),
    default="words",
    help="How likeness is measured; `meaning` needs TraceOps[similarity].",
)
@click.option("--git", "as_git", is_flag=True, help="Take the arguments git gives to an external diff.")
@click.option("--textconv", is_flag=True, help="Write one cassette as text, for git's textconv.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    detailed: bool,
    form: str | None,
    fail_on: FailOn,
    ignore: tuple[str, ...],
    threshold: float,
    similarity: str,
    as_git: bool,
    textconv: bool,
) -> None:
    """Tell what changed between two cassettes, or two folders of them.

    Names the first difference and what merely followed from it. In folders, cassettes correspond by
    their path. Exits with 1 for what --fail-on names: unless told otherwise, for any difference but
    other words of the same meaning, tokens, cost and time.
    """
    from trace_ops.cli import _compared, _git_diff

    comparison = _compared.Comparison(ignore, similarity, threshold)
    if textconv:
        _git_diff.textconv(_exactly(paths, 1, "--textconv takes one CASSETTE")[0])
    elif as_git:
        _git_diff.show(paths, comparison, detailed)
    else:
        old, new = map(Path, _exactly(paths, 2, "two paths are needed: OLD NEW"))
        found = _compare(old, new, comparison)
        reasons = found.reasons(fail_on)
        _write(found, reasons, form, detailed)
        if reasons:
            for reason in reasons if fail_on.named else ():
                click.echo(f"fails on {_render.one_line(reason)}", err=True)
            ctx.exit(DIFFERENCE)


def _compare(old: Path, new: Path, comparison: Comparison) -> Compared:
    from trace_ops.cli import _compared

    for path in (old, new):
        if not path.exists():
            raise click.BadParameter(f"there is no {str(path)!r}")
    if old.is_dir() and new.is_dir():
        found = _compared.folders(old, new, comparison)
        if not found.entries:
            raise click.UsageError(f"no cassettes in {str(old)!r} and {str(new)!r}")
        return found
    if old.is_dir() != new.is_dir() and os.devnull not in map(str, (old, new)):
        raise click.BadParameter("compare two cassettes, or two folders")
    return _compared.files(old, new, comparison)


def _write(found: Compared, reasons: list[str], form: str | None, detailed: bool) -> None:
    if form == "json":
        _json.dump({**found.to_dict(), "fails": reasons})
    elif form == "markdown":
        click.echo(found.to_markdown(), nl=False)
    else:
        from trace_ops.cli import _lines

        _lines.show(stdout(UNCUT), found.lines(detailed))


def _exactly(paths: tuple[str, ...], number: int, problem: str) -> tuple[str, ...]:
    if len(paths) != number:
        raise click.UsageError(problem)
    return paths
