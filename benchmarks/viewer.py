"""The viewer's page in a browser: how soon a run is there, how it scrolls, how large the page is."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import _agents
from benchmarks._report import Line, Row, alone
from benchmarks._scale import Scale
from benchmarks._timing import Sample
from trace_ops.viewer.page import page
from trace_ops.viewer.shelf import Shelf

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

TITLE = "The viewer"
HOW = """\
Runs of so many steps (agents of 40 turns, each call with all that was said before it, two tools side by
side after each), written into one file and opened from it by headless Chromium without a graphics card.
*Ready* is from navigation to the frame after the first rows are in the page, in a browser that was started
for it. Frames are those of 300 steps of scrolling: *by screens* goes evenly from the first row to the last,
so that every frame shows other rows; *by rows* goes 60 pixels a frame. Of each round the 95th percentile
counts. These are times of the clock on the wall, which other programs disturb; *work* is CPU time of the
page's own thread, until it is ready and for a frame."""

SIZES = (1_000, 10_000, 50_000)
EMPTY = 200_000
"""The largest that a page without data may be, in bytes."""
_READY = 1.0
_FRAME = 0.025
_ROUNDS = 5
_ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

_WATCH = """
new MutationObserver((_, watch) => {
  if (document.querySelector(".row") === null) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.ready = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
_SCROLL = """
async (pixels) => {
  const tree = document.querySelector(".tree");
  const whole = (tree.scrollHeight - tree.clientHeight) / 300;
  tree.scrollTop = 0;
  await new Promise(requestAnimationFrame);
  const taken = [];
  for (let last = performance.now(), step = 1; step <= 300; step++) {
    tree.scrollTop = step * (pixels ?? whole);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    taken.push(now - last);
    last = now;
  }
  return taken.sort((a, b) => a - b)[Math.floor(taken.length * 0.95)];
}
"""
_FILTER = """
async () => {
  const field = document.querySelector(".filter-field");
  const state = document.querySelector(".filter-state");
  const before = state.textContent;
  const began = performance.now();
  field.focus();
  document.execCommand("insertText", false, "berth");
  while (state.textContent === before) await new Promise(requestAnimationFrame);
  return performance.now() - began;
}
"""


@dataclass
class Seen:
    """What one size came to, a value a round, in seconds."""

    ready: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    screens: list[float] = field(default_factory=list)
    rows: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    found: list[float] = field(default_factory=list)


def run(scale: Scale) -> Iterator[Line]:
    """The empty page, then each size; nothing where there is no browser."""
    empty = len(files("trace_ops.viewer").joinpath("viewer.html").read_bytes())
    met = "yes" if empty < EMPTY else "**no**"
    yield Row("the page without data", f"{empty:,} B", goal=f"< {EMPTY:,} B", met=met)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        print(f"{TITLE}: not measured, there is no chromium or no playwright", file=sys.stderr)
        return
    with sync_playwright() as driver:
        launch = partial(_launched, driver, chromium)
        for size in SIZES:
            if size <= 10 * max(scale.cassettes):
                yield from _size(size, launch, scale.directory / f"run-{size}.html")


def _launched(driver: Playwright, binary: str) -> Browser:
    return driver.chromium.launch(executable_path=binary, args=_ARGUMENTS)


def _size(steps: int, launch: Any, path: Path) -> Iterator[Line]:
    trace = _agents.trace(steps)
    began = time.perf_counter()
    shelf = Shelf()
    shelf.add(trace, "run")
    path.write_bytes(b"".join(page(shelf.pieces("Benchmark"))))
    made = time.perf_counter() - began
    seen = Seen()
    for _ in range(_ROUNDS):
        _look(launch, path, seen)
    # At this size the page has to keep its promises; larger runs have to be usable.
    promised = steps <= 10_000
    name = f"{steps:,} steps"
    yield Row(f"{name}: file", f"{path.stat().st_size:,} B", "made in", f"{made:.2f} s")
    yield alone(f"{name}: ready", _sample(seen.ready), _READY if promised else None)
    yield alone(f"{name}: work until ready", _sample(seen.opened))
    yield alone(f"{name}: scrolling by screens", _sample(seen.screens), _FRAME if promised else None)
    yield alone(f"{name}: scrolling by rows", _sample(seen.rows), _FRAME if promised else None)
    yield alone(f"{name}: work for a frame, by screens", _sample(seen.work))
    yield alone(f"{name}: a text typed into the filter", _sample(seen.found))


def _sample(values: Sequence[float]) -> Sample:
    return Sample(tuple(values))


def _look(launch: Any, path: Path, seen: Seen) -> None:
    """Open the page in a browser of its own, once."""
    browser = launch()
    try:
        view = browser.new_page(viewport={"width": 1440, "height": 900})
        view.add_init_script(_WATCH)
        session = view.context.new_cdp_session(view)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        view.goto(path.as_uri(), wait_until="commit")
        while (ready := view.evaluate("window.ready ?? null")) is None:
            time.sleep(0.02)
        seen.ready.append(ready / 1000)
        seen.opened.append(_busy(session))
        view.wait_for_timeout(2500)  # until what was said is loaded as well
        before = _busy(session)
        seen.screens.append(view.evaluate(_SCROLL) / 1000)
        seen.work.append((_busy(session) - before) / 300)
        seen.rows.append(view.evaluate(_SCROLL, 60) / 1000)
        seen.found.append(view.evaluate(_FILTER) / 1000)
    finally:
        browser.close()


def _busy(session: Any) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))
