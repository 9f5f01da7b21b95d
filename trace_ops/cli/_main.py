"""The group of verbs, and how its errors and exit codes come about."""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from typing import IO, Any

import click

from trace_ops._version import __version__
from trace_ops.cli._terminal import tolerate
from trace_ops.errors import CassetteMissingError, TraceOpsError, UsageError

VERBS = {
    "check": "Check what recorded runs cost, which way they go, what they answer.",
    "costs": "Sum up what recorded calls cost, by model, test, day, provider.",
    "debug": "Step through a recorded run, forward and back in time.",
    "demo": "Record and replay a small agent, with no key and no network.",
    "diff": "Tell what changed between two cassettes, or two folders of them.",
    "export": "Write cassettes as JSON, as CSV, as examples for fine-tuning.",
    "inspect": "Show the steps of a recorded run, or one step in full.",
    "ls": "List cassettes: calls, tokens, cost, age.",
    "prune": "Delete cassettes that are old, or that no test uses.",
    "report": "Write runs into one HTML file to look at.",
    "run": "Record or replay any Python program.",
    "scrub": "Take secrets out of cassettes that were recorded before.",
    "stats": "Sum up cassettes: calls, tokens, models, tools, times.",
    "ui": "Look at the cassettes of a folder in the browser, as tests write them.",
    "validate": "Check cassettes, and recordings that did not come to their end.",
}
"""The verbs and their one-line help, so that ``replay --help`` need not load them."""

DIFFERENCE, USAGE = 1, 2
"""Exit codes: something differs, is broken or violated; the command line cannot be what was meant."""

_BROKEN_PIPE = 141
"""What a shell reports for a program that died of SIGPIPE, as ``cat`` and its like do."""


class _Told(click.ClickException):
    """An error of ours: its text, and no traceback."""

    def __init__(self, error: TraceOpsError) -> None:
        super().__init__(str(error))
        usage = isinstance(error, (CassetteMissingError, UsageError))
        self.exit_code = USAGE if usage else DIFFERENCE  # type: ignore[misc]

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"replay: {self.message}", file=file, err=file is None)


class _GoneReader(Exception):
    """Whoever read our output has enough."""


class _Verbs(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except TraceOpsError as error:
            raise _Told(error) from error
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise
            # Click would exit with 1, which means a difference here.
            raise _GoneReader from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = import_module(f"trace_ops.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.command(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="replay", message="TraceOps %(version)s")
def cli() -> None:
    """Record what an LLM agent does, replay it without a network, tell what changed.

    Exit codes: 0 clean, 1 a difference, a violation or something broken, 2 wrong usage.
    """


def main(args: list[str] | None = None) -> None:
    """Run ``replay`` and end the process."""
    tolerate(sys.stdout, sys.stderr)
    try:
        code = _run(args)
        sys.stdout.flush()
    except (_GoneReader, BrokenPipeError):
        # Nothing is to be flushed into the pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _BROKEN_PIPE
    sys.exit(code)


def _run(args: list[str] | None) -> Any:
    try:
        return cli.main(args, prog_name="replay", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Abort:
        click.echo("replay: interrupted", err=True)
        return 130
