"""The fixtures that are there in every run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from trace_ops.pytest_plugin.snapshot import TraceSnapshot
    from trace_ops.recorder import Recorder


@pytest.fixture(scope="session")
def trace_ops_config() -> Mapping[str, Any]:
    """Override this with a dict of cassette options (mode, match_on, ignore, ...) for many tests."""
    return {}


@pytest.fixture
def trace_cassette(request: pytest.FixtureRequest, trace_ops_config: Mapping[str, Any]) -> Iterator[Recorder]:
    """The cassette of this test: recorded on the first run, replayed after. Also known as ``cassette``."""
    from trace_ops.pytest_plugin.run import Run
    from trace_ops.pytest_plugin.session import current

    run = Run(request.node, current(request.config), trace_ops_config)
    yield run.start()
    run.finish()


@pytest.fixture
def trace_snapshot(request: pytest.FixtureRequest, trace_cassette: Recorder) -> Iterator[TraceSnapshot]:
    """The trajectory this test is to take: ``assert cassette.trace == trace_snapshot``."""
    from trace_ops.pytest_plugin.snapshot import snapshot_of

    yield from snapshot_of(request.node)
