"""One test and its recorder, from the first fixture to the last teardown."""

from __future__ import annotations

import os
import sysconfig
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

import pytest

import trace_ops
from trace_ops import cassette
from trace_ops._storage import Storage
from trace_ops.cassette.plain import valid_text
from trace_ops.errors import (
    CassetteError,
    CassetteMissingError,
    ReplayError,
    TraceOpsWarning,
    UnplayedCallsError,
    VerifyError,
)
from trace_ops.errors import UsageError as OptionError
from trace_ops.modes import MODES, Known
from trace_ops.pytest_plugin import options, paths, shared, takes
from trace_ops.pytest_plugin.outcome import Outcome, Unplayed
from trace_ops.pytest_plugin.reason import line_of, reason_of
from trace_ops.recorder import Recorder
from trace_ops.trace import Span, Trace

if TYPE_CHECKING:
    from trace_ops._verify import Drift
    from trace_ops.diff import TraceDiff
    from trace_ops.pytest_plugin.divergence import Divergence
    from trace_ops.pytest_plugin.limits import Limits
    from trace_ops.pytest_plugin.session import CassetteSession

DIVERGENCE = "TraceOps: what the run did differently from its recording"
DRIFT = "TraceOps: how the live answers differ"

TEARDOWN = "teardown"
"""Value of the attribute ``phase`` of calls made after the test's own code had ended."""


class _TestRecorder(Recorder):
    """A recorder that minds a missing cassette only when the test makes a call.

    Marked tests that never call a model have no cassette, locally or in CI.
    """

    missing = False
    keeps_empty = False

    def _open(self) -> Storage:
        try:
            return super()._open()
        except CassetteMissingError:
            self.missing = True
            nothing = Storage(None, MODES["all"], ())
            nothing.opened = cassette.Cassette(trace=Trace())
            return nothing

    def hold(self) -> takes.Held:
        """Put off what the end of the run writes."""
        held = takes.Held(self._storage)
        self._storage = cast("Storage", held)
        return held


