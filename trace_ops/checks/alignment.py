"""Expected steps beside those of a run: what is missing, what is extra, which arguments differ."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from trace_ops.checks.arguments import CallMatcher
from trace_ops.checks.folding import printable
from trace_ops.checks.order import Order
from trace_ops.checks.search import Expected, most_pairs
from trace_ops.checks.steps import Step
from trace_ops.checks.violation import Violation

Fit = Literal["same", "arguments", "missing", "extra", "misplaced", "other"]
"""What is with a row: as expected; the arguments differ; expected and not there; there and not expected;
there, but not where it is expected; not expected and allowed."""

_MARKS: dict[Fit, str] = {
    "same": " ", "arguments": "~", "missing": "-", "extra": "+", "misplaced": "<", "other": " ",
}  # fmt: skip
_WORDS: dict[Fit, str] = {
    "missing": "missing",
    "extra": "not expected",
    "misplaced": "out of order",
    "arguments": "with other arguments",
}
_MAX_CELLS = 250_000
_MAX_DETAILS = 5
_AROUND = 3
"""So many rows in which nothing is wrong are shown around one in which something is."""


@dataclass(frozen=True)
class Row:
    """An expected step, a step of the run, or both where they correspond."""

    fit: Fit
    expected: CallMatcher | None
    step: Step | None

    @property
    def is_wrong(self) -> bool:
        """Whether the trajectory is not as expected because of this."""
        return self.fit not in ("same", "other")


def align(order: Order, expected: Expected, mode: str) -> list[Row]:
    """Put the expected steps beside those of the run that are most like them."""
    if mode in ("strict", "in_order"):
        rows = _in_order(order, expected)
    else:
        rows = _in_any_order(expected)
    allowed = {"in_order": "extra", "superset": "extra", "subset": "missing"}.get(mode)
    return [row for each in rows if (row := _judged(each, allowed)) is not None]


def _judged(row: Row, allowed: str | None) -> Row | None:
    """A row that the mode allows is no fault; a step that need not be there is not shown."""
    if row.fit != allowed:
        return row
    return None if row.step is None else Row("other", None, row.step)


def violation(rows: Sequence[Row], mode: str, hints: Sequence[str] = ()) -> Violation:
    """What is wrong with a trajectory, as one violation."""
    counts = Counter(row.fit for row in rows if row.is_wrong)
    parts = [f"{counts[fit]} {word}" for fit, word in _WORDS.items() if counts[fit]]
    by = ", ".join(parts) or "the steps come in another order"
    where = tuple(dict.fromkeys(row.step.span.id for row in rows if row.is_wrong and row.step))
    text = f"not the expected trajectory ({mode}): {by}"
    return Violation("trajectory", text, by, where, details=(*_table(rows), *hints))


# --- which steps correspond


def _in_any_order(expected: Expected) -> list[Row]:
    exact = most_pairs(expected.accepted)
    taken = set(exact.values())
    rest = [
        [] if number in exact else [step for step in named if step not in taken]
        for number, named in enumerate(expected.named)
    ]
    near = most_pairs(rest)
    rows = [
        Row("missing", matcher, None)
        if (at := exact.get(number, near.get(number))) is None
        else Row("same" if number in exact else "arguments", matcher, expected.steps[at])
        for number, matcher in enumerate(expected.matchers)
    ]
    taken |= set(near.values())
    return rows + [Row("extra", None, step) for at, step in enumerate(expected.steps) if at not in taken]


def _in_order(order: Order, expected: Expected) -> list[Row]:
    line = _line(order, expected)
    matchers = _expected_line(line, expected)
    if len(line) * len(matchers) > _MAX_CELLS:
        pairs = _greedy(line, matchers, expected)
    else:
        pairs = _cheapest(line, matchers, expected)
    return _misplaced([_row(matcher, step, expected) for matcher, step in pairs])


def _line(order: Order, expected: Expected) -> list[int]:
    """The steps in the one of their possible orders that follows what is expected furthest."""
    if len(order.steps) * len(expected.matchers) > _MAX_CELLS:
        return list(range(len(expected.steps)))
    missing = [len(before) for before in order.before]
    ready = [node for node, count in enumerate(missing) if count == 0]
    wanted = [frozenset(numbers) for numbers in expected.named]
    used = [False] * len(wanted)
    line = []
    while ready:
        joints = [node for node in ready if order.steps[node] is None]
        node = joints[0] if joints else _preferred(ready, order, wanted, used)
        ready.remove(node)
        step = order.steps[node]
        if step is not None:
            line.append(step)
        for later in order.after[node]:
            missing[later] -= 1
            if missing[later] == 0:
                ready.append(later)
    return line


def _preferred(ready: list[int], order: Order, wanted: list[frozenset[int]], used: list[bool]) -> int:
    """Of the steps that may come next, the one that is expected first, else the one that started first."""
    if len(ready) > 1:
        for number, steps in enumerate(wanted):
            if not used[number]:
                for node in sorted(ready):
                    if order.steps[node] in steps:
                        used[number] = True
                        return node
        return min(ready, key=lambda node: order.steps[node] or 0)
    for number, steps in enumerate(wanted):
        if not used[number] and order.steps[ready[0]] in steps:
            used[number] = True
            break
    return ready[0]


def _expected_line(line: Sequence[int], expected: Expected) -> list[int]:
    """The expected steps one after the other, those of a group in the order in which the run has them."""
    numbers, first = [], 0
    place = {step: at for at, step in enumerate(line)}
    start = 0
    for group in expected.groups:
        members = list(range(first, first + len(group)))
        first += len(group)
        if len(members) > 1:
            ahead = {
                number: min(
                    (place[step] for step in expected.named[number] if place[step] >= start),
                    default=len(line),
                )
                for number in members
            }
            members.sort(key=lambda number: ahead[number])
            start = max([start, *(at + 1 for at in ahead.values() if at < len(line))])
        numbers += members
    return numbers


_Pair = tuple[int | None, int | None]


def _cheapest(line: Sequence[int], matchers: Sequence[int], expected: Expected) -> list[_Pair]:
    """Align so that least is missing, extra, or has other arguments."""
    named = [frozenset(numbers) for numbers in expected.named]
    accepted = [frozenset(numbers) for numbers in expected.accepted]
    rows, columns = len(matchers), len(line)
    cost = [[0.0] * (columns + 1) for _ in range(rows + 1)]

    def pair(row: int, column: int) -> float:
        matcher, step = matchers[row], line[column]
        return 0.0 if step in accepted[matcher] else 0.9 if step in named[matcher] else 9.0

    for row in reversed(range(rows + 1)):
        for column in reversed(range(columns + 1)):
            choices = []
            if row < rows and column < columns:
                choices.append(cost[row + 1][column + 1] + pair(row, column))
            if row < rows:
                choices.append(cost[row + 1][column] + 1)
            if column < columns:
                choices.append(cost[row][column + 1] + 1)
            cost[row][column] = min(choices, default=0.0)
    pairs: list[_Pair] = []
    row = column = 0
    while row < rows or column < columns:
        here = cost[row][column]
        if row < rows and column < columns and here == cost[row + 1][column + 1] + pair(row, column):
            pairs.append((matchers[row], line[column]))
            row, column = row + 1, column + 1
        elif row < rows and here == cost[row + 1][column] + 1:
            pairs.append((matchers[row], None))
            row += 1
        else:
            pairs.append((None, line[column]))
            column += 1
    return pairs


def _greedy(line: Sequence[int], matchers: Sequence[int], expected: Expected) -> list[_Pair]:
    """Align long trajectories: each expected step with the next of its name."""
    pairs: list[_Pair] = []
    at = 0
    places: dict[int, list[int]] = {}
    place_of = {step: place for place, step in enumerate(line)}
    for matcher in matchers:
        fitting = expected.named[matcher]
        if id(fitting) not in places:
            places[id(fitting)] = sorted(place_of[step] for step in fitting)
        nearest = bisect_left(places[id(fitting)], at)
        found = places[id(fitting)][nearest] if nearest < len(places[id(fitting)]) else None
        if found is None:
            pairs.append((matcher, None))
            continue
        pairs += [(None, step) for step in line[at:found]]
        pairs.append((matcher, line[found]))
        at = found + 1
    return pairs + [(None, step) for step in line[at:]]


def _row(matcher: int | None, step: int | None, expected: Expected) -> Row:
    if matcher is None:
        assert step is not None
        return Row("extra", None, expected.steps[step])
    if step is None:
        return Row("missing", expected.matchers[matcher], None)
    fit: Fit = "same" if step in expected.accepted[matcher] else "arguments"
    return Row(fit, expected.matchers[matcher], expected.steps[step])


def _misplaced(rows: list[Row]) -> list[Row]:
    """What is missing here and extra there is one step in another place, told where it is expected."""
    extra = [at for at, row in enumerate(rows) if row.fit == "extra"]
    moved: dict[int, Row] = {}
    gone: set[int] = set()
    for at, row in enumerate(rows):
        if row.fit != "missing" or row.expected is None:
            continue
        for place in extra:
            step = rows[place].step
            if place not in gone and step is not None and row.expected.accepts(step):
                moved[at] = Row("misplaced", row.expected, step)
                gone.add(place)
                break
    return [moved.get(at, row) for at, row in enumerate(rows) if at not in gone]


# --- how that reads


def _table(rows: Sequence[Row]) -> Iterator[str]:
    cells = [
        (_MARKS[row.fit], "" if row.expected is None else str(row.expected), _actual(row)) for row in rows
    ]
    width = max([len("expected"), *(len(expected) for _, expected, _ in cells)])
    yield f"  {'expected':{width}}  actual"
    wrong = [at for at, row in enumerate(rows) if row.is_wrong]
    near = (
        {place for at in wrong for place in range(at - _AROUND, at + _AROUND + 1)}
        if wrong
        else set(range(10))
    )
    left_out = 0
    for at, (mark, expected, actual) in enumerate(cells):
        if at not in near:
            left_out += 1
            continue
        if left_out:
            yield f"  ... {left_out} more as expected ..."
            left_out = 0
        yield f"{mark} {expected:{width}}  {actual}".rstrip()
        yield from _arguments(rows[at])
    if left_out:
        yield f"  ... {left_out} more as expected ..."


def _actual(row: Row) -> str:
    if row.step is None:
        return ""
    name = f"{printable(row.step.label)}  (span {row.step.span.id})"
    return f"{name}, out of order" if row.fit == "misplaced" else name


def _arguments(row: Row) -> Iterator[str]:
    if row.fit != "arguments" or row.expected is None or row.step is None:
        return
    lines = row.expected.mismatches(row.step)
    yield from (f"    {line}" for line in lines[:_MAX_DETAILS])
    if len(lines) > _MAX_DETAILS:
        yield f"    and {len(lines) - _MAX_DETAILS} more"
