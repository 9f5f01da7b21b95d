"""The hooks of a session: start recorders where they are wanted, gather outcomes, tell at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from trace_ops.pytest_plugin import alias, fixtures, options, paths, takes
from trace_ops.pytest_plugin.collected import ALIAS, FIXTURE, Collected, marked, wanted_by

if TYPE_CHECKING:
    from trace_ops.pytest_plugin.base import Comparison
    from trace_ops.pytest_plugin.outcome import Outcome
    from trace_ops.pytest_plugin.pages import Runs
    from trace_ops.pytest_plugin.report import Target
    from trace_ops.pytest_plugin.run import Run
    from trace_ops.pytest_plugin.shared import FirstSight

_NAME = "trace_ops_session"
_WORKER_KEY = "trace_ops"
_RUNS_KEY = "trace_ops_runs"
_NOTHING_TOLD: dict[str, Any] = {
    "partial": True, "users": {}, "snapshots": [], "uncollected": [], "directories": [],
}  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Check the options, and register the fixtures and the session."""
    for marker in options.MARKERS:
        config.addinivalue_line("markers", marker)
    options.chosen_for_all(config)
    other = provider_of_alias(config)
    config.pluginmanager.register(fixtures, "trace_ops_fixtures")
    if other is None:
        config.pluginmanager.register(alias, "trace_ops_alias")
    session = CassetteSession(config, other)
    config.pluginmanager.register(session, _NAME)
    config.pluginmanager.register(takes, "trace_ops_takes")
    config.pluginmanager.register(session.collected, "trace_ops_collected")


def provider_of_alias(config: pytest.Config) -> str | None:
    """The plugin, other than a conftest, that has a fixture named ``cassette``."""
    for plugin in config.pluginmanager.get_plugins():
        found = getattr(plugin, "__dict__", {}).get(ALIAS)
        is_fixture = type(found) is type(alias.cassette) and (
            hasattr(found, "_pytestfixturefunction") or type(found).__name__ == "FixtureFunctionDefinition"
        )
        if is_fixture and os.path.basename(getattr(plugin, "__file__", None) or "") != "conftest.py":
            return str(getattr(plugin, "__name__", plugin))
    return None


def current(config: pytest.Config) -> CassetteSession:
    """The session of a run."""
    session = config.pluginmanager.get_plugin(_NAME)
    assert isinstance(session, CassetteSession)
    return session


