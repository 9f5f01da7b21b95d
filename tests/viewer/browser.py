"""The packaged page in a real browser: opened from a file, offline, watched for whatever goes wrong."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from unittest.mock import patch

import pytest

from tests.viewer.pages import page as page_of
from tests.viewer.sample import Sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
ACTIONS = ("click", "dblclick", "fill", "focus", "hover", "press", "select_option", "set_checked", "type")
DRAWN = """() => new Promise((done) => {
    const frame = (left) => left ? requestAnimationFrame(() => setTimeout(frame, 0, left - 1)) : done();
    frame(3);
})"""
"""Until what an action sets off is drawn: what an event changes, what its effects change, the layout."""
AXE = Path(__file__).parents[2] / "viewer" / "node_modules" / "axe-core" / "axe.min.js"


def _then_drawn(act: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(act)
    def acts(locator: Locator, *args: Any, **kwargs: Any) -> Any:
        result = act(locator, *args, **kwargs)
        locator.page.evaluate(DRAWN)
        return result

    return acts


@contextmanager
def _actions_end_when_drawn() -> Iterator[None]:
    """Let what is done to an element last until the page shows it: no test can look too early."""
    from playwright.sync_api import Locator

    with ExitStack() as stack:
        for name in ACTIONS:
            stack.enter_context(patch.object(Locator, name, _then_drawn(getattr(Locator, name))))
        yield


@contextmanager
def launched() -> Iterator[Browser]:
    """Debian's chromium, or Chrome; without them, or without playwright, the test is skipped."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    binary = next(filter(None, found), None)
    if binary is None:
        pytest.skip("there is no chromium here")
    with playwright.sync_playwright() as driver, _actions_end_when_drawn():
        browser = driver.chromium.launch(executable_path=binary, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Viewer:
    """A page that is open."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page = page
        self.file = file
        self.troubles: list[str] = []
        page.on("console", lambda message: self.troubles.append(f"console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("request", lambda request: self._asked(request.url))
        page.on("dialog", lambda dialog: self.troubles.append(f"dialog: {dialog.message}"))

    def _asked(self, url: str) -> None:
        if url.partition("#")[0] != self.file.as_uri() and not url.startswith("data:"):
            self.troubles.append(f"request: {url}")

    def open(self, hash: str = "", *, wait: bool = True) -> Viewer:
        """Load the page anew, at a place, and wait until it shows something."""
        self.page.goto("about:blank")
        self.page.goto(self.file.as_uri() + hash)
        if wait:
            self.page.locator(".row, .tree-none, .main, .problem").first.wait_for()
            self.page.evaluate(DRAWN)  # it listens to keys once it is drawn
        return self

    def settle(self) -> Viewer:
        """Wait until nothing more is loaded or drawn."""
        self.until("document.querySelector('.waiting') === null")
        self.page.evaluate(
            """() => new Promise((done) => {
                let timer = setTimeout(done, 100);
                new MutationObserver(() => {
                    clearTimeout(timer);
                    timer = setTimeout(done, 100);
                }).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
            })"""
        )
        return self

    def until(self, expression: str) -> Viewer:
        """Wait until something holds; the page itself evaluates no text."""
        for _ in range(300):
            if self.page.evaluate(expression):
                return self
            self.page.wait_for_timeout(50)
        raise AssertionError(f"it never holds that {expression}")

    def press(self, *keys: str) -> Viewer:
        """Press keys, one after the other, each when what the one before it did is drawn."""
        for key in keys:
            self.page.keyboard.press(key)
            self.page.evaluate(DRAWN)
        return self

    def type(self, text: str) -> Viewer:
        """Type a text where the cursor is."""
        self.page.keyboard.type(text)
        self.page.evaluate(DRAWN)
        return self

    def back(self) -> Viewer:
        """Go back to the place before."""
        self.page.go_back()
        self.page.evaluate(DRAWN)
        return self

    @property
    def hash(self) -> str:
        """What the address says, as soon as it is written."""
        self.page.wait_for_timeout(200)
        return str(self.page.evaluate("decodeURIComponent(location.hash)"))

    @property
    def selected(self) -> str | None:
        """The name of the row that the reader is on."""
        row = self.page.locator('.row[aria-selected="true"]')
        return row.locator(".row-label").inner_text() if row.count() else None

    @property
    def rows(self) -> list[str]:
        """The rows in their order: a dot a level, the name, how often."""
        return list(
            self.page.evaluate(
                """() => [...document.querySelectorAll('.row')]
                    .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
                    .map((row) => '.'.repeat(row.ariaLevel - 1) + row.querySelector('.row-label').textContent
                        + (row.querySelector('.row-times')?.textContent.replace('× ', ' x') ?? ''))"""
            )
        )

    def figure(self, name: str) -> str:
        """A figure of the header."""
        stat = self.page.locator(".stat", has=self.page.locator("dt", has_text=name)).first
        return stat.locator("dd").inner_text().replace("\n", " ")

    def times(self) -> list[float]:
        """The times between which the waterfall stands, when it stands still."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        canvas = self.page.locator(".tree-head canvas")
        for _ in range(40):
            said = canvas.get_attribute("data-times")
            if said:
                return [float(part) for part in said.split("-")]
            self.page.wait_for_timeout(50)
        raise AssertionError("the axis does not come to rest")

    def button(self, name: str, *, exact: bool = False) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact)

    def accessible(self) -> list[str]:
        """What axe finds wrong."""
        if not AXE.is_file():
            pytest.skip("axe-core is not installed: npm ci in viewer/")
        self.page.evaluate(AXE.read_text("utf-8"))
        result: Any = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {node['html'][:120]} {node['failureSummary'][:300]}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]


class Desk:
    """Opens pages; what went wrong in any of them fails the test at its end."""

    def __init__(self, browser: Browser, directory: Path) -> None:
        self._browser = browser
        self._directory = directory
        self._viewers: list[Viewer] = []

    def __call__(
        self,
        *samples: Sample,
        hash: str = "",
        scheme: Literal["light", "dark"] = "light",
        size: tuple[int, int] = (1440, 900),
        motion: Literal["reduce", "no-preference"] = "reduce",
        html: str | None = None,
        offline: bool = True,
        wait: bool = True,
        **head: Any,
    ) -> Viewer:
        """Open a page with these runs."""
        file = self._directory / f"page{len(self._viewers)}.html"
        file.write_text(page_of(*samples, **head) if html is None else html, "utf-8")
        context = self._browser.new_context(
            offline=offline,
            color_scheme=scheme,
            reduced_motion=motion,
            viewport={"width": size[0], "height": size[1]},
        )
        viewer = Viewer(context.new_page(), file)
        viewer.page.set_default_timeout(15_000)
        self._viewers.append(viewer)
        return viewer.open(hash, wait=wait)

    def close(self) -> None:
        """Close all pages, and say what went wrong in them."""
        for viewer in self._viewers:
            viewer.page.context.close()
        assert [trouble for viewer in self._viewers for trouble in viewer.troubles] == []
