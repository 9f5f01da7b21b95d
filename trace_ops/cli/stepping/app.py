"""The app: the tree of a run, the step that is looked at, and where one stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, RichLog, Static

from trace_ops.cli import _render
from trace_ops.cli._header import title
from trace_ops.cli.stepping.commands import COMMANDS, VIEWS, Command
from trace_ops.cli.stepping.row_line import ICONS
from trace_ops.cli.stepping.session import Session
from trace_ops.cli.stepping.step_list import StepList

_HINT = " n next  p back  e error  t call  / search  v view  ? help  q quit"
_NAMES = {"new": "new", "messages": "messages", "raw": "raw", "diff": "difference"}
# Textual has names for what is no letter.
_KEYS = {"<": "less_than_sign", ">": "greater_than_sign", "/": "slash", "?": "question_mark"}
_KINDS = {"llm": "model call", "custom": "step"}
_SHOWN = {"right": "→", "left": "←", "down": "↓", "up": "↑", "pagedown": "Page ↓", "pageup": "Page ↑"}


def _bound() -> Iterator[tuple[str, str]]:
    """All keys by Textual's names, and the commands they carry out."""
    for command in COMMANDS:
        letter = [_KEYS.get(command.letter, command.letter)] if command.letter else []
        yield from ((key, command.name) for key in (*letter, *command.keys))


class Help(ModalScreen[None]):
    """What the keys do."""

    BINDINGS: ClassVar = [("escape,question_mark,q,enter", "dismiss", "back")]

    def compose(self) -> ComposeResult:
        """A table of all keys."""
        text = Text()
        for command in COMMANDS:
            text.append(f"{_keys_of(command):>18}  ", "bold").append(f"{command.what}\n")
        text.append(f"{'1 to 4':>18}  ", "bold").append("a view by its number\n")
        text.append(f"{'Esc':>18}  ", "bold").append("back\n\n")
        for kind, icon in ICONS.items():
            text.append(icon, _render.STYLES[kind]).append(f" {_KINDS.get(kind, kind)}  ")
        text.append("\n✗", "bold red").append(" failed\nwith --compare: ≠ differs  ~ follows from that  ")
        text.append("+ only in this run  - only in the other")
        with VerticalScroll():
            yield Static(text, markup=False)


class Debugger(App[None]):
    """Steps through a run."""

    TITLE = "replay debug"
    AUTO_FOCUS = None
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - so Textual declares it
    BINDINGS: ClassVar = [
        # At once, so that what is typed after a key that asks is taken for what is asked.
        *(Binding(key, f"do('{name}')", priority=True) for key, name in _bound()),
        *(
            Binding(str(number), f"do('view', '{view}')", priority=True)
            for number, view in enumerate(VIEWS, 1)
        ),
        Binding("ctrl+c", "quit", priority=True),
        Binding("escape", "leave"),
    ]
    CSS_PATH = "app.tcss"

    def __init__(self, path: str, session: Session) -> None:
        super().__init__()
        self._path = path
        self._session = session
        self.at = session.stepper()
        self.ready = False
        self._asking = "search"
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        """All panes."""
        yield Static(
            Text(title(self._path, self._session.trace), no_wrap=True, overflow="ellipsis"), id="title"
        )
        with Horizontal(id="panes"):
            yield StepList(self._session, self.at)
            with Vertical(id="step"):
                yield Static(id="head")
                yield Static(id="tabs")
                log = RichLog(wrap=True, markup=False, highlight=False, auto_scroll=False, min_width=1)
                log.can_focus = False
                yield log
        yield Static(id="status")
        yield Input(id="ask")
        yield Static(Text(_HINT, no_wrap=True, overflow="ellipsis"), id="hint")

    def on_mount(self) -> None:
        """Draw what is known, and read the calls meanwhile: of a long run that takes seconds."""
        self._draw()
        self._read()

    @work(thread=True, exit_on_error=True)
    def _read(self) -> None:
        self._session.prepare()
        self.call_from_thread(self._has_read)

    def _has_read(self) -> None:
        self.ready = True
        self._draw()

    def on_resize(self) -> None:
        """Lay out texts anew."""
        self._drawn = None
        self.call_after_refresh(self._draw)

    def on_step_list_picked(self, message: StepList.Picked) -> None:
        """Go where was clicked; a second click opens or closes."""
        if message.entry is self.at.entry:
            self.at.fold()
        else:
            self.at.select(message.entry)
        self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key is a command now, or what is typed."""
        return action != "do" or not (isinstance(self.screen, Help) or self.query_one("#ask").display)

    def action_do(self, name: str, told: str = "") -> None:
        """Carry out a command by its name."""
        if name == "quit":
            self.exit()
        elif name == "help":
            self.push_screen(Help())
        elif name in ("page_down", "page_up"):
            log = self.query_one(RichLog)
            log.scroll_page_down(animate=False) if name == "page_down" else log.scroll_page_up(animate=False)
        elif name in ("go", "search"):
            self._ask(name)
        elif name.startswith("match") and not self.ready:
            self._note("still reading what was said")
        else:
            self.at.do(name, told)  # type: ignore[arg-type]  # by COMMANDS
            self._draw()

    def action_leave(self) -> None:
        """Stop asking; else forget what was said of the last move."""
        self.query_one("#ask").display = False
        self.screen.set_focus(None)
        self.at.note = ""
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Do what was asked for."""
        told = event.value
        self.action_leave()
        if self._asking == "search" and not self.ready:
            self._note("still reading what was said")
            return
        self.at.do("search" if self._asking == "search" else "go", told)
        self._draw()

    def _ask(self, name: str) -> None:
        ask = self.query_one("#ask", Input)
        self._asking = name
        ask.placeholder = "a text, or a filter: is:error tool:search*" if name == "search" else "step"
        ask.value = ""
        ask.display = True
        self.screen.set_focus(ask)

    def _note(self, note: str) -> None:
        self.at.note = note
        self._draw()

    def _draw(self) -> None:
        self.query_one(StepList).follow()
        status = Text(self.at.status(), no_wrap=True, overflow="ellipsis")
        if self.at.note:
            status = Text(f"{_render.one_line(self.at.note)}  ", "bold yellow", no_wrap=True) + status
        self.query_one("#status", Static).update(status)
        self._draw_tabs()
        drawn = (self.at.place, self.ready)
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw_step()

    def _draw_tabs(self) -> None:
        tabs = Text(no_wrap=True, end="")
        for number, view in enumerate(VIEWS if self.at.compared else VIEWS[:-1], 1):
            style = "bold reverse" if view == self.at.view else "dim"
            tabs.append(f" {number} {_NAMES[view]} ", style).append(" ")
        self.query_one("#tabs", Static).update(tabs)

    def _draw_step(self) -> None:
        head = _render.headline(self.at.span, self._session.beneath(self.at.entry))
        head.no_wrap, head.overflow = False, "fold"
        for remark in self._session.remarks(self.at):
            head.append(f"\n{remark}", "yellow")
        self.query_one("#head", Static).update(head)
        log = self.query_one(RichLog)
        log.clear()
        if self.ready:
            for part in self._session.pane(self.at):
                log.write(part, scroll_end=False)
        else:
            log.write(Text("  reading what was said …", "dim"))
        log.scroll_home(animate=False)


def _keys_of(command: Command) -> str:
    keys = [command.letter] if command.letter else []
    return " ".join(
        [*keys, *(_SHOWN.get(key, key.capitalize() if len(key) > 1 else key) for key in command.keys)]
    )
