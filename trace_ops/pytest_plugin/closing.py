"""What can only be told, or tidied up, when all tests have run."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from trace_ops.errors import CassetteError
from trace_ops.pytest_plugin import paths, shared
from trace_ops.pytest_plugin.outcome import Outcome

if TYPE_CHECKING:
    from trace_ops.pytest_plugin.session import CassetteSession


class LooseEnd(NamedTuple):
    """Something about a cassette rather than about a test: ``what`` is the word for it."""

    what: str
    cassette: str
    detail: str
    command: str


def close(session: CassetteSession, run: pytest.Session, exitstatus: int) -> list[LooseEnd]:
    """Settle the shared cassettes, and find what nobody played and nobody uses; the former fails the run."""
    told = session.told()
    users: dict[str, int] = {}
    for one in told:
        users.update(one["users"])
    ended = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    stopped = bool(getattr(run, "shouldfail", False) or getattr(run, "shouldstop", False))
    complete = ended and not stopped and not any(one["partial"] for one in told)
    loose = list(_shared(session, users, complete))
    if loose and run.exitstatus == pytest.ExitCode.OK:
        run.exitstatus = pytest.ExitCode.TESTS_FAILED
    if complete and not session.config.getoption("collectonly", default=False):
        outcomes = session.all_outcomes()
        used = {*users, *(os.path.abspath(outcome.cassette) for outcome in outcomes)}
        used.update(outcome.snapshots for outcome in outcomes if outcome.snapshots is not None)
        used.update(file for one in told for file in one["snapshots"])
        loose += _orphans(session, used, told)
    return loose


def _shared(session: CassetteSession, users: dict[str, int], complete: bool) -> Iterator[LooseEnd]:
    for name, outcomes in shared.by_cassette(session.all_outcomes()).items():
        try:
            yield from _settled(session, Path(name), outcomes, users, complete)
        except CassetteError as error:
            yield LooseEnd("broken", name, error.problem, _record_all(outcomes))


def _settled(
    session: CassetteSession, path: Path, outcomes: list[Outcome], users: dict[str, int], complete: bool
) -> Iterator[LooseEnd]:
    passed = all(outcome.passed and outcome.problem is None for outcome in outcomes)
    everyone = complete and passed and users.get(os.path.abspath(path)) == len(outcomes)
    if any(outcome.mode not in ("none", "verify") for outcome in outcomes):
        shared.settle(path, session.first_sight().look(path), outcomes, everyone=everyone)
    if everyone and _minds_unplayed(outcomes):
        left = shared.left_unplayed(path, outcomes)
        if left:
            labels = ", ".join(call.label for call in left[:10]) + (", ..." if len(left) > 10 else "")
            yield LooseEnd("unplayed", str(path), f"no test made {labels}", _record_all(outcomes))


def _minds_unplayed(outcomes: list[Outcome]) -> bool:
    modes = {outcome.mode for outcome in outcomes}
    return modes <= {"none", "once", "verify"} and not any(outcome.accepts_unplayed for outcome in outcomes)


def _record_all(outcomes: list[Outcome]) -> str:
    """One command that records all tests of a cassette; only a run that has them all drops calls."""
    return (
        "pytest --record"
        if outcomes[0].command.endswith("--record")
        else "TRACE_OPS_RECORD_MODE=update pytest"
    )


def _orphans(session: CassetteSession, used: set[str], told: list[dict[str, Any]]) -> Iterator[LooseEnd]:
    config = session.config
    directories = {Path(directory) for one in told for directory in one["directories"]}
    skipped = {
        paths.module_directory(config, config.rootpath / name) for one in told for name in one["uncollected"]
    }
    for directory in sorted(directories):
        for file in sorted((*directory.rglob("*.y*ml"), *directory.rglob(f"*{paths.SNAPSHOT_SUFFIX}"))):
            inside = file.relative_to(directory).parents
            is_snapshot = file.name.endswith(paths.SNAPSHOT_SUFFIX)
            if os.path.abspath(file) in used or not skipped.isdisjoint(inside):
                continue
            if is_snapshot or is_cassette(file):
                shown = os.path.relpath(file, config.invocation_params.dir)
                what = "unused" if is_snapshot else "orphan"
                yield LooseEnd(what, str(file), "no test uses it", f"rm {shlex.quote(shown)}")


def is_cassette(file: Path) -> bool:
    """Whether a file is one of ours: other recorders keep theirs in directories of the same name."""
    try:
        with open(file, "rb") as opened:
            return opened.read(8) == b"version:"
    except OSError:
        return False
