"""The report of a run as GitHub-flavoured Markdown, such as the summary of a job shows it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from trace_ops._verify import Drift, report
from trace_ops.diff.markdown import block, code
from trace_ops.pytest_plugin import summary
from trace_ops.pytest_plugin.outcome import Outcome

if TYPE_CHECKING:
    from trace_ops.pytest_plugin.base import Comparison
    from trace_ops.pytest_plugin.closing import LooseEnd

_MOST_ROWS = 200
_MOST_DIFFS = 20
_ROOM_FOR_DRIFT = 10_000
"""GitHub shows 1 MiB of a summary, and nothing of a longer one."""


def markdown(
    outcomes: Sequence[Outcome], loose_ends: Sequence[LooseEnd], comparison: Comparison | None
) -> str:
    """The report, with a heading, a line of totals, and what is not as it should be above the rest."""
    return "\n".join(_lines(outcomes, loose_ends, comparison)) + "\n"


def _lines(
    outcomes: Sequence[Outcome], loose_ends: Sequence[LooseEnd], comparison: Comparison | None
) -> Iterator[str]:
    # What changed is told in Markdown of its own.
    told = [line.text for line in summary.lines(outcomes, loose_ends) if line.style != "plain"]
    yield from ("## TraceOps", "", told[0] if told else "No test made a call.")
    loud = [outcome for outcome in outcomes if not _is_quiet(outcome)]
    quiet = [outcome for outcome in outcomes if _is_quiet(outcome)]
    if loud:
        yield from ("", *_table(loud))
    if told[1:]:
        yield ""
        yield from (f"- {code(line)}" for line in told[1 : 1 + _MOST_ROWS])
        yield from _more(len(told) - 1, _MOST_ROWS, "line")
    for outcome in loud:
        if outcome.reason and outcome.problem != "UsageError":  # which the lines above tell
            yield f"- {code(outcome.label)}: {code(outcome.reason)}"
        yield from (f"- {code(outcome.label)}: {code(each)}" for each in outcome.violations)
    yield from _drifts(loud)
    yield from _diffs((outcome.label, outcome.diff_markdown) for outcome in loud)
    if quiet:
        title = f"{len(quiet)} test{'s' if len(quiet) > 1 else ''} passed and replayed"
        yield from ("", *_folded(title, _table(quiet)))
    if comparison is not None:
        yield from ("", f"### Compared with {code(comparison.shown)}", "")
        yield from (f"- {code(line.text)}" for line in list(comparison.lines())[:_MOST_ROWS])
        yield from _diffs((name, changed.markdown) for name, changed in comparison.changed.items())


def _is_quiet(outcome: Outcome) -> bool:
    return (
        outcome.result in ("passed", "skipped", "xfailed") and outcome.verdict in ("replayed", "empty")
    ) and not (outcome.diff_markdown or outcome.violations)


def _table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield "| test | result | cassette | calls | tokens | spent | saved | time |"
    yield "|---|---|---|--:|--:|--:|--:|--:|"
    yield from (_row(outcome) for outcome in outcomes[:_MOST_ROWS])
    yield from _more(len(outcomes), _MOST_ROWS, "test")


def _row(outcome: Outcome) -> str:
    cells = [
        code(outcome.label).replace("|", "\\|"),
        outcome.result,
        outcome.verdict,
        f"{outcome.replayed + outcome.recorded + outcome.missed:,}",
        f"{outcome.tokens_spent + outcome.tokens_saved:,}",
        summary.money([outcome.spent]) if outcome.recorded else "",
        summary.money([outcome.saved]) if outcome.replayed else "",
        f"{outcome.seconds:.2f} s",
    ]
    return f"| {' | '.join(cells)} |"


def _drifts(outcomes: Sequence[Outcome]) -> Iterator[str]:
    told = [outcome for outcome in outcomes if outcome.drift]
    for outcome in told[:_MOST_DIFFS]:
        title = f"<code>{html.escape(outcome.label)}</code>: how the live answers differ"
        drift = [Drift(**{**one, "detail": tuple(one["detail"])}) for one in outcome.drift]
        yield from ("", *_folded(title, block(report.lines(drift), _ROOM_FOR_DRIFT, "text").splitlines()))
    yield from _more(len(told), _MOST_DIFFS, "test")


def _diffs(diffs: Iterable[tuple[str, str | None]]) -> Iterator[str]:
    told = [(title, text) for title, text in diffs if text]
    for title, text in told[:_MOST_DIFFS]:
        yield from ("", *_folded(f"<code>{html.escape(title)}</code>: what changed", text.splitlines()))
    yield from _more(len(told), _MOST_DIFFS, "diff")


def _folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from (f"<details><summary>{title}</summary>", "", *lines, "", "</details>")


def _more(number: int, limit: int, what: str) -> Iterator[str]:
    if number > limit:
        left = number - limit
        yield from ("", f"... and {left} more {what}{'s' if left > 1 else ''}")
