"""Take the pictures of the documentation anew: ``python -m scripts.pictures [DIRECTORY]``.

They go to docs/images by default. Needs ``.[dev]`` and a chromium. What is shown is recorded as anyone's
runs are, on a provider double.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scripts.pictures.followed import followed
from scripts.pictures.model import says
from tests.viewer.browser import Viewer, launched
from trace_ops.double import ProviderDouble, Status

ROOT = Path(__file__).parents[2]
SOURCES = Path(__file__).parent
CHANGED = "You plan weekends by train, and like night trains. Compare the weather first."
WIDTH = 1280
VIEWS = {
    "run": ("run.html", "#/run/{run}?span=13", 800),
    "new": ("run.html", "#/run/{run}?span=7&tab=new", 640),
    "stream": ("run.html", "#/run/{run}?span=13&tab=stream", 800),
    "compare": ("compare.html", "", 800),
    "session": ("session.html", "", 520),
    "library": ("library.html", "", 320),
}
"""Each picture: the page, the place in it, and how high it is, in pixels."""


def main() -> None:
    """Record, report, and take each view in light and in dark."""
    into = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    into.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as temporary:
        project = Path(temporary) / "weekend"
        project.mkdir()
        pages(project)
        with launched() as browser:
            for scheme in ("light", "dark"):
                for name, (page, place, height) in VIEWS.items():
                    picture(browser, project / page, place, scheme, height, into / f"{name}-{scheme}.png")
            with followed(project / "cassettes", project / "followed") as address:
                for scheme in ("light", "dark"):
                    app(browser, address, scheme, into / f"ui-{scheme}.png")


def pages(project: Path) -> None:
    """The pages that are shown, of a project with tests, before and after a change of its agent's prompt."""
    for name in ("trip", "suite"):
        shutil.copy(SOURCES / f"{name}.py", project / ("test_trip.py" if name == "suite" else f"{name}.py"))
    (project / "pytest.ini").write_text(
        "[pytest]\naddopts = -p no:cassetter -p no:recording -p no:xdist -p no:asyncio\n", "utf-8"
    )
    with provider() as environment:
        run(project, environment, "pytest", "-q", "--record", passes=True)
        shutil.copytree(project / "cassettes", project / "before")
        changed = {**environment, "TRIP_GUIDE": CHANGED}
        run(project, changed, "pytest", "-q", "--record", "--trace-report=html:session.html")
    sunny = next((project / "cassettes").rglob("*sunny*.yaml")).relative_to(project / "cassettes")
    run(project, environment, "replay", "report", f"before/{sunny}", "-o", "run.html")
    run(
        project,
        environment,
        "replay",
        "report",
        f"cassettes/{sunny}",
        "--compare",
        f"before/{sunny}",
        "-o",
        "compare.html",
    )
    run(project, environment, "replay", "report", "cassettes", "-o", "library.html")


@contextmanager
def provider() -> Iterator[dict[str, str]]:
    """A provider that is busy once; gives the environment in which the SDKs find it."""
    with ProviderDouble(author=says, event_delay=0.012) as double:
        double.fail(None, Status(429, headers={"retry-after-ms": "180"}))
        yield {
            **os.environ,
            "OPENAI_BASE_URL": double.openai_url,
            "ANTHROPIC_BASE_URL": double.url,
            "OPENAI_API_KEY": "unused",
            "ANTHROPIC_API_KEY": "unused",
            "NO_PROXY": "*",
            "CI": "",
            "PYTHONPATH": str(ROOT),
        }


def run(project: Path, environment: dict[str, str], *command: str, passes: bool = False) -> None:
    """Run a command of ours in the project."""
    module = {"pytest": "pytest", "replay": "trace_ops.cli"}[command[0]]
    done = subprocess.run(
        [sys.executable, "-m", module, *command[1:]], cwd=project, env=environment, check=passes
    )
    print(f"{' '.join(command)}: {done.returncode}")


def picture(browser: Any, page: Path, place: str, scheme: str, height: int, into: Path) -> None:
    """One view of a page."""
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": WIDTH, "height": height},
        reduced_motion="reduce",
        offline=True,
    )
    viewer = Viewer(context.new_page(), page).open()
    if place:
        key = viewer.press("j").hash.removeprefix("#/run/").partition("?")[0]
        viewer.open(place.format(run=key))
    viewer.settle().page.screenshot(path=into)
    context.close()
    print(into)


def app(browser: Any, address: str, scheme: str, into: Path) -> None:
    """The list of a folder that is followed."""
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": WIDTH, "height": 640}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(address)
    page.get_by_role("link", name="test_a_rainy_weekend").wait_for()
    page.screenshot(path=into)
    context.close()
    print(into)


if __name__ == "__main__":
    main()
