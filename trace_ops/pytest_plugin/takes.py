"""Several takes of one test: each run from setup to teardown, each with a cassette of its own.

One item of pytest runs its protocol once a take, in one process, and is reported as one test. Agents vary:
one recording says what an agent did once, several say how often it gets there.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest
from _pytest._code.code import ExceptionRepr
from _pytest.runner import runtestprotocol

if TYPE_CHECKING:
    from trace_ops._storage import Storage
    from trace_ops.recorder import Recorder
    from trace_ops.tape import Tape
    from trace_ops.trace import Trace

MARKER = "takes"

Result = Literal["passed", "failed", "broken", "skipped"]
"""``broken``: not as recorded, or never recorded; such a take says nothing of the agent."""


class Wanted(NamedTuple):
    """How many takes a test has, and how many of them have to pass."""

    number: int
    at_least: int


class Running(NamedTuple):
    """The take that runs now: its number, from 1, and how many there are."""

    number: int
    of: int


RUNNING: pytest.StashKey[Running] = pytest.StashKey()
"""On an item, while a take of it runs."""

HELD: pytest.StashKey[Held] = pytest.StashKey()
"""On an item, after a take that failed and recorded something."""


def wanted(item: pytest.Item) -> Wanted | None:
    """What the closest ``takes`` marker asks for; raises :class:`pytest.UsageError` for what cannot be."""
    mark = item.get_closest_marker(MARKER)
    if mark is None:
        return None
    unknown = sorted(mark.kwargs.keys() - {"n", "at_least"})
    if unknown or len(mark.args) + ("n" in mark.kwargs) != 1:
        raise pytest.UsageError(f"the takes marker is takes(n, *, at_least=None), not {_call(mark)}")
    number = mark.args[0] if mark.args else mark.kwargs["n"]
    at_least = mark.kwargs.get("at_least")
    if type(number) is not int or number < 1:
        raise pytest.UsageError(f"the takes marker's n is a number of takes from 1, not {number!r}")
    if at_least is None:
        at_least = number
    if type(at_least) is not int or not 0 <= at_least <= number:
        raise pytest.UsageError(
            f"the takes marker's at_least is a number from 0 to {number}, not {at_least!r}"
        )
    return Wanted(number, at_least)


def _call(mark: pytest.Mark) -> str:
    given = [*map(repr, mark.args), *(f"{name}={value!r}" for name, value in mark.kwargs.items())]
    return f"takes({', '.join(given)})"


def cassette_of(path: Path, number: int) -> Path:
    """The cassette of a take; the first has the name that the test's only one would have."""
    return path if number == 1 else path.with_name(f"{path.stem}.take-{number}{path.suffix}")


def cassettes_of(item: pytest.Item, path: Path) -> list[Path]:
    """All cassettes of a test, given that of its first take; one for a test without takes."""
    try:
        asked = wanted(item)
    except pytest.UsageError:
        asked = None
    return [cassette_of(path, number) for number in range(1, (asked.number if asked else 1) + 1)]


# --- one take that failed


