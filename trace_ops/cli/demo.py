"""``replay demo``: record, look, replay, miss, in a second and with nothing set up."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trace_ops._figures import count, duration
from trace_ops.cli import _demo, _render
from trace_ops.cli._excerpt import excerpt
from trace_ops.cli._terminal import stdout
from trace_ops.errors import ReplayError
from trace_ops.recorder import Recorder, Replayer

if TYPE_CHECKING:
    from rich.console import Console


_WIDEST = 100


@click.command("demo")
@click.option(
    "--keep", metavar="DIR", type=click.Path(file_okay=False), help="Keep cassette and agent in DIR."
)
def command(keep: str | None) -> None:
    """Record and replay a small agent, with no key and no network.

    The agent uses the real OpenAI SDK (or Anthropic's, if only that is installed). The provider is a
    double on this machine, and it is stopped before the replay.
    """
    agent = _demo.load_agent()
    console = stdout()
    console.width = min(console.width, _WIDEST)
    subtitle = f"a small agent on {agent.library}; the provider is a local double"
    _line(console, "TraceOps  ", "bold", subtitle, "dim")
    with _directory(keep) as directory:
        cassette = directory / "travel.yaml"
        cassette.unlink(missing_ok=True)
        _show(console, agent, cassette)
        if keep:
            shutil.copy(agent.source, directory / "agent.py")
    console.print()
    _next_steps(console, keep)


def _show(console: Console, agent: _demo.Agent, cassette: Path) -> None:
    double = _demo.provider()
    with double, _demo.environment(double, key="unused"):
        recorded = _demo.play(agent, Recorder(cassette))
    _section(console, 1, "Record")
    _conversation(console, agent, recorded)
    size = f"{cassette.stat().st_size / 1000:.1f} kB"
    _outcome(console, recorded, f"{_render.totals(recorded.recorder.trace)} → {cassette.name}, {size}")

    _section(console, 2, "The cassette: what a review sees")
    console.print(_render.syntax(excerpt(cassette.read_text("utf-8")), "yaml"))

    with _demo.environment(double, key=None):
        before = double.hits
        replayed = _demo.play(agent, Replayer(cassette))
        _section(console, 3, "Replay: provider stopped, no key")
        same = "same answer" if replayed.answer == recorded.answer else "ANOTHER ANSWER"
        facts = [
            f"{replayed.recorder.counts['replayed']} calls · {same}",
            f"{count(double.hits - before, 'request')} to the provider",
            f"{duration(replayed.ms)}, live {duration(recorded.ms)}",
            f"{_render.cost(replayed.recorder.cost_saved_usd)} saved",
        ]
        _outcome(console, replayed, " · ".join(facts))
        _section(console, 4, "One prompt changed: no old answer")
        _miss(console, agent, cassette)


def _conversation(console: Console, agent: _demo.Agent, run: _demo.Run) -> None:
    _line(console, "user   ", "dim", agent.question)
    for span in run.recorder.trace.of_kind("tool"):
        _line(console, "tool   ", "dim", f"{span.name}({span.input['city']}) → {span.output}", "magenta")
    lines = run.answer.split("\n")
    _line(console, "agent  ", "dim", lines[0])
    for line in lines[1:]:
        _line(console, "       ", "", line)


def _miss(console: Console, agent: _demo.Agent, cassette: Path) -> None:
    changed = agent.guide.replace("travel guide", "terse travel guide")
    try:
        _demo.play(agent, Replayer(cassette), guide=changed)
    except ReplayError as error:
        text = str(error).replace(str(cassette), cassette.name)
        _line(console, f"{type(error).__name__}: ", "bold red", text)
    else:
        raise click.ClickException("a changed prompt got an old answer")


def _section(console: Console, number: int, title: str) -> None:
    from rich.rule import Rule
    from rich.text import Text

    console.print()
    console.print(Rule(Text(f"{number} {title}", "bold"), align="left", style="dim"))


def _outcome(console: Console, run: _demo.Run, facts: str) -> None:
    _line(console, f"{run.recorder.verdict}  ", "bold green", facts)


def _line(console: Console, head: str, style: str, rest: str, rest_style: str = "") -> None:
    from rich.text import Text

    console.print(Text.assemble((head, style), (rest, rest_style)))


def _next_steps(console: Console, keep: str | None) -> None:
    if keep:
        cassette, agent = (shlex.quote(str(Path(keep, name))) for name in ("travel.yaml", "agent.py"))
        console.print(f"Kept in {keep}. Try:", style="dim")
        console.print(f"  replay inspect {cassette}", soft_wrap=True)
        console.print(f"  replay run --replay {cassette} -- {agent}", soft_wrap=True)
    else:
        console.print("In your code: Recorder and Replayer. In pytest: the fixture `cassette`.", style="dim")
        console.print("To keep what you saw: replay demo --keep DIR", style="dim")


@contextmanager
def _directory(keep: str | None) -> Iterator[Path]:
    if keep:
        Path(keep).mkdir(parents=True, exist_ok=True)
        yield Path(keep)
    else:
        with tempfile.TemporaryDirectory(prefix="replay-demo-") as directory:
            yield Path(directory)
