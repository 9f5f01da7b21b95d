"""``replay check``: whether recorded runs keep to limits, take the expected steps, say what they should."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click

from trace_ops import cassette
from trace_ops._figures import count
from trace_ops.checks import MODES, Budget, Trajectory, Violation, answers, trajectory_of
from trace_ops.checks.budget import METERS
from trace_ops.checks.limits import Limit, Relative, limit
from trace_ops.cli import _files, _json, _render
from trace_ops.cli._main import DIFFERENCE
from trace_ops.cli._terminal import UNCUT, stderr, stdout, track
from trace_ops.errors import CassetteError, UsageError
from trace_ops.trace import Trace

_HELP = {
    "max_usd": "Cost of the run in US dollars.",
    "max_tokens": "Input and output tokens.",
    "max_input_tokens": "Input tokens.",
    "max_output_tokens": "Output tokens.",
    "max_llm_calls": "LLM calls.",
    "max_tool_calls": "Tool calls.",
    "max_seconds": "Time the run took.",
    "max_first_token_seconds": "Time until a stream says something.",
    "max_errors": "Steps that failed.",
    "max_tool_errors": "Tools that failed.",
}


def _limit(ctx: click.Context, param: click.Parameter, value: str | None) -> Limit | None:
    if value is None:
        return None
    name = str(param.name)
    given = _number(value)
    try:
        return limit(name, given, whole=METERS[name].whole)
    except UsageError as error:
        problem = str(error).partition(": ")[2]
        if isinstance(given, str):
            problem = "give a number, or a change against the baseline such as +10% or -5%"
        raise click.BadParameter(f"{value!r}: {problem}", ctx, param) from error


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _limits(command: Callable[..., None]) -> Callable[..., None]:
    for name, text in reversed(_HELP.items()):
        option = f"--{name.replace('_', '-')}"
        command = click.option(option, name, callback=_limit, metavar="LIMIT", help=text)(command)
    return command


@dataclass(frozen=True)
class _Asked:
    """All that is checked."""

    budget: Budget
    trajectory: Trajectory | None
    says: Callable[[answers.Answer], list[Violation]] | None

    def check(self, trace: Trace, baseline: Trace | None) -> Iterator[Violation]:
        yield from self.budget.check(trace, baseline)
        if self.trajectory is not None:
            yield from self.trajectory.check(trace)
        if self.says is not None:
            answer = answers.answer(trace)
            yield from [answer] if isinstance(answer, Violation) else self.says(answer)


@dataclass
class _Report:
    path: Path
    trace: Trace | None = None
    problem: str | None = None
    violations: list[Violation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return self.problem is None and not self.violations


@click.command("check")
@click.argument("paths", metavar="CASSETTE...", nargs=-1, required=True)
@_limits
@click.option("--no-loops", is_flag=True, help="No tool again and again, no cycles.")
@click.option("--trajectory", metavar="STEPS", help="Expected steps: plan,search|read,answer.")
@click.option(
    "--trajectory-mode", type=click.Choice(MODES), default="strict", show_default=True,
    help="How the steps are compared.",
)  # fmt: skip
@click.option("--contains", metavar="TEXT", multiple=True, help="The last answer contains TEXT.")
@click.option("--baseline", metavar="OTHER", help="Cassette or directory that +10% and -5% relate to.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    no_loops: bool,
    trajectory: str | None,
    trajectory_mode: str,
    contains: tuple[str, ...],
    baseline: str | None,
    as_json: bool,
    **limits: Limit | None,
) -> None:
    """Check what recorded runs cost, which way they go, what they answer.

    CASSETTE is a file, or a directory of them. A LIMIT is a number, or a change against the cassette of
    the same name in the baseline, such as +10%. Each violation is told as FILE: WHAT, with the steps it
    is about in brackets. Exits with 1 if there is any.
    """
    _files.require(paths)
    budget = Budget.of(**limits, no_loops=no_loops)
    expected = None if trajectory is None else Trajectory.parse(trajectory, trajectory_mode)
    asked = _Asked(budget, expected, answers.contains(contains) if contains else None)
    if not budget and expected is None and not contains:
        raise UsageError(
            "nothing to check: give a limit, such as --max-usd 0.05, or --trajectory, --contains"
        )
    files = _placed(paths)
    if not files:
        raise UsageError(f"no cassettes in {', '.join(paths)}")
    others = _Baseline.of(baseline, budget, len(files))
    reports = [_report(path, asked, others.of_file(below)) for path, below in track(files, "Checking")]
    if as_json:
        _json.dump([_as_json(report) for report in reports])
    else:
        _show(reports)
    _tell(reports)
    if not all(report.is_clean for report in reports):
        ctx.exit(DIFFERENCE)


def _placed(paths: tuple[str, ...]) -> list[tuple[Path, Path]]:
    """The cassettes, each with its path below the directory that was named."""
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _files.cassettes([path]):
            below = file.relative_to(path) if Path(path).is_dir() else Path(file.name)
            found.setdefault(file, below)
    return list(found.items())


@dataclass(frozen=True)
class _Baseline:
    """What relative limits relate to; ``None`` where no limit is relative."""

    path: Path | None

    @classmethod
    def of(cls, baseline: str | None, budget: Budget, files: int) -> _Baseline:
        if baseline is None:
            if budget.is_relative:
                relative = next(f"{value}" for value in vars(budget).values() if isinstance(value, Relative))
                raise UsageError(f"{relative} of what? Name the cassettes to compare with: --baseline OTHER")
            return cls(None)
        if not budget.is_relative:
            raise UsageError("--baseline is for limits relative to it, such as --max-tokens +10%")
        _files.require([baseline])
        if files > 1 and not Path(baseline).is_dir():
            raise UsageError(f"--baseline {baseline} is one cassette, and there are {files} to check")
        return cls(Path(baseline))

    def of_file(self, below: Path) -> Path | None:
        if self.path is None or not self.path.is_dir():
            return self.path
        return self.path / below


def _report(path: Path, asked: _Asked, baseline: Path | None) -> _Report:
    report = _Report(path)
    try:
        report.trace = cassette.load(path).trace
        before = None if baseline is None or not baseline.exists() else cassette.load(baseline).trace
    except CassetteError as error:
        of = "the baseline " if report.trace is not None else ""
        report.problem = f"{of}cannot be read: {_render.one_line(error.problem)}"
        return report
    report.violations = list(asked.check(report.trace, before))
    if baseline is not None and before is None:
        report.notes.append(f"there is no {baseline}: limits relative to it were not checked")
    return report


def _as_json(report: _Report) -> dict[str, Any]:
    return {
        "cassette": str(report.path),
        "ok": report.is_clean,
        "problem": report.problem,
        "violations": [asdict(violation) for violation in report.violations],
        "notes": report.notes,
        "trajectory": None if report.trace is None else report.trace.trajectory,
    }


def _show(reports: list[_Report]) -> None:
    from rich.text import Text

    console = stdout(UNCUT)
    for report in reports:
        name = _files.shown(report.path)
        if report.problem is not None:
            console.print(Text(f"{name}: {report.problem}", "bold red"), soft_wrap=True)
        for violation in report.violations:
            console.print(Text(f"{name}: {violation.text}", "bold red"), soft_wrap=True)
            for line in violation.details:
                console.print(Text(f"  {line}"), soft_wrap=True)
        if report.violations and report.trace is not None:
            shown = trajectory_of(report.trace, report.violations)
            console.print(Text(f"  trajectory: {shown}", "dim"), soft_wrap=True)


def _tell(reports: list[_Report]) -> None:
    console = stderr()
    for report in reports:
        for note in report.notes:
            console.print(f"{_files.shown(report.path)}: {note}", style="yellow", soft_wrap=True)
    broken = sum(1 for report in reports if not report.is_clean)
    told = f"{broken} with violations" if broken else "no violations"
    console.print(f"{count(len(reports), 'cassette')}, {told}", style="dim")
