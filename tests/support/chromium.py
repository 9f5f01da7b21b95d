"""One browser for all tests of a worker: a process can have only one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser."""
    from tests.viewer.browser import launched

    with launched() as browser:
        yield browser