class Run:
    """The recorder of one test and what pytest says of the test.

    The recorder is open while the test's function-scoped fixtures are, so that what they call while
    being set up and torn down is recorded too. What the test itself must answer for is judged as soon
    as its own code has ended (:meth:`check`), so that it fails there.
    """

    def __init__(self, item: pytest.Item, session: CassetteSession, configured: Mapping[str, Any]) -> None:
        self.item = item
        self.session = session
        self.failure: BaseException | None = None
        self.passed = False
        self.recorder: _TestRecorder | None = None
        self._called = 0
        test = session.nodeid(item)
        self.outcome = Outcome(test, options.record_command(item.config, test))
        self._configured = configured
        self._failed_in: str | None = None
        self._limits: Limits | None = None
        self._ignored: list[str] = []
        self._divergence: Divergence | None = None
        self.sections: list[tuple[str, str]] = []
        """What is shown below the error of the test, with titles."""
        self.excess: AssertionError | None = None
        """What the test was failed with for what its run takes."""
        self.take = item.stash.get(takes.RUNNING, None)
        item.stash[RUN] = self

    def start(self) -> Recorder:
        """Open the recorder; what is wrong with options or the cassette is told without a traceback."""
        try:
            recorder = self._recorder()
            self._limits = self._asked()
            self._begin(recorder)
        except (CassetteError, OptionError, pytest.UsageError) as error:
            self.outcome.problem = type(error).__name__
            self.outcome.reason = line_of(str(error))
            raise pytest.fail.Exception(f"{error}\n  test: {self.outcome.test}", pytrace=False) from None
        self.recorder = recorder
        if recorder.missing:
            recorder.hints.insert(
                0, f"there is no such cassette, and mode {recorder.mode.name!r} records none"
            )
        return recorder

    def _begin(self, recorder: Recorder) -> None:
        """Start the recorder; what it warns of is told at the end, and is no error where warnings are."""
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always", TraceOpsWarning)
            recorder.start()
        for warning in heard:
            if issubclass(warning.category, TraceOpsWarning):
                self.outcome.warnings.append(valid_text(str(warning.message)))
            else:
                warnings.warn_explicit(
                    warning.message, warning.category, warning.filename, warning.lineno, source=warning.source
                )

    def _recorder(self) -> _TestRecorder:
        config, marker = self.item.config, options.marker_options(self.item)
        choice = options.choose(config, marker.get("mode"), self._configured.get("mode"))
        path = paths.cassette_path(self.item, marker.get("path"))
        path = path if self.take is None else takes.cassette_of(path, self.take.number)
        self.outcome.cassette, self.outcome.mode = os.fspath(path), choice.mode
        self.outcome.mode_asked = options.chosen_for_all(config) is not None
        arguments = options.recorder_options(config, marker, self._configured)
        self.outcome.accepts_unplayed = bool(arguments["allow_unplayed"])
        recorder = _TestRecorder(path, choice.mode, **arguments)
        self._ignored = list(arguments["ignore"])
        if marker.get("path") is not None and self.session.is_shared(path):
            self.outcome.shared = True
            if recorder.mode.writes:
                recorder.mode = shared.mode_for(recorder.mode, self.session.first_sight().look(path))
            recorder.allow_unplayed = True
        verifies = (
            recorder.mode.known is Known.COMPARE
        )  # what answers lead to depends on calls that are known
        how = f"record it anew: {self.outcome.anew}" if verifies else f"record it: {self.outcome.command}"
        recorder.hints = [f"test: {self.outcome.test}", how]
        if self.take is not None:
            recorder.metadata["take"] = {"number": self.take.number}
            recorder.hints[0] += f" (take {self.take.number} of {self.take.of})"
        if choice.chosen_by == "CI is set":
            recorder.hints.insert(1, "mode none, since CI is set")
        return recorder

    def _asked(self) -> Limits | None:
        if not any(self.item.get_closest_marker(name) for name in ("budget", "trajectory")):
            return None
        from trace_ops.pytest_plugin.limits import limits_of

        limits = limits_of(self.item)
        limits.check_recording(shared=self.outcome.shared and self.session.has_others(self.outcome.cassette))
        return limits

    @property
    def live(self) -> bool:
        """Whether the recorder may let calls through to the network."""
        return self.recorder is not None and self.recorder.tape.live

    # --- what pytest tells

    def check(self) -> None:
        """The test's own code has ended without an error: raise what it must still answer for."""
        if self.recorder is None:
            return
        self._called = len(self.recorder.tape.spans)
        problem = self._problem(self.recorder) or self._excess(self.recorder)
        if problem is not None:
            raise problem

    def _excess(self, recorder: _TestRecorder) -> AssertionError | None:
        """What the run takes more of than its markers allow, or else than they expect."""
        if self._limits is None:
            return None
        recorded = None if recorder.missing else recorder.recorded
        violations = self._limits.violations(recorder.trace, recorded)
        self.outcome.notes = self._limits.notes(recorded)
        self.outcome.violations = [valid_text(str(violation)) for violation in violations]
        self.excess = self._limits.error(recorder.trace, violations) if violations else None
        return self.excess

    def _problem(self, recorder: Recorder) -> ReplayError | None:
        problem = recorder.problem
        later = all(span.attributes.get("phase") == TEARDOWN for span in recorder.unplayed)
        return None if isinstance(problem, UnplayedCallsError) and later else problem

    def reported(self, report: pytest.TestReport, error: BaseException | None) -> None:
        """Take in the report of a phase; tell of a miss that the test's own error would hide."""
        self.outcome.seconds += report.duration
        self.outcome.result = _result(report, self.outcome.result)
        if report.failed and not self.outcome.reason:
            self.outcome.reason = reason_of(report)
        if report.when == "call":
            self.passed = report.passed
        if report.passed or report.when == "teardown":
            return
        self.passed = False
        self._failed_in = report.when
        self.failure = error or pytest.fail.Exception(f"{report.outcome}: {report.nodeid}", pytrace=False)
        if self.recorder is None:
            return
        report.sections += self.sections
        misses = self.recorder.misses
        if not any(isinstance(error, VerifyError) for error in _chain(self.failure)):
            self._tell_drift(report, self.recorder)
        if misses and not any(error in misses for error in _chain(self.failure)):
            report.sections.append(("TraceOps: what the test asked for that is not recorded", str(misses[0])))

        ended = error is self.excess or isinstance(error, UnplayedCallsError)
        self._divergence = self._diverged(self.recorder, cut_short=not ended)
        if self._divergence is not None:
            report.sections.append((DIVERGENCE, self._divergence.text))

    def _tell_drift(self, report: pytest.TestReport, recorder: Recorder) -> None:
        """What the test failed with may follow from other answers, such as a call that is not recorded."""
        if recorder.drift:
            from trace_ops._verify.report import lines

            report.sections.append((DRIFT, valid_text("\n".join(lines(recorder.drift)))))

    def _diverged(self, recorder: _TestRecorder, *, cut_short: bool) -> Divergence | None:
        """The run beside its recording, unless that is known to be of other tests too."""
        if recorder.missing or recorder.recorded is None:
            return None
        if self.outcome.shared and self.session.has_others(self.outcome.cassette):
            return None
        if recorder.mode.known is Known.COMPARE:  # what differs there is told as drift
            return None
        from trace_ops.pytest_plugin.divergence import divergence

        return divergence(
            recorder,
            ignore=self._ignored,
            # What is left of a cassette that others may use may be theirs.
            covers="part" if self.outcome.shared else "start" if cut_short else "all",
            for_report=self.session.wants_report("json", "md"),
        )

    # --- the end

    def finish(self) -> None:
        """Close the recorder with the outcome of the test, and keep the sums."""
        recorder = self.recorder
        assert recorder is not None
        failure = self.failure
        if failure is None and not self.passed:
            failure = KeyboardInterrupt("the test did not come to its end")
        for span in recorder.tape.spans[self._called :] if self._called or self.passed else ():
            span.attributes["phase"] = TEARDOWN
        try:
            self._stop(recorder, failure)
        except (ReplayError, CassetteError) as error:
            self.outcome.problem = type(error).__name__
            raise
        finally:
            self._sum(recorder)

    def _stop(self, recorder: _TestRecorder, failure: BaseException | None) -> None:
        if failure is None:
            recorder.stop()
            return
        if self.take is not None and self._failed_in == "call" and takes.is_data(failure, recorder):
            self.item.stash[takes.HELD] = recorder.hold()
            recorder.metadata["take"] = {"number": self.take.number, "failed": type(failure).__name__}
            recorder.stop()
            return
        if isinstance(failure, ReplayError):
            self.outcome.problem = type(failure).__name__
        with warnings.catch_warnings():
            # Before Python 3.11 errors take no notes and the recorder warns; the report has told already.
            warnings.simplefilter("ignore", TraceOpsWarning)
            recorder.stop(failure)

    def _sum(self, recorder: _TestRecorder) -> None:
        outcome, counts = self.outcome, recorder.counts
        outcome.passed, outcome.missing = self.passed, recorder.missing
        outcome.replayed, outcome.recorded, outcome.missed = (
            counts[name] for name in ("replayed", "recorded", "missed")
        )
        outcome.unplayed = [Unplayed(span.id, _label(span)) for span in recorder.unplayed]
        outcome.spent, outcome.saved = recorder.cost_spent_usd, recorder.cost_saved_usd
        trace, is_replayed = recorder.trace, recorder.tape.is_replayed
        outcome.llm_calls, outcome.tool_calls = trace.total_llm_calls, trace.total_tool_calls
        outcome.tokens_saved = sum(span.usage.total for span in trace if span.usage and is_replayed(span))
        outcome.tokens_spent = trace.total_tokens - outcome.tokens_saved
        outcome.misses = [valid_text(str(miss)) for miss in recorder.misses]
        if self.take is not None:
            outcome.take = {"number": self.take.number, **takes.facts(trace)}
        outcome.drift = [_plain(drift) for drift in recorder.drift]
        found = self._tell_divergence(recorder)
        if self.session.wants_report("html") and len(trace):
            self._keep(trace, None if found is None else found.diff)

    def _keep(self, trace: Trace, diff: TraceDiff | None) -> None:
        """Leave the run for the report to look at."""
        outcome = self.outcome
        cassette = paths.within(self.item.config.rootpath, outcome.cassette)
        try:
            self.session.runs().keep(outcome, trace, cassette, diff)
        except Exception as error:  # noqa: BLE001 - told, for it must not end the test
            outcome.warnings.append(valid_text(f"its run is not in the HTML report: {error!r}"))

    def _tell_divergence(self, recorder: _TestRecorder) -> Divergence | None:
        """Keep what the run did differently: a line of it if it may be news, all of it for reports."""
        from trace_ops.pytest_plugin.divergence import ran_live

        news = self.failure is not None or self.outcome.recorded or self.outcome.unplayed
        if not news and not self.session.wants_report() and not ran_live(recorder):
            return None
        found = self._divergence or self._diverged(recorder, cut_short=False)
        if found is not None:
            self.outcome.change = found.first_line if news else found.live
            self.outcome.diff, self.outcome.diff_markdown = found.json, found.markdown
            if self.outcome.recorded and self.failure is None:
                self.outcome.change_lines = found.text.splitlines()[1:]
        return found


