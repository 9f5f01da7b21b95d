"""Collect what the tests that pass tell of the libraries that are installed.

``--support NAME`` compares a run, by the name of its environment, with what ``docs/providers.json`` says of
it, and fails where something that is claimed was not shown; with ``--support-write`` the run is what the file
says from then on.
"""

from __future__ import annotations

import inspect
import platform
import re
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pytest

from tests.support import data
from tests.support.rows import ROWS, told_by

_AWAITS = re.compile(r"\bawait |asyncio\.run\(|\basync (?:with|for) |run_async|is_async")
_KEY = "support"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("support", "what docs/providers.md says")
    group.addoption("--support", metavar="NAME", help="compare the run with what is said of this environment")
    group.addoption("--support-write", action="store_true", help="say what this run shows")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--support") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collected(config), "support-collected")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tell of each test whether it awaits: by its name, or by its source."""
    function = getattr(item, "function", None)
    if function is not None:
        item.user_properties.append((_KEY, _is_async(item.nodeid, function)))


def _is_async(test: str, function: Any) -> bool:
    name = test.partition("[")[2]
    if re.search(r"test_conformance|test_litellm\.py.*test_outcome", test):
        return bool(re.search(r"async|trio|gather|tool_runner_streamed", name))
    if re.match(r"(?:a(?:invoke|stream|batch|stream_events)\b)", name):
        return True
    if re.match(r"(?:invoke|stream|batch)\b", name):
        return False
    return inspect.iscoroutinefunction(function) or bool(_AWAITS.search(inspect.getsource(function)))


class Collected:
    """What the tests of a run told."""

    def __init__(self, config: pytest.Config) -> None:
        self._config, self._name = config, str(config.getoption("--support"))
        self._passed: dict[str, Counter[str]] = {}
        self._lost: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" or not report.passed:
            return
        is_async = dict(report.user_properties).get(_KEY)
        for row, columns in told_by(report.nodeid, bool(is_async)):
            told = self._passed.setdefault(row.distribution, Counter())
            told.update([data.TESTS, *columns])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        part = self._part()
        if self._config.getoption("--support-write"):
            data.write({**data.read(), self._name: part})
        elif not self._config.option.keyword and exitstatus == 0:
            self._lost = data.lost(data.read().get(self._name), part)
            if self._lost:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _part(self) -> data.Part:
        rows = {
            row.distribution: data.Shown(version=known, passed=dict(sorted(told.items())))
            for row in ROWS
            if (told := self._passed.get(row.distribution)) and (known := _version(row.distribution))
        }
        return data.Part(python=".".join(platform.python_version_tuple()[:2]), shown=rows)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for line in self._lost:
            terminalreporter.write_line(
                f"docs/providers.json claims, and this run did not show: {line}", red=True
            )


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