class Held:
    """What a failed take recorded, put off until all takes have run. Stands in for the run's storage.

    A failed take is data: replays of the test have to come to the same result. But a failing test never
    replaces a good cassette, and whether the test fails is known only at the end.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._write: tuple[Tape, Trace, bool] | None = None
        self.opened = storage.opened

    def write(self, tape: Tape, trace: Trace, keeps_empty: bool) -> None:
        """Remember what is to be written."""
        self._write = (tape, trace, keeps_empty)

    def end(self, how: str) -> None:
        """Leave the journal open: until it is settled the recording is unfinished."""

    def settle(self, passed: bool) -> bool:
        """Write the take if the test passed, or if no good cassette is lost by it; whether it was written."""
        if self._write is not None and (passed or self.opened is None or is_failed(self.opened.trace)):
            self._storage.write(*self._write)
            self._storage.end("kept")
            return True
        self._storage.end("failed")
        return False


def is_data(failure: BaseException, recorder: Recorder) -> bool:
    """Whether a failed take says something of the agent, and can be kept.

    One that is interrupted or skipped does not, nor one whose last calls the provider could not answer.
    """
    from trace_ops.errors import TraceOpsError
    from trace_ops.exchange import Failure

    failed = isinstance(failure, (Exception, pytest.fail.Exception)) and not isinstance(
        failure, TraceOpsError
    )
    if not failed or not recorder.mode.writes or not recorder.tape.records or recorder.problem is not None:
        return False
    calls = [span.exchange.outcome for span in recorder.tape.spans if span.exchange is not None]
    return not any(
        isinstance(outcome, Failure) or outcome.status == 429 or outcome.status >= 500 for outcome in calls
    )


def facts(trace: Trace) -> dict[str, Any]:
    """What is compared between takes."""
    return {
        "tokens": trace.total_tokens,
        "cost_usd": trace.total_cost_usd,
        "trajectory": trace.trajectory,
    }


def is_failed(trace: Trace) -> bool:
    """Whether a cassette holds a take that failed when it was recorded."""
    take = trace.metadata.get("take")
    return isinstance(take, dict) and "failed" in take


# --- all takes of a test


@dataclass
class Take:
    """One take and what pytest reported of it."""

    number: int
    reports: list[pytest.TestReport]
    values: dict[str, Any] | None = None
    held: Held | None = None
    result: Result = field(init=False)

    def __post_init__(self) -> None:
        self.values = next(iter(getattr(self.reports[-1], "trace_ops", ())), None)
        self.result = self._judged()

    def _judged(self) -> Result:
        if self.values is not None and (self.values["missed"] or self.values["problem"] is not None):
            return "broken"
        if any(report.failed or (report.skipped and hasattr(report, "wasxfail")) for report in self.reports):
            return "failed"
        return "skipped" if any(report.skipped for report in self.reports) else "passed"

    @property
    def culprit(self) -> pytest.TestReport | None:
        """The report that tells why it did not pass."""
        return next((report for report in self.reports if not report.passed), None)

    @property
    def why(self) -> str:
        """Why it did not pass, in a line."""
        culprit = self.culprit
        if culprit is None:
            return ""
        from trace_ops.pytest_plugin.reason import reason_of

        told = reason_of(culprit)
        return f"{told} (in {culprit.when})" if culprit.when != "call" else told


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run all takes of a test that asks for them, and report them as one test."""
    if item.get_closest_marker(MARKER) is None or item.config.getoption("setuponly", default=False):
        return None
    try:
        asked = wanted(item)
    except pytest.UsageError:
        return None  # its setup tells
    assert asked is not None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in _reports(_taken(item, nextitem, asked), asked):
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a marker that cannot be what it says."""
    from trace_ops.pytest_plugin.session import current

    try:
        wanted(item)
    except pytest.UsageError as error:
        test = current(item.config).nodeid(item)
        raise pytest.fail.Exception(f"{error}\n  test: {test}", pytrace=False) from None


def _taken(item: pytest.Item, nextitem: pytest.Item | None, asked: Wanted) -> list[Take]:
    takes: list[Take] = []
    for number in range(1, asked.number + 1):
        _renew(item)
        item.stash[RUNNING] = Running(number, asked.number)
        # Whatever outlives a test, such as a module's fixtures, outlives a take too: the next "item" is one
        # that has all of this one's parents.
        after = nextitem if number == asked.number else item.parent
        try:
            take = Take(number, runtestprotocol(item, log=False, nextitem=after))  # type: ignore[arg-type]
        finally:
            del item.stash[RUNNING]
        take.held = item.stash.get(HELD, None)
        takes.append(take)
    return takes


def _renew(item: Any) -> None:
    """Leave on the item nothing of the take before."""
    item._report_sections.clear()
    for module, key in (("run", "RUN"), ("network", "BLOCKED")):
        loaded = sys.modules.get(f"trace_ops.pytest_plugin.{module}")
        if loaded is None:
            continue
        stale = item.stash.get(getattr(loaded, key), None)
        if module == "network" and stale is not None:
            stale.clear()
        elif stale is not None:
            del item.stash[getattr(loaded, key)]
    if HELD in item.stash:
        del item.stash[HELD]
    if getattr(item, "cls", None) is not None and item.__dict__.get("_instance") is not None:
        # pytest makes an instance of the class for each test, and takes are as tests to each other.
        del item._instance
        item.__dict__.pop("_obj", None)


def _reports(takes: list[Take], asked: Wanted) -> list[pytest.TestReport]:
    """Three reports, or two, for all takes: those of one that passed, or of the first that did not."""
    if takes[0].result == "skipped":
        # The last one took down what outlives a test.
        reports = [*takes[0].reports[:-1], takes[-1].reports[-1]]
        values = [{**take.values, "take": None} for take in takes[:1] if take.values is not None]
        reports[-1].trace_ops = values  # type: ignore[attr-defined]
        return reports
    passed = [take for take in takes if take.result == "passed"]
    succeeded = len(passed) >= asked.at_least and not any(take.result == "broken" for take in takes)
    told = {take.number: _settled(take, succeeded, asked) for take in takes}
    if succeeded and any(take.result == "broken" for take in takes):
        succeeded = False
    if succeeded:
        shown = passed[-1] if passed else takes[-1]
        reports = _with_times(shown.reports, takes)
        for report in reports if not passed else ():
            _excuse(report)
    else:
        worst = [take for take in takes if take.result == "broken"]
        worst = worst or [take for take in takes if take.result != "passed"]
        reports = _with_times(worst[0].reports, takes)
        culprit = worst[0].culprit
        if culprit is not None:
            _explain(culprit, takes, worst[0], asked)
    values = [take.values for take in takes if take.values is not None]
    for value, take in ((take.values, told[take.number]) for take in takes):
        if value is not None:
            value["take"] = {**(value["take"] or {}), **take}
    reports[-1].trace_ops = values  # type: ignore[attr-defined]
    return reports


def _settled(take: Take, succeeded: bool, asked: Wanted) -> dict[str, Any]:
    from trace_ops.errors import CassetteError

    kept, why = False, take.why
    if take.held is not None:
        try:
            kept = take.held.settle(succeeded)
        except CassetteError as error:
            take.result, why = "broken", str(error)
    result: Result = "failed" if take.result == "skipped" else take.result
    return {
        "number": take.number,
        "of": asked.number,
        "at_least": asked.at_least,
        "result": result,
        "why": why,
        "kept": kept,
    }


def _with_times(reports: list[pytest.TestReport], takes: list[Take]) -> list[pytest.TestReport]:
    seconds: defaultdict[str | None, float] = defaultdict(float)
    for take in takes:
        for report in take.reports:
            seconds[report.when] += report.duration
    for report in reports:
        report.duration, report.start = seconds[report.when], takes[0].reports[0].start
    return reports


def _excuse(report: pytest.TestReport) -> None:
    """No take passed, and none has to: the test passes."""
    if not report.passed:
        report.outcome, report.longrepr = "passed", None


def _explain(culprit: pytest.TestReport, takes: list[Take], shown: Take, asked: Wanted) -> None:
    """Tell below the error of one take how the others fared."""
    passed = sum(1 for take in takes if take.result == "passed")
    title = f"TraceOps: {passed} of {asked.number} takes passed, {asked.at_least} had to"
    lines = [
        f"take {take.number} {take.result}: {take.why}" + (" (shown above)" if take is shown else "")
        for take in takes
        if take.result != "passed"
    ]
    if isinstance(culprit.longrepr, str):
        culprit.longrepr = "\n".join([culprit.longrepr, title, *lines])
    elif isinstance(culprit.longrepr, ExceptionRepr):
        culprit.longrepr.addsection(title, "\n".join(lines))
    else:
        culprit.sections.append((title, "\n".join(lines)))
