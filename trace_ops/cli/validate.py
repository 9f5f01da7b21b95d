"""``replay validate``: whether cassettes can be read, are complete, and hold no secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click

from trace_ops import cassette
from trace_ops._figures import count
from trace_ops.cli import _files, _json, _recovery, _render
from trace_ops.cli._main import DIFFERENCE
from trace_ops.cli._terminal import UNCUT, stderr, stdout, track
from trace_ops.errors import CassetteError
from trace_ops.exporters import trace_header
from trace_ops.redaction import Scrubber, scrub_span
from trace_ops.trace import Trace

_SPAN = re.compile(r"\s*- span: (\d+)\s*")


@dataclass(frozen=True)
class _Problem:
    path: str
    line: int | None
    problem: str
    remedy: str | None

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.problem}" + (f"\n  {self.remedy}" if self.remedy else "")


@dataclass
class _Report:
    path: Path
    trace: Trace | None = None
    scrubbed: list[dict[str, Any]] = field(default_factory=list)
    problems: list[_Problem] = field(default_factory=list)
    recovered: int = 0


@click.command("validate")
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--recover", is_flag=True, help="Write the steps of unfinished recordings into their cassettes."
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_context
def command(ctx: click.Context, paths: tuple[str, ...], recover: bool, as_json: bool) -> None:
    """Check cassettes, and recordings that did not come to their end.

    Can they be read, are they complete, do they hold secrets? PATHS are cassettes, or directories of
    them. Each problem is told as FILE:LINE with what to do about it; of each cassette that can be read,
    what was scrubbed from it is listed.
    """
    _files.require(paths)
    files = track(_files.cassettes(paths), "Checking cassettes")
    reports = [_check(path, recover) for path in files]
    if as_json:
        _json.dump([_as_json(report) for report in reports])
    else:
        _show(reports)
    if any(report.problems for report in reports):
        ctx.exit(DIFFERENCE)


def _check(path: Path, recovering: bool) -> _Report:
    report = _Report(path)
    try:
        if recovering:
            report.recovered = _recovery.recover(path)
        report.problems += _unfinished(path)
        if path.exists():
            read = cassette.load(path)
            report.trace, report.scrubbed = read.trace, list(read.scrubbed)
            report.problems += _secrets(path, read.trace)
    except CassetteError as error:
        report.problems.append(_Problem(error.path or str(path), error.line, error.problem, error.remedy))
    return report


def _unfinished(path: Path) -> Iterator[_Problem]:
    for journal in cassette.unfinished(path):
        ended = "the run failed" if journal.outcome == "failed" else "the program was killed"
        yield _Problem(
            str(journal.path),
            None,
            f"recording that did not come to its end ({ended}): {count(len(journal.spans), 'step')}",
            f"replay validate --recover {_files.shown(path)}  writes them into the cassette; "
            "delete the file to drop them",
        )


def _secrets(path: Path, trace: Trace) -> Iterator[_Problem]:
    """Secrets by the recorder's own rules, each at the line it stands on, or else at its step's first."""
    text: _Lines | None = None
    for span in trace:
        scrubber = Scrubber.from_environment()
        scrub_span(span, scrubber)
        for found in scrubber.found:
            text = text or _Lines(path)
            kind, times = found["secret"], count(found["times"], "time")
            yield _Problem(
                str(path),
                text.line(span.id, found["as"]),
                f"looks like a secret ({kind}), {times} in span {span.id}",
                f"replay scrub {_files.shown(path)}  puts {found['as']} in its stead; "
                "if the file was pushed anywhere, revoke the secret",
            )


class _Lines:
    """Finds lines of a cassette: the first of a step, and those from which a placeholder would come."""

    def __init__(self, path: Path) -> None:
        self._lines = path.read_text("utf-8", "replace").splitlines()
        self._scrubber = Scrubber.from_environment()

    def line(self, span: int, placeholder: str) -> int | None:
        inside, first = False, None
        for number, line in enumerate(self._lines, 1):
            match = _SPAN.fullmatch(line)
            if match:
                inside = int(match[1]) == span
                first = number if inside else first
            if inside and placeholder in self._scrubber.text(line):
                return number
        return first


def _as_json(report: _Report) -> dict[str, Any]:
    return {
        "cassette": str(report.path),
        "ok": not report.problems,
        "recovered": report.recovered,
        "problems": [asdict(problem) for problem in report.problems],
        "scrubbed": report.scrubbed,
        "totals": None if report.trace is None else trace_header(report.trace)["totals"],
    }


def _show(reports: list[_Report]) -> None:
    from rich.text import Text

    console = stdout(UNCUT)
    for report in reports:
        name = _files.shown(report.path)
        if report.recovered:
            console.print(
                Text(f"{name}: recovered {count(report.recovered, 'step')}", "bold green"),
                soft_wrap=True,
            )
        for problem in report.problems:
            head, _, remedy = str(problem).partition("\n")
            console.print(Text(head, "bold red"))
            if remedy:
                console.print(Text(remedy))
        if report.trace is not None:
            style = "dim" if report.problems else "green"
            state = "can be read" if report.problems else "ok"
            console.print(Text(f"{name}: {state}, {_render.totals(report.trace)}", style))
            for entry in report.scrubbed:
                console.print(
                    Text(f"  scrubbed: {entry['secret']}  {entry['times']}x  {entry['as']}", "dim"),
                    soft_wrap=True,
                )
    broken = sum(1 for report in reports if report.problems)
    told = f"{broken} with problems" if broken else "no problems"
    stderr().print(f"{count(len(reports), 'cassette')}, {told}", style="dim")
