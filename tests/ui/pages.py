"""A page of the server that is open, watched for whatever goes wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.viewer.browser import Viewer

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Window(Viewer):
    """A page that may ask its own server, and nobody else."""

    def __init__(self, page: Page, address: str) -> None:
        self.address = address
        super().__init__(page, Path("/"))

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:")):
            self.troubles.append(f"request: {url}")

    def visit(self, hash: str = "") -> Window:
        """Load the page anew, at a place."""
        self.page.goto("about:blank")
        self.page.goto(self.address + hash)
        self.page.locator(".table, .row, .main, .problem").first.wait_for()
        return self

    @property
    def runs(self) -> list[str]:
        """The names in the list, in their order; of those that cannot be read, where they are."""
        return self.page.locator(".table tbody th a, .library-broken th").all_inner_texts()

    def shows(self, text: str) -> Window:
        """Wait until a text is there."""
        self.page.get_by_text(text).locator("visible=true").first.wait_for()
        return self
