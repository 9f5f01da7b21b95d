"""``replay run``: record or replay a Python program without touching its code."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from trace_ops._freeze import FROZEN
from trace_ops.cli import _files, _program, _render
from trace_ops.errors import TraceOpsError
from trace_ops.modes import MODES, Known, ModeName, Unplayed
from trace_ops.recorder import Recorder

_MODES = [name for name in MODES if name != "none"]


@click.command("run", context_settings={"allow_interspersed_args": False})
@click.option("--record", metavar="CASSETTE", help="Record to this cassette.")
@click.option("--replay", metavar="CASSETTE", help="Replay from this cassette: no network, no keys.")
@click.option(
    "--mode",
    type=click.Choice(_MODES),
    help="How to record: `all` (anew, the default), `update` (only what changed), `new_episodes`, ...",
)
@click.option(
    "--match-on", multiple=True, metavar="PART", help="Compare this part of calls only. Repeatable."
)
@click.option("--ignore", multiple=True, metavar="PATH", help="Leave this body path out. Repeatable.")
@click.option("--allow-unplayed", is_flag=True, help="Accept that recorded calls are not made.")
@click.option(
    "--freeze",
    multiple=True,
    type=click.Choice(FROZEN),
    help="Serve this from the cassette, and do not run it; `llm` always is. Repeatable.",
)
@click.option(
    "--live", multiple=True, metavar="NAME", help="Run this tool or retrieval all the same. Repeatable."
)
@click.option(
    "--freeze-tools", is_flag=True, help="Serve recorded outputs of @tool functions, do not run them."
)
@click.option("-m", "module", is_flag=True, help="The program is a module, as in `python -m`.")
@click.argument("program", nargs=-1, type=click.UNPROCESSED, required=True, metavar="[--] PROGRAM [ARGS]...")
@click.pass_context
def command(
    ctx: click.Context,
    record: str | None,
    replay: str | None,
    mode: ModeName | None,
    match_on: tuple[str, ...],
    ignore: tuple[str, ...],
    allow_unplayed: bool,
    freeze: tuple[str, ...],
    live: tuple[str, ...],
    freeze_tools: bool,
    module: bool,
    program: tuple[str, ...],
) -> None:
    """Record or replay any Python program.

    The program runs as by `python PROGRAM ARGS`, in this process, and its exit code is kept. If it ends
    well, but a call was not in the cassette or recorded calls were not made, the exit code is 1.
    """
    if program[0] == "-m":
        module, program = True, program[1:]
    if not program:
        raise click.UsageError("-m needs the name of a module")
    if (record is None) == (replay is None):
        raise click.UsageError("give one of --record and --replay")
    if replay is not None and mode is not None:
        raise click.UsageError("--mode goes with --record; --replay is mode 'none'")
    path = record or replay or ""
    recorder = Recorder(
        path,
        mode="none" if record is None else mode or "all",
        match_on=match_on or None,
        ignore=ignore,
        allow_unplayed=allow_unplayed,
        freeze={"llm", *freeze},
        live=live,
        freeze_tools=freeze_tools,
    )
    recorder.hints = [f"record it: {_command(path, module, program)}"]
    recorder.accept_hint = "accept it: --allow-unplayed"
    _program.stage(program, module)
    recorder.start()
    ended = _program.execute(program[0], module)
    problem = _stop(recorder, _failure(ended))
    code = _program.exit_code(ended)
    if problem is not None:
        click.echo(f"replay: {problem}", err=True)
    elif recorder.drift:
        click.echo(f"replay: {_drift(recorder)}", err=True)
    click.echo(f"replay: {summary(recorder, code)}", err=True)
    if not problem and not code and (change := _change(recorder, ignore)):
        click.echo(change, err=True)
    ctx.exit(code or (1 if problem else 0))


def _drift(recorder: Recorder) -> str:
    """What live answers say differently, where that fails nothing."""
    from trace_ops._verify import report

    lines = (f"  {line}" for line in report.lines(recorder.drift))
    return "\n".join(["live answers differ from the recorded ones, in what fails no run:", *lines])


def _change(recorder: Recorder, ignore: tuple[str, ...]) -> str | None:
    """What was recorded now beside what the cassette held before."""
    if not recorder.counts["recorded"] or not recorder.mode.writes:
        return None
    diff = recorder.diff(ignore=ignore)
    if not diff:
        return None
    return "\n".join(f"  {line}".rstrip() for line in diff.summary().splitlines())


def _command(path: str, module: bool, program: tuple[str, ...]) -> str:
    words = ["--record", path, "--mode", "update", "--", *(["-m"] if module else []), *program]
    return f"replay run {shlex.join(words)}"


def _failure(ended: BaseException | None) -> BaseException | None:
    """What counts as a failed run; ``sys.exit(0)`` is none."""
    return None if isinstance(ended, SystemExit) and ended.code in (None, 0) else ended


def _stop(recorder: Recorder, failed: BaseException | None) -> TraceOpsError | None:
    """End the recording; gives what is wrong with it, unless the program's own traceback tells of it."""
    try:
        recorder.stop(failed)
    except TraceOpsError as error:
        return error
    return recorder.misses[0] if isinstance(failed, SystemExit) and recorder.misses else None


def summary(recorder: Recorder, code: int) -> str:
    """The run in a line: what was recorded or replayed, and what it cost or saved."""
    counts = recorder.counts
    name = _files.shown(recorder.path or Path())
    parts = [
        f"{counts[what]} {what}" for what in ("replayed", "recorded", "missed", "unplayed") if counts[what]
    ]
    verdict: str = recorder.verdict
    if recorder.mode.known is Known.COMPARE:  # live, but nothing was recorded
        verdict = "DIFFERENT" if any(drift.fails for drift in recorder.drift) else "VERIFIED"
        parts = [part.replace("recorded", "compared") for part in parts]
    elif recorder.mode.unplayed is Unplayed.DROP and recorder.mode.writes and not code:
        parts = [part.replace("unplayed", "dropped") for part in parts]
    line = f"{verdict} {name}: {', '.join(parts) or 'no calls seen'}"
    spent, saved = recorder.cost_spent_usd, recorder.cost_saved_usd
    if counts["recorded"]:
        line += f", spent {_render.cost(spent)}"
    if counts["replayed"]:
        line += f", saved {_render.cost(saved)}"
    if code and counts["recorded"] and recorder.mode.writes:
        line += (
            f"\n  the program failed, so the cassette is as it was; to keep what was recorded all the same:"
            f"\n  replay validate --recover {name}"
        )
    return line
