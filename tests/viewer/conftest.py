"""Pages that are watched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.viewer.browser import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def show(chromium: Browser, tmp_path: Path) -> Iterator[Desk]:
    """Opens pages, and fails a test in which one of them complained or asked for anything."""
    desk = Desk(chromium, tmp_path)
    yield desk
    desk.close()
