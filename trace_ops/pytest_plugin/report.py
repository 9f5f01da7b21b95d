"""What became of the tests of a run, as data, as Markdown and as a page, in files that are asked for."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast, get_args

import pytest

from trace_ops._version import __version__
from trace_ops.cassette.atomic import write_atomically
from trace_ops.pytest_plugin import reliability
from trace_ops.pytest_plugin.outcome import Outcome
from trace_ops.pytest_plugin.paths import within

if TYPE_CHECKING:
    from trace_ops.pytest_plugin.base import Comparison
    from trace_ops.pytest_plugin.closing import LooseEnd
    from trace_ops.pytest_plugin.session import CassetteSession

OPTION = "--trace-report"
VERSION = 1
"""Of the JSON; a field that is added leaves it as it is."""

Format = Literal["json", "md", "html"]


class Target(NamedTuple):
    """A file to write."""

    format: Format
    path: Path


def targets(config: pytest.Config) -> list[Target]:
    """The files that are asked for; raises :class:`pytest.UsageError` for one that cannot be written."""
    return [_target(config, given) for given in config.getoption(OPTION, default=None) or ()]


def _target(config: pytest.Config, given: str) -> Target:
    kind, separator, name = given.partition(":")
    if kind not in get_args(Format) or not separator or not name:
        raise pytest.UsageError(f"{OPTION}={given}: give json:PATH, md:PATH or html:PATH")
    path = Path(config.invocation_params.dir, os.path.expanduser(name))
    above = next(parent for parent in path.parents if parent.exists())
    if path.is_dir() or not above.is_dir() or not os.access(path if path.exists() else above, os.W_OK):
        raise pytest.UsageError(f"{OPTION}={given}: {name} cannot be written")
    return Target(cast("Format", kind), path)


def document(
    outcomes: Sequence[Outcome],
    loose_ends: Iterable[LooseEnd],
    comparison: Comparison | None,
    *,
    root: Path,
    exit_status: int,
) -> dict[str, Any]:
    """The whole run as plain data; documented in ``docs/pytest.md``."""
    return {
        "version": VERSION,
        "traceops": __version__,
        "exit_status": int(exit_status),
        "totals": _totals(outcomes),
        "tests": [_test(outcome, root) for outcome in outcomes],
        "takes": [takes.to_dict() for takes in reliability.by_test(outcomes)],
        "loose_ends": [{**end._asdict(), "cassette": within(root, end.cassette)} for end in loose_ends],
        "base": None if comparison is None else comparison.to_dict(),
    }


def _totals(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "tests": len(outcomes),
        "results": dict(Counter(outcome.result for outcome in outcomes)),
        "verdicts": dict(Counter(outcome.verdict for outcome in outcomes)),
        "violations": sum(len(outcome.violations) for outcome in outcomes),
        "calls": _sums(outcomes, "replayed", "recorded", "missed"),
        "llm_calls": sum(outcome.llm_calls for outcome in outcomes),
        "tool_calls": sum(outcome.tool_calls for outcome in outcomes),
        "tokens": {
            "spent": sum(outcome.tokens_spent for outcome in outcomes),
            "saved": sum(outcome.tokens_saved for outcome in outcomes),
        },
        "cost_usd": {
            "spent": sum(outcome.spent or 0.0 for outcome in outcomes),
            "saved": sum(outcome.saved or 0.0 for outcome in outcomes),
            "unknown": sum(1 for outcome in outcomes if None in (outcome.spent, outcome.saved)),
        },
        "seconds": sum(outcome.seconds for outcome in outcomes),
    }


def _sums(outcomes: Sequence[Outcome], *names: str) -> dict[str, int]:
    return {name: sum(getattr(outcome, name) for outcome in outcomes) for name in names}


def _test(outcome: Outcome, root: Path) -> dict[str, Any]:
    return {
        "test": outcome.test,
        "result": outcome.result,
        "verdict": outcome.verdict,
        "reason": outcome.reason or None,
        "mode": outcome.mode,
        "cassette": within(root, outcome.cassette),
        "seconds": outcome.seconds,
        "calls": {**_sums([outcome], "replayed", "recorded", "missed"), "unplayed": len(outcome.unplayed)},
        "llm_calls": outcome.llm_calls,
        "tool_calls": outcome.tool_calls,
        "tokens": {"spent": outcome.tokens_spent, "saved": outcome.tokens_saved},
        "cost_usd": {"spent": outcome.spent, "saved": outcome.saved},
        "misses": outcome.misses,
        "unplayed": [call.label for call in outcome.unplayed],
        "violations": outcome.violations,
        "notes": outcome.notes,
        "warnings": outcome.warnings,
        "blocked": outcome.blocked,
        "change": outcome.change,
        "diff": None if outcome.diff is None else json.loads(outcome.diff),
        "drift": outcome.drift,
        "take": outcome.take,
        "command": outcome.command,
    }


def write_all(
    targets: Iterable[Target], session: CassetteSession, run: pytest.Session, comparison: Comparison | None
) -> list[LooseEnd]:
    """Write all files; one that cannot be written fails the run, and is told of."""
    from trace_ops.pytest_plugin.closing import LooseEnd

    outcomes, loose = session.all_outcomes(), list(session.loose_ends)

    def content(kind: Format) -> bytes:
        if kind == "md":
            from trace_ops.pytest_plugin.markdown import markdown

            return markdown(outcomes, loose, comparison).encode("utf-8", "backslashreplace")
        root, status = session.config.rootpath, run.exitstatus
        report = document(outcomes, loose, comparison, root=root, exit_status=status)
        if kind == "html":
            return session.runs().document(root, report, outcomes, comparison)
        text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
        return text.encode("utf-8", "backslashreplace")

    failed = []
    for target in targets:
        try:
            write_atomically(target.path, content(target.format))
        except OSError as error:
            again = f"pytest {OPTION}={target.format}:{target.path}"
            failed.append(LooseEnd("unwritten", str(target.path), error.strerror or str(error), again))
    if failed and run.exitstatus == pytest.ExitCode.OK:
        run.exitstatus = pytest.ExitCode.TESTS_FAILED
    return failed
