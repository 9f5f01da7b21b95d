"""What one can tell the stepper: one table for the keys of the app and the commands of the plain shell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

View = Literal["new", "messages", "raw", "diff"]
VIEWS: tuple[View, ...] = get_args(View)

Name = Literal[
    "forward", "back", "first", "last", "go", "search", "match", "match_back", "error", "error_back",
    "same", "same_back", "call", "call_back", "parent", "difference", "view",
    "down", "up", "fold", "page_down", "page_up", "help", "quit",
]  # fmt: skip


@dataclass(frozen=True)
class Command:
    """A command: its letter, further keys of the app by Textual's names, what it does.

    ``takes`` names what it is told beyond that; one without a letter is of the app alone.
    """

    name: Name
    letter: str
    what: str
    takes: str = ""
    keys: tuple[str, ...] = ()


COMMANDS: tuple[Command, ...] = (
    Command("forward", "n", "next event in time; among differences, the next one", keys=("right",)),
    Command("back", "p", "the one before", keys=("left",)),
    Command("first", "<", "first event", keys=("home",)),
    Command("last", ">", "last event", keys=("end",)),
    Command("go", "g", "go to a step by its number", "N"),
    Command("down", "", "next row of the tree", keys=("down", "j")),
    Command("up", "", "row above", keys=("up", "k")),
    Command("fold", "", "open or close what runs in the step", keys=("enter", "space")),
    Command("parent", "u", "the step that this one runs in"),
    Command("call", "t", "next model call"),
    Command("call_back", "T", "model call before"),
    Command("error", "e", "next error"),
    Command("error_back", "E", "error before"),
    Command("same", "s", "next of the same name"),
    Command("same_back", "S", "one of the same name before"),
    Command("search", "/", "search for a text, or by a filter such as is:error tool:search*", "TEXT"),
    Command("match", "m", "next match"),
    Command("match_back", "M", "match before"),
    Command("view", "v", "next view: what is new, all messages, raw, difference", "[VIEW]", keys=("tab",)),
    Command("difference", "d", "what differs from the other run, with --compare"),
    Command("page_down", "", "further down in the step", keys=("pagedown",)),
    Command("page_up", "", "further up in the step", keys=("pageup",)),
    Command("help", "?", "these commands"),
    Command("quit", "q", "quit"),
)  # fmt: skip

BY_LETTER = {command.letter: command for command in COMMANDS if command.letter}