class CassetteSession:
    """What the plugin knows of a run, in the process of a worker, the controller, or the only one."""

    def __init__(self, config: pytest.Config, other_provider: str | None = None) -> None:
        self.config = config
        self.collected = Collected(config)
        self.outcomes: dict[str, Mapping[str, Any]] = {}
        self._other = other_provider
        self._guarding = bool(config.getoption("--trace-block-network", default=False)) or bool(
            config.getini("trace_block_network")
        )
        self._workers: list[dict[str, Any]] = []
        self._first_sight: FirstSight | None = None
        self.loose_ends: list[Any] = []
        self._comparison: Comparison | None = None
        self._base: Path | None = None
        self._reports: list[Target] = []
        self._left_runs: Path | None = None
        if not hasattr(config, "workerinput"):
            self._look_ahead()

    def _look_ahead(self) -> None:
        """Refuse a comparison and reports that cannot be had before any test has run."""
        if self.config.getoption("--trace-diff", default=None) is not None:
            from trace_ops.pytest_plugin import base

            self._base = base.directory_of(self.config)
        if self.wants_report():
            from trace_ops.pytest_plugin import report

            self._reports = report.targets(self.config)

    def wants_report(self, *kinds: str) -> bool:
        """Whether what became of the tests is written to files, to any of some kinds if they are given."""
        asked: Sequence[str] = self.config.getoption("--trace-report", default=None) or ()
        return any(not kinds or given.partition(":")[0] in kinds for given in asked)

    def runs(self) -> Runs:
        """Where the tests of this run leave what they did, for the report to look at."""
        from trace_ops.pytest_plugin.pages import Runs

        given = getattr(self.config, "workerinput", {}).get(_RUNS_KEY)
        return Runs(Path(given) if given else self._runs_directory())

    def _runs_directory(self) -> Path:
        if self._left_runs is None:
            self._left_runs = self._temporary()
        return self._left_runs

    def _temporary(self) -> Path:
        """A directory that is there as long as this run."""
        from tempfile import TemporaryDirectory

        place = TemporaryDirectory(prefix="trace_ops-")
        self.config.add_cleanup(place.cleanup)
        return Path(place.name)

    def nodeid(self, item: pytest.Item) -> str:
        """A test's id as the command line takes it; xdist adds its group to it."""
        return item.nodeid.rpartition("@")[0] if item.get_closest_marker("xdist_group") else item.nodeid

    # --- one cassette, several tests

    def first_sight(self) -> FirstSight:
        """How shared cassettes were when this run first opened them."""
        if self._first_sight is None:
            from trace_ops.pytest_plugin.shared import FirstSight

            directory = getattr(self.config, "workerinput", {}).get(_WORKER_KEY)
            self._first_sight = FirstSight(Path(directory) if directory else None)
        return self._first_sight

    def is_shared(self, path: Path) -> bool:
        """Whether tests other than the running one may use a cassette that is named by a marker."""
        return self.collected.is_partial() or self.has_others(path)

    def has_others(self, path: str | os.PathLike[str]) -> bool:
        """Whether other tests are known to use the cassette of the running one."""
        return self.collected.users().get(os.path.abspath(path), 0) > 1

    # --- one test

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Put the network guard up where it is wanted."""
        if not self._guarding and item.get_closest_marker("trace_block_network") is None:
            return (yield)
        from trace_ops.pytest_plugin import network

        with network.guard_of(item, self._guarding, lambda: _live(item)):
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Have the test's recorder started before its other fixtures."""
        names = getattr(item, "fixturenames", None)
        if names is None or not wanted_by(item):
            return
        if self._other is not None:
            by_marker = marked(item)
            self._refuse_ambiguous(item, by_marker)
            if not by_marker and FIXTURE not in names:
                return
        # A list of this item's own: the tests of one function share theirs.
        item.fixturenames = _with_recorder_first(item, names)  # type: ignore[attr-defined]

    def _refuse_ambiguous(self, item: pytest.Item, by_marker: bool) -> None:
        """Another plugin's fixture ``cassette`` is in force; a test must not take it for ours."""
        asked = getattr(getattr(item, "_fixtureinfo", None), "argnames", ())
        if ALIAS in asked and (by_marker or item.get_closest_marker("vcr") is None):
            raise pytest.fail.Exception(
                f"fixture 'cassette' is {self._other}'s here, since two plugins provide it.\n"
                f"  for TraceOps: ask for the fixture {FIXTURE!r}, or run pytest -p no:{_plugin_name(self)}\n"
                f"  for {self._other}: mark the test with pytest.mark.vcr",
                pytrace=False,
            )

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Fail the test for misses that its code swallowed."""
        result = yield
        run = _run_of(item)
        if run is not None:
            run.check()
        return result

    def pytest_assertrepr_compare(self, op: str, left: Any, right: Any) -> list[str] | None:
        """Say what a comparison with a snapshot found."""
        snapshot = sys.modules.get("trace_ops.pytest_plugin.snapshot")
        return None if snapshot is None else snapshot.explain(op, left, right)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        """Tell the recorder how its test fares, and send its outcome along with the last report."""
        run = _run_of(item)
        excinfo = call.excinfo
        bare = run is not None and excinfo is not None and self._shorten(run, excinfo)
        report = yield
        if bare and excinfo is not None and report.failed:
            from trace_ops.pytest_plugin.run import without_traceback

            report.longrepr = without_traceback(excinfo, item)
        if run is not None:
            run.reported(report, None if call.excinfo is None else call.excinfo.value)
        if report.when == "teardown":
            values = self._values(item, run)
            if values is not None:
                report.trace_ops = [values]
        return report

    def _values(self, item: pytest.Item, run: Run | None) -> dict[str, Any] | None:
        """The outcome of a test that had a recorder or ran into the guard, for whoever tells at the end."""
        network = sys.modules.get("trace_ops.pytest_plugin.network")
        refused = item.stash.get(network.BLOCKED, None) if network is not None else None
        if run is None and not refused:
            return None
        from trace_ops.pytest_plugin.outcome import Outcome

        test = self.nodeid(item)
        outcome = run.outcome if run is not None else Outcome(test, options.record_command(self.config, test))
        outcome.blocked = [f"{address} ({_times(times)})" for address, times in (refused or {}).items()]
        return outcome.values()

    def _shorten(self, run: Run, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Cut the traceback of what a test answers for; whether there is no line of its own in it."""
        from trace_ops.errors import ReplayError
        from trace_ops.pytest_plugin.run import shorten

        if self.config.getoption("fulltrace", default=False):
            return False
        return (isinstance(excinfo.value, ReplayError) or excinfo.value is run.excess) and not shorten(
            excinfo
        )

    # --- all of them

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather outcomes, from workers too."""
        for values in getattr(report, "trace_ops", ()):
            take = values["take"]
            self.outcomes[f"{values['test']} {take['number']}" if take else values["test"]] = values

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker where to meet the others."""
        node.workerinput[_WORKER_KEY] = os.fspath(self._meeting_place())
        if self.wants_report("html"):
            node.workerinput[_RUNS_KEY] = os.fspath(self._runs_directory())

    def _meeting_place(self) -> Path:
        """A directory in which the workers of this run agree on what they found."""
        from trace_ops.pytest_plugin.shared import FirstSight

        if self._first_sight is None:
            self._first_sight = FirstSight(self._temporary())
        assert self._first_sight.directory is not None
        return self._first_sight.directory

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take in what an xdist worker collected."""
        # A worker that crashed leaves nothing, and what it collected is not known.
        told = getattr(node, "workeroutput", {}).get(_WORKER_KEY)
        self._workers.append(told or _NOTHING_TOLD)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Settle what only the whole run can settle; a worker hands over what it knows."""
        # Not a wrapper: xdist sends off what workers know, and the terminal sums up, in wrappers of theirs.
        if hasattr(self.config, "workerinput"):
            self.config.workeroutput[_WORKER_KEY] = self.collected.told()  # type: ignore[attr-defined]
            return
        if self.outcomes or self._workers or self._has_cassettes():
            from trace_ops.pytest_plugin.closing import close

            self.loose_ends = close(self, session, exitstatus)
        if self.config.getoption("collectonly", default=False):
            return
        if self._base is not None:
            from trace_ops.pytest_plugin import base

            self._comparison = base.compare(self, self._base)
        if self._reports:
            from trace_ops.pytest_plugin import report

            self.loose_ends += report.write_all(self._reports, self, session, self._comparison)

    def _has_cassettes(self) -> bool:
        return (self.config.rootpath / paths.cassette_directory(self.config)).is_dir()

    def told(self) -> list[dict[str, Any]]:
        """What the processes that collected tests say: users of cassettes, and what is missing."""
        return self._workers or [self.collected.told()]

    def all_outcomes(self) -> list[Outcome]:
        """The outcomes of all tests that had a cassette, in the order they ended."""
        from trace_ops.pytest_plugin.outcome import Outcome

        return [Outcome(**values) for values in self.outcomes.values()]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Write the section."""
        if not self.outcomes and not self.loose_ends and self._comparison is None:
            return
        from trace_ops.pytest_plugin import summary

        verbosity = self.config.get_verbosity()
        lines = summary.lines(
            self.all_outcomes(), self.loose_ends, quiet=verbosity < 0, verbose=verbosity > 0
        )
        summary.write(terminalreporter, lines)
        if self._comparison is not None:
            summary.write(terminalreporter, self._comparison.lines(), self._comparison.title)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _with_recorder_first(item: Any, names: list[str]) -> list[str]:
    """The fixtures of a test with the recorder before all others that live as long as the test."""
    definitions = item._fixtureinfo.name2fixturedefs
    others = [name for name in names if name != FIXTURE]
    for position, name in enumerate(others):
        if name in definitions and definitions[name][-1].scope == "function":
            return [*others[:position], FIXTURE, *others[position:]]
    return [*others, FIXTURE]


def _run_of(item: pytest.Item) -> Run | None:
    # The module is there only if some test had a recorder.
    module = sys.modules.get("trace_ops.pytest_plugin.run")
    return None if module is None else item.stash.get(module.RUN, None)


def _live(item: pytest.Item) -> bool:
    run = _run_of(item)
    return run is not None and run.live


def _plugin_name(session: CassetteSession) -> str:
    other = session._other or ""
    manager = session.config.pluginmanager
    names = [
        name for name, plugin in manager.list_name_plugin() if getattr(plugin, "__name__", None) == other
    ]
    return names[0] if names else other
