"""The tree of a run in the app: only the rows that are in sight are drawn, however many there are."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from trace_ops.cli.stepping.entries import Entry
from trace_ops.cli.stepping.row_line import line
from trace_ops.cli.stepping.session import Session
from trace_ops.cli.stepping.stepper import Stepper


class StepList(ScrollView, can_focus=False):
    """The rows of a stepper; the one it stands at is kept in sight."""

    class Picked(Message):
        """A row was clicked."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self, session: Session, at: Stepper) -> None:
        super().__init__()
        self._session = session
        self._at = at

    def follow(self) -> None:
        """Show how things stand after a move."""
        rows = self._at.rows()
        self.virtual_size = Size(0, len(rows))
        place = self._at.row_number()
        if place is not None:
            self.scroll_to_region(Region(0, place, 1, 1), animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of the screen."""
        width = self.scrollable_content_region.width
        rows, number = self._at.rows(), y + self.scroll_offset.y
        if number >= len(rows):
            return Strip.blank(width, self.rich_style)
        row = rows[number]
        text = line(self._session, self._at, row, width)
        segments = [segment for segment in text.render(self.app.console) if segment.text]
        strip = Strip(Segment.apply_style(segments, self.rich_style))
        return strip.adjust_cell_length(width, self.rich_style + Style())

    def on_click(self, event: events.Click) -> None:
        """Go to the row that is clicked."""
        rows, number = self._at.rows(), event.y + self.scroll_offset.y
        if number < len(rows):
            self.post_message(self.Picked(rows[number].entry))
