"""What a run has collected: the tests that use cassettes, and whether tests were left out."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from typing import Any

import pytest

from trace_ops.pytest_plugin import options, paths, takes

FIXTURE, ALIAS, SNAPSHOT = "trace_cassette", "cassette", "trace_snapshot"


class Collected:
    """The tests of a run, gathered by hooks as pytest collects them."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self._selected: bool | None = None
        self._count = 0
        self._items: list[pytest.Item] = []
        self._deselected: list[pytest.Item] = []
        self._uncollected: list[str] = []
        self._users: dict[str, int] | None = None
        self._snapshots: list[str] = []
        self._directories: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        """Keep what a collector holds, selected or not, for names that do not depend on it."""
        report = yield
        collector.stash[paths.SIBLINGS] = report.result
        if not report.passed:
            self._uncollected.append(collector.nodeid)
        if report.failed:
            self._selected = True
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Count before anything is taken out."""
        self._count = len(items)

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """Keep what does not run: its cassettes are in use all the same."""
        self._deselected += items

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what runs, and whether that is all."""
        self._items = session.items
        if len(self._items) < self._count:
            self._selected = True

    # Methods: pytest before 8.3 looks at every attribute of a plugin, and would ask before there are tests.

    def is_partial(self) -> bool:
        """Whether the run leaves tests of the project out."""
        if self._selected is None:
            from trace_ops.pytest_plugin.selection import leaves_tests_out

            self._selected = leaves_tests_out(self.config)
        return self._selected

    def users(self) -> dict[str, int]:
        """How many tests use each cassette that is known to be used, run or not."""
        if self._users is None:
            self._users = {}
            for item in (*self._items, *self._deselected):
                if wanted_by(item):
                    self._directories.add(os.fspath(paths.directory_of(item)))
                    if SNAPSHOT in item.fixturenames:  # type: ignore[attr-defined]
                        self._snapshots.append(os.path.abspath(paths.snapshot_path(item)))
                    first = paths.cassette_path(item, options.marker_path(item))
                    for path in map(os.path.abspath, takes.cassettes_of(item, first)):
                        self._users[path] = self._users.get(path, 0) + 1
        return self._users

    def told(self) -> dict[str, Any]:
        """All of it as plain data, for the controller."""
        users = self.users()
        if not paths.beside_tests(self.config):
            self._directories.add(os.fspath(self.config.rootpath / paths.cassette_directory(self.config)))
        return {
            "partial": self.is_partial(),
            "users": users,
            "snapshots": self._snapshots,
            "uncollected": self._uncollected,
            "directories": sorted(self._directories),
        }


def wanted_by(item: pytest.Item) -> bool:
    """Whether a test wants a recorder: by a fixture or a marker."""
    names = getattr(item, "fixturenames", ())
    return FIXTURE in names or ALIAS in names or marked(item)


def marked(item: pytest.Item) -> bool:
    """Whether a marker of a test wants a recorder."""
    return any(item.get_closest_marker(name) is not None for name in options.RECORDING_MARKERS)
