"""A folder of cassettes, and the real server over it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from tests.cli.samples import chat, refused, tool, write
from tests.ui.pages import Window
from trace_ops.ui.index import Index
from trace_ops.ui.server import application

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three runs and a file that is none."""
    folder = tmp_path / "cassettes"
    weather = tool(2, "get_weather", {"city": "Rome"}, "18 °C and sun")
    write(folder / "trip" / "test_sunny.yaml", chat(1, asked="Where is it warm?"), weather, name="")
    write(folder / "trip" / "test_busy.yaml", chat(1), refused(2, 429), name="test_busy")
    write(folder / "test_hello.yaml", chat(1, said="Hello, you!"), name="a greeting")
    (folder / "test_broken.yaml").write_text("version: 1\nspans: [\n", "utf-8")
    return folder


@pytest.fixture
def index(folder: Path) -> Index:
    index = Index(folder, "cassettes")
    read(index)
    return index


@pytest.fixture
def client(index: Index) -> Iterator[TestClient]:
    with TestClient(application(index), base_url="http://127.0.0.1:8000") as client:
        yield client


def read(index: Index) -> None:
    """Let an index look at its folder now, until all is read."""
    while index.refresh(at_once=True):
        pass


@contextmanager
def running(folder: Path, *options: str) -> Iterator[str]:
    """The server in a process of its own; gives its address, and ends it as a person does."""
    command = [sys.executable, "-m", "trace_ops.cli", "ui", str(folder), "--no-open", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", said)
        assert found is not None, said + (process.stderr.read() if process.stderr else "")
        yield found[0]
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=30)
        assert (process.returncode, complaints) == (0, "")
    finally:
        process.kill()
        process.wait()


Open = Callable[..., Window]


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Open]:
    """Opens a place of a server in a browser; what goes wrong in it fails the test at its end."""
    windows: list[Window] = []

    def opened(address: str, hash: str = "", size: tuple[int, int] = (1280, 800)) -> Window:
        context = chromium.new_context(
            reduced_motion="reduce", viewport={"width": size[0], "height": size[1]}
        )
        window = Window(context.new_page(), address)
        window.page.set_default_timeout(15_000)
        windows.append(window)
        return window.visit(hash)

    yield opened
    for window in windows:
        window.page.context.close()
    assert [trouble for window in windows for trouble in window.troubles] == []
