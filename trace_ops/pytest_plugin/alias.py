"""The fixture under its usual name, registered unless another plugin has one of that name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from trace_ops.recorder import Recorder


@pytest.fixture
def cassette(trace_cassette: Recorder) -> Recorder:
    """The cassette of this test: recorded on the first run, replayed after."""
    return trace_cassette