RUN: pytest.StashKey[Run] = pytest.StashKey()


def _result(report: pytest.TestReport, before: str) -> str:
    """The word for what pytest made of a test, given the one for its phases so far."""
    if report.when == "teardown" and report.passed:
        return before
    if hasattr(report, "wasxfail"):
        return "xpassed" if report.passed else "xfailed"
    if report.failed:
        return "failed" if report.when == "call" else before if before == "failed" else "error"
    return report.outcome


def _plain(drift: Drift) -> dict[str, Any]:
    """A difference as what xdist can send: recorded texts may hold half characters."""
    return {
        name: valid_text(value) if isinstance(value, str) else value
        for name, value in drift.to_dict().items()
    } | {"detail": [valid_text(line) for line in drift.detail]}


def _label(span: Span) -> str:
    return f"span {span.id} {span.name} {span.model or ''}".rstrip()


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and not any(error is other for other in found):
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


_OURS = str(Path(trace_ops.__file__).resolve().parent) + os.sep
_STDLIB = os.path.realpath(sysconfig.get_path("stdlib")) + os.sep
_INSTALLED = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))


def shorten(excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
    """Leave the SDK's and our own frames out of the traceback of a miss: the test's own line matters.

    Tells whether there is such a line; without one the traceback stays as it is.
    """
    own: TracebackType | None = None
    for entry in reversed(excinfo.traceback):
        if not _is_library(os.path.realpath(entry.path)):
            raw = entry._rawentry
            # A chain of its own, since pytest goes back to the raw one when it cuts further.
            own = TracebackType(own, raw.tb_frame, raw.tb_lasti, raw.tb_lineno)
    if own is not None:
        excinfo.traceback = type(excinfo.traceback)(own)
    return own is not None


def without_traceback(excinfo: pytest.ExceptionInfo[BaseException], item: pytest.Item) -> Any:
    """An error as pytest shows it, with nothing but what it says: it was raised when the test had ended."""
    shown: Any = excinfo.getrepr(style="value", chain=False)
    shown.reprtraceback.reprentries[0].lines = [f"E   {line}" for line in excinfo.exconly().splitlines()]
    if shown.reprcrash is not None:
        shown.reprcrash.path, shown.reprcrash.lineno = str(item.path), (item.location[1] or 0) + 1
    return shown


def _is_library(path: str) -> bool:
    return path.startswith((_OURS, _STDLIB)) or any(directory in path for directory in _INSTALLED)
