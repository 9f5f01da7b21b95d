"""A model to ask, and where a run is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from trace_ops.double import ProviderDouble


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "cassette.yaml"
