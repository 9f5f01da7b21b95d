"""The section at the end of a run: how the tests with cassettes fared, and what to run where they did not."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from trace_ops._verify.report import tally
from trace_ops.pytest_plugin import reliability
from trace_ops.pytest_plugin.outcome import Outcome, Verdict

if TYPE_CHECKING:
    from trace_ops.pytest_plugin.closing import LooseEnd

Style = Literal["good", "warning", "bad", "plain"]
_ORDER: tuple[Verdict, ...] = (
    "replayed", "recorded", "partial", "verified", "missed", "missing", "unplayed", "different", "unkept",
    "broken",
)  # fmt: skip
_MOST_LINES = 30
"""So many lines tell what the run of a test did differently, unless more are asked for."""

_GOES_ON = "which the next run goes on from"
_USAGE = "UsageError"
_BAD = ("missed", "missing", "unplayed", "different", "broken")


class Line(NamedTuple):
    """One line of the section and how it is meant."""

    text: str
    style: Style


def lines(
    outcomes: Sequence[Outcome],
    loose_ends: Sequence[LooseEnd] = (),
    *,
    quiet: bool = False,
    verbose: bool = False,
) -> Iterator[Line]:
    """The section, line by line; empty if there is nothing to tell, or with ``quiet`` nothing but replays."""
    counts = Counter(outcome.verdict for outcome in outcomes)
    problems = [*_problems(outcomes, verbose), *map(_loose_end, loose_ends)]
    problems += _takes(outcomes, quiet, verbose)
    if verbose:
        problems += [Line(f"NOTE {one.label}: {note}", "good") for one in outcomes for note in one.notes]
    written = any(outcome.snapshots_written for outcome in outcomes)
    silent = {"replayed", "empty"} if quiet else {"empty"}
    if not problems and not written and set(counts) <= silent:
        return
    total = _totals(counts, outcomes, loose_ends)
    styles = {line.style for line in problems}
    yield Line(total or "no model calls", _gravest(styles))
    yield from problems


def _gravest(styles: set[Style]) -> Style:
    return "bad" if "bad" in styles else "warning" if "warning" in styles else "good"


def _totals(counts: Counter[Verdict], outcomes: Sequence[Outcome], loose_ends: Sequence[LooseEnd]) -> str:
    parts = [f"{counts[verdict]} {verdict}" for verdict in _ORDER if counts[verdict]]
    orphans = sum(1 for end in loose_ends if end.what == "orphan")
    if orphans:
        parts.append(f"{orphans} orphan cassette{'s' if orphans > 1 else ''}")
    unplayed = sum(1 for end in loose_ends if end.what == "unplayed")
    if unplayed:
        parts.append(f"{unplayed} shared cassette{'s' if unplayed > 1 else ''} unplayed")
    written = sum(outcome.snapshots_written for outcome in outcomes)
    unused = sum(1 for end in loose_ends if end.what == "unused") + sum(
        len(outcome.snapshots_unused) for outcome in outcomes
    )
    parts += [
        _snapshots(number, what) for number, what in ((written, "written"), (unused, "unused")) if number
    ]
    spent, saved = [o for o in outcomes if o.recorded], [o for o in outcomes if o.replayed]
    if spent:
        parts.append(f"spent {money(o.spent for o in spent)}{_tokens(o.tokens_spent for o in spent)}")
    if saved:
        parts.append(f"saved {money(o.saved for o in saved)}{_tokens(o.tokens_saved for o in saved)}")
    return ", ".join(parts)


def _snapshots(number: int, what: str) -> str:
    return f"{number} snapshot{'s' if number > 1 else ''} {what}"


def _tokens(numbers: Iterable[int]) -> str:
    total = sum(numbers)
    return f" ({total:,} token{'' if total == 1 else 's'})" if total else ""


def money(amounts: Iterable[float | None]) -> str:
    """A sum of US dollars; what is not known is said to be so."""
    amounts = list(amounts)
    known = [amount for amount in amounts if amount is not None]
    if not known:
        return "unknown"
    total = sum(known)
    text = f"${total:,.2f}" if total >= 1 or total == 0 else f"${total:.6f}".rstrip("0")
    return text if len(known) == len(amounts) else f"{text} + unknown"


def _problems(outcomes: Iterable[Outcome], verbose: bool) -> Iterator[Line]:
    for outcome in outcomes:
        verdict = outcome.verdict
        told = _told(outcome)
        if told is not None:
            command = outcome.again if verdict in ("unkept", "broken") else outcome.command
            command = outcome.anew if verdict == "different" else command  # its calls are known ones
            style: Style = "bad" if verdict in _BAD else "warning"
            # To run a test again that asks for what cannot be gives the same error.
            # What was recorded and kept is nothing to record once more.
            then = "" if outcome.problem == _USAGE or verdict == "partial" else f"; {command}"
            yield Line(f"{verdict.upper()} {outcome.label}: {told}{then}", style)
        if outcome.snapshots_unused:
            names = ", ".join(outcome.snapshots_unused)
            file, command = (
                shown(outcome.snapshots or ""),
                f"{outcome.plain_command} --trace-update-snapshots",
            )
            yield Line(f"UNUSED {outcome.label}: snapshot {names} in {file}; {command}", "warning")
        if outcome.drift and verdict != "different":
            yield Line(f"DRIFT {outcome.label}: {_drift(outcome)}", "warning")
        if outcome.change is not None:
            yield Line(f"CHANGED {outcome.label}: {outcome.change}", "warning")
            yield from _change(outcome.change_lines, verbose)
        yield from (Line(f"WARNING {outcome.label}: {text}", "warning") for text in outcome.warnings)
        for address in outcome.blocked:
            host = re.sub(r":\d+$", "", address.partition(" ")[0]).strip("[]")
            yield Line(f"BLOCKED {outcome.label}: {address}; pytest -o trace_allowed_hosts={host}", "warning")


def _change(lines: Sequence[str], verbose: bool) -> Iterator[Line]:
    """What the recording of a test was brought up to, in full or its beginning."""
    shown = lines if verbose or len(lines) <= _MOST_LINES else lines[: _MOST_LINES - 1]
    yield from (Line(f"  {line}".rstrip(), "plain") for line in shown)
    if len(shown) < len(lines):
        yield Line(f"  {len(lines) - len(shown)} more lines, with -v", "plain")


def _takes(outcomes: Sequence[Outcome], quiet: bool, verbose: bool) -> Iterator[Line]:
    for takes in reliability.by_test(outcomes):
        all_passed = takes.passed == len(takes.takes)
        nothing = not any(take.get("trajectory") for take in takes.takes)
        if all_passed and (quiet or nothing):
            continue
        style: Style = "good" if all_passed else "warning" if takes.succeeded else "bad"
        first = next(outcome for outcome in outcomes if outcome.test == takes.test)
        again = "" if takes.succeeded or takes.broken else f"; {first.anew}"
        yield Line(f"TAKES {takes.test}: {reliability.line(takes)}{again}", style)
        if verbose:
            yield from (Line(f"  {line}", "good") for line in reliability.details(takes))


def _told(outcome: Outcome) -> str | None:
    verdict = outcome.verdict
    if verdict == "missed":
        return f"{_calls(outcome.missed)} not in {shown(outcome.cassette)}"
    if verdict == "missing":
        return f"no cassette {shown(outcome.cassette)}"
    if verdict == "unplayed":
        labels = [call.label for call in outcome.unplayed]
        return ", ".join(labels[:5]) + (f" and {len(labels) - 5} more" if len(labels) > 5 else "")
    if verdict == "different":
        return f"live answers differ from {shown(outcome.cassette)} ({_drift(outcome)})"
    if verdict == "broken" and outcome.problem == _USAGE:
        return outcome.reason
    if verdict == "broken":
        return f"{outcome.problem}: {shown(outcome.cassette)}"
    if verdict == "unkept":
        # Who asks for everything anew gets no answer of a run that failed.
        further = "which are to be made again" if outcome.mode in ("all", "rewrite") else _GOES_ON
        return f"failed after {_calls(outcome.recorded)}, {further}"
    if verdict == "partial":
        return f"{_calls(outcome.recorded)} recorded, {outcome.replayed} replayed"
    return None


def _drift(outcome: Outcome) -> str:
    """How much live answers differ, and the gravest of it."""
    told = tally(one["severity"] for one in outcome.drift)
    worst = min(outcome.drift, key=lambda one: (not one["fails"], one["span"]), default=None)
    return f"{told}: span {worst['span']} {worst['what']}" if worst is not None else told


def _calls(number: int) -> str:
    return f"{number} call{'' if number == 1 else 's'}"


def _loose_end(end: LooseEnd) -> Line:
    style: Style = "warning" if end.what in ("orphan", "unused") else "bad"
    return Line(f"{end.what.upper()} {shown(end.cassette)}: {end.detail}; {end.command}", style)


def shown(path: str) -> str:
    """A path as a person at the terminal would write it."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith(os.pardir) else relative


_MARKUP: dict[Style, dict[str, bool]] = {
    "good": {"green": True},
    "warning": {"yellow": True},
    "bad": {"red": True},
    "plain": {},
}


def write(terminal: Any, section: Iterable[Line], title: str = "TraceOps") -> None:
    """Write a section to pytest's terminal, if there is one to write."""
    section = list(section)
    if not section:
        return
    terminal.write_sep("=", title, **_MARKUP[section[0].style])
    for line in section:
        terminal.write_line(line.text, **_MARKUP[line.style])
