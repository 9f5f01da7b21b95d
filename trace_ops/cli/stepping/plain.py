"""The plain shell: reads commands line by line, and prints where they lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from trace_ops.cli import _render
from trace_ops.cli.stepping.commands import BY_LETTER, Command
from trace_ops.cli.stepping.session import Session
from trace_ops.cli.stepping.stepper import Stepper

if TYPE_CHECKING:
    from typing import TextIO

    from rich.console import Console

_PROMPT = "replay> "


def run(session: Session, console: Console, commands: TextIO, prompts: bool) -> None:
    """Carry out commands, one a line, until ``q`` or the end of them; an empty line is ``n``."""
    at = session.stepper()
    _show(session, at, console)
    for line in _lines(console, commands, prompts):
        command, told = _read(line)
        if command is None:
            _note(console, f"no command {line.strip()!r}; ? lists them")
        elif command.name == "quit":
            return
        elif command.name == "help":
            _help(console)
        else:
            before = at.place
            at.do(command.name, told)
            if at.note:
                _note(console, at.note)
            if not at.note or at.place != before:
                _show(session, at, console)


def _lines(console: Console, commands: TextIO, prompts: bool) -> Iterator[str]:
    while True:
        if prompts:
            console.print(_PROMPT, end="")
            console.file.flush()
        line = commands.readline()
        if not line:
            return
        yield line


def _read(line: str) -> tuple[Command | None, str]:
    """The command of a line, and what it is told; a number alone is a step to go to."""
    text = line.strip()
    if not text:
        return BY_LETTER["n"], ""
    if text.isdecimal():
        return BY_LETTER["g"], text
    command, told = BY_LETTER.get(text[0]), text[1:]
    # `next` is none of ours, `g12` and `/text` are.
    if command is not None and told and not command.takes:
        return None, ""
    return command, told.strip()


def _show(session: Session, at: Stepper, console: Console) -> None:
    from rich.text import Text

    console.print()
    console.print(_render.headline(at.span, session.beneath(at.entry)))
    for line in session.remarks(at):
        console.print(Text(f"  {line}", "dim"))
    for part in session.pane(at):
        console.print(part)
    console.print(Text(at.status(), "dim"))


def _note(console: Console, note: str) -> None:
    from rich.text import Text

    console.print(Text(_render.one_line(note), "yellow"))


def _help(console: Console) -> None:
    from rich.text import Text

    for command in BY_LETTER.values():
        told = f"{command.letter} {command.takes}".rstrip()
        console.print(Text(f"  {told:<9}{command.what}"))
    console.print(Text("  an empty line is n, a number alone goes to that step", "dim"))
