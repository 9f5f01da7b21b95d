"""The app of ``replay debug``, driven by keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

pytest.importorskip("textual", reason="the app of replay debug needs Textual")

from textual.pilot import Pilot
from textual.widgets import Input, RichLog, Static

from tests.cli.samples import tool
from tests.cli.stepping.runs import hostile, trace, weather, with_another_tool
from tests.cli.stepping.test_plain import HOSTILE
from trace_ops import filters
from trace_ops.cli.stepping.app import Debugger, Help
from trace_ops.cli.stepping.commands import COMMANDS
from trace_ops.cli.stepping.session import Session
from trace_ops.cli.stepping.step_list import StepList
from trace_ops.diff import diff_traces
from trace_ops.trace import Span


@dataclass
class Screen:
    """What is on the screen, as text."""

    app: Debugger
    pilot: Pilot[Any]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*("space" if char == " " else char for char in text), "enter")

    @property
    def status(self) -> str:
        return str(self.app.query_one("#status", Static).render())

    @property
    def head(self) -> str:
        return str(self.app.query_one("#head", Static).render())

    @property
    def tabs(self) -> list[str]:
        return [word for word in str(self.app.query_one("#tabs", Static).render()).split() if word.isalpha()]

    @property
    def pane(self) -> str:
        return "\n".join(line.text.rstrip() for line in self.app.query_one(RichLog).lines)

    @property
    def rows(self) -> list[str]:
        steps = self.app.query_one(StepList)
        lines = (steps.render_line(y).text.rstrip() for y in range(steps.size.height))
        return [line for line in lines if line]


@asynccontextmanager
async def opened(
    spans: list[Span],
    old: list[Span] | None = None,
    wanted: str | None = None,
    size: tuple[int, int] = (110, 30),
) -> AsyncIterator[Screen]:
    run = trace(spans)
    diff = None if old is None else diff_traces(trace(old), run)
    session = Session(run, diff, None if wanted is None else filters.parse(wanted))
    app = Debugger("weather.yaml", session)
    async with app.run_test(size=size) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        yield Screen(app, pilot)


async def test_the_run_is_there_as_a_tree_with_its_first_step() -> None:
    async with opened(weather()) as screen:
        assert "weather  weather.yaml  3 LLM calls" in str(screen.app.query_one("#title", Static).render())
        assert [" ".join(row.split()) for row in screen.rows] == [
            "▾ 1 ◆ forecaster Σ 24 → 10 $0.00025 900 ms",
            "2 ● gpt-5 12 → 5 $0.00013 200 ms",
            "3 ■ look 100 ms",
            "4 ● gpt-5 12 → 5 $0.00013 300 ms",
            "5 ● gpt-5 50 ms",
        ]
        assert screen.head.startswith("1 agent forecaster")
        assert "input: Where does it rain?" in screen.pane
        assert "output" not in screen.pane
        assert screen.status == "step 1 of 5 begins · at 0 ms · 0 tokens · $0.00"
        assert screen.tabs == ["new", "messages", "raw"]


async def test_keys_step_through_time_and_by_what_steps_are() -> None:
    async with opened(weather()) as screen:
        seen = []
        for key in ("n", "right", "p", "left", "t", "e", "u", "end", "home", "down", "j", "k", "E"):
            await screen.press(key)
            seen.append(screen.app.at.span.id)
        assert seen == [2, 3, 2, 1, 2, 5, 5, 5, 1, 2, 3, 2, 2]
        assert screen.status.startswith("no error before this  step 2 of 5")
        assert "✗ gpt-5" in screen.rows[-1]


async def test_what_has_not_happened_yet_stands_back() -> None:
    async with opened(weather()) as screen:
        await screen.press("n", "n")
        steps = screen.app.query_one(StepList)
        pale = [
            any(part.style and part.style.dim and "●" in part.text for part in steps.render_line(y))
            for y in (1, 3, 4)
        ]
        assert pale == [False, True, True]
        # Nothing has failed yet.
        assert "✗" not in screen.rows[-1]


async def test_views_show_what_is_new_all_messages_and_the_wire() -> None:
    async with opened(weather()) as screen:
        await screen.press("n", "n", "n")
        assert screen.pane.splitlines() == ["  goes on from step 2", "  tool: rainy", "  assistant: In Oslo."]
        await screen.press("v")
        assert '  assistant: calls look {"at": "Oslo"}\n  tool: rainy' in screen.pane
        await screen.press("3")
        assert "POST /chat/completions" in screen.pane
        await screen.press("tab")
        assert "goes on from step 2" in screen.pane
        await screen.press("d")
        assert screen.status.startswith("there is nothing to compare with")


async def test_a_step_can_be_gone_to_by_number() -> None:
    async with opened(weather()) as screen:
        await screen.press("g")
        assert screen.app.query_one(Input).display
        await screen.type("4")
        assert not screen.app.query_one(Input).display
        assert screen.head.startswith("4 gpt-5")
        await screen.press("g")
        await screen.type("44")
        assert screen.status.startswith("there is no step 44; they run from 1 to 5")


async def test_a_search_takes_letters_that_are_keys_and_goes_on_by_m() -> None:
    async with opened(weather()) as screen:
        await screen.press("slash")
        await screen.type("rainy")
        assert screen.app.at.span.id == 3
        await screen.press("m")
        assert screen.app.at.span.id == 4
        await screen.press("slash", "q", "escape", "M")
        assert screen.app.at.span.id == 3
        await screen.press("slash")
        await screen.type("kind:nothing")
        assert "nothing" in screen.status


async def test_rows_open_and_close_by_key_and_by_click() -> None:
    async with opened(weather()) as screen:
        await screen.press("enter")
        assert [row.split()[1] for row in screen.rows] == ["1", "●"]
        await screen.press("space")
        assert len(screen.rows) == 5
        await screen.pilot.click(StepList, offset=(5, 3))
        assert screen.app.at.span.id == 4
        await screen.pilot.click(StepList, offset=(5, 20))
        assert screen.app.at.span.id == 4
        await screen.pilot.click(StepList, offset=(5, 0))
        await screen.pilot.click(StepList, offset=(5, 0))
        assert len(screen.rows) == 2


async def test_differences_are_marked_and_gone_through() -> None:
    async with opened(with_another_tool(), old=weather()) as screen:
        assert [row.split()[0] for row in screen.rows] == ["~", "2", "≠", "+", "~", "6"]
        assert "1 difference, which only follows; d shows it" in screen.head
        await screen.press("d", "n")
        assert screen.tabs == ["new", "messages", "raw", "difference"]
        assert screen.pane.splitlines() == ["tool result changed", "  - rainy", "  + rainy all day"]
        assert "difference 1 of 1" in screen.status
        added = screen.app.query_one(RichLog).lines[2]
        assert [part.text for part in added if part.style is not None and part.style.reverse] == [" all day"]


async def test_a_step_that_is_gone_is_there_to_be_looked_at() -> None:
    async with opened(weather(), old=with_another_tool()) as screen:
        await screen.press("j", "j", "j")
        assert screen.rows[3].split()[0] == "-"
        assert "only in the other run" in screen.head
        assert "output: dry" in screen.pane


async def test_only_what_is_asked_for_is_stepped_through() -> None:
    async with opened(weather(), wanted="kind:tool") as screen:
        assert screen.status.startswith("step 3 of 5 · 1 of 1 shown")
        assert len(screen.rows) == 2


async def test_help_tells_every_key_and_goes_away() -> None:
    async with opened(weather(), size=(100, 50)) as screen:
        await screen.press("question_mark")
        assert isinstance(screen.app.screen, Help)
        shown = str(screen.app.screen.query_one(Static).render())
        assert [command.what for command in COMMANDS if command.what not in shown] == []
        await screen.press("escape", "n")
        assert screen.app.at.span.id == 2


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_it_ends(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = []
    async with opened(weather()) as screen:
        with monkeypatch.context() as patched:
            patched.setattr(screen.app, "exit", lambda: ended.append(key))
            await screen.press(key)
    assert ended == [key]


async def test_a_narrow_terminal_has_the_panes_above_each_other() -> None:
    async with opened(weather(), size=(60, 24)) as screen:
        steps, pane = screen.app.query_one(StepList), screen.app.query_one(RichLog)
        assert steps.region.bottom <= pane.region.y
        assert pane.region.x == steps.region.x


@pytest.mark.parametrize(
    "text", [HOSTILE, "[@click=app.bell]x[/]", "\ud800", "a" * 5000, "宽" * 500, "\n" * 99]
)
async def test_what_was_recorded_is_text_and_nothing_else(text: str) -> None:
    run = hostile(text)
    async with opened(run, old=hostile(f"other {text}")) as screen:
        for key in ("n", "n", "n", "v", "p", "p", "v", "n", "n", "d", "n", "n", "question_mark", "escape"):
            await screen.press(key)
            shown = "".join((*screen.rows, screen.head, screen.pane, screen.status))
            assert all(char.isprintable() or char == "\n" for char in shown)
            assert not any(part.style and part.style.meta for y in range(4) for part in _line(screen, y))
        assert screen.app.at.view == "diff"


async def test_a_long_run_is_drawn_where_it_is_looked_at() -> None:
    run = [Span(1, "agent", "boss", ms=1e6)]
    run += [tool(number, "look", {"n": number}, "x" * 50, parent=1) for number in range(2, 10_001)]
    async with opened(run) as screen:
        await screen.press("end")
        last = screen.app.at.span.id
        await screen.press("g")
        await screen.type("7777")
        steps = screen.app.query_one(StepList)
        assert last in (1, 10_000)
        assert steps.virtual_size.height == 10_000
        assert any(row.split()[0] == "7777" for row in screen.rows)
        assert '"n": 7777' in screen.pane


def _line(screen: Screen, y: int) -> list[Any]:
    return list(screen.app.query_one(StepList).render_line(y))
