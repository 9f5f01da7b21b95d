"""Whether an agent goes round in circles."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any

from trace_ops.checks.branches import Branch, branches
from trace_ops.checks.folding import printable
from trace_ops.checks.limits import count
from trace_ops.checks.steps import Step, steps
from trace_ops.checks.violation import Violation
from trace_ops.errors import UsageError
from trace_ops.trace import Span, Trace

_LONGEST_CYCLE = 20
"""Longer blocks that repeat are not looked for."""

_MAX_ARGUMENTS = 60


@dataclass(frozen=True)
class LoopLimits:
    """What still is no loop.

    So many calls of one tool in a row, whatever their arguments; so many calls of one tool with the same
    arguments, anywhere in the run; so many times the same block of two or more tools in a row. Tools that
    one answer asks for at once are one turn: they do not make a row longer. Branches that run in parallel
    are counted each by itself.
    """

    max_consecutive_same_tool: int = 3
    max_same_call: int = 3
    max_cycles: int = 2

    @classmethod
    def of(cls, **limits: Any) -> LoopLimits:
        """Check what was given; raises :class:`UsageError` that names the option."""
        names = [each.name for each in fields(cls)]
        for name in limits:
            if name not in names:
                raise UsageError(f"there is no loop limit {name!r}; there are {', '.join(names)}")
        return cls(**{name: count(name, value, least=1) for name, value in limits.items()})

    def check(self, trace: Trace) -> list[Violation]:
        """List the loops of a run."""
        found = []
        for turns in _turns(trace):
            found += [*self._in_a_row(turns), *self._same_calls(turns), *self._cycles(turns)]
        return found

    def _in_a_row(self, turns: Sequence[_Turn]) -> Iterator[Violation]:
        start = 0
        for end in range(1, len(turns) + 1):
            if end < len(turns) and turns[end].step.name == turns[start].step.name:
                continue
            row, start = turns[start:end], end
            times = len({turn.number for turn in row})
            what = f"tool {printable(row[0].step.name)!r} was called {times} times in a row"
            yield from _over("max_consecutive_same_tool", what, times, self.max_consecutive_same_tool, row)

    def _same_calls(self, turns: Sequence[_Turn]) -> Iterator[Violation]:
        calls: dict[tuple[str, str], list[_Turn]] = {}
        for turn in turns:
            if turn.step.arguments is not None:
                key = turn.step.name, json.dumps(turn.step.arguments, sort_keys=True, default=repr)
                calls.setdefault(key, []).append(turn)
        for (name, arguments), same in calls.items():
            times, given = len({turn.call for turn in same}), printable(arguments, _MAX_ARGUMENTS)
            what = f"tool {printable(name)!r} was called {times} times with {given}"
            yield from _over("max_same_call", what, times, self.max_same_call, same)

    def _cycles(self, turns: Sequence[_Turn]) -> Iterator[Violation]:
        together = [list(group) for _, group in groupby(turns, lambda turn: turn.number)]
        names = [" + ".join(sorted({printable(turn.step.name) for turn in group})) for group in together]
        single = [len({turn.step.name for turn in group}) == 1 for group in together]
        end = 0
        for start, size, times in _cycles(names):
            if times > self.max_cycles and start >= end and not (size == 1 and single[start]):
                end = start + size * times
                what = f"{' -> '.join(names[start : start + size])} was run {times} times in a row"
                within = [turn for group in together[start:end] for turn in group]
                yield from _over("max_cycles", what, times, self.max_cycles, within)


def _over(option: str, what: str, times: int, limit: int, turns: Sequence[_Turn]) -> Iterator[Violation]:
    if times > limit:
        where = tuple(dict.fromkeys(turn.step.span.id for turn in turns))
        text = f"{option}: {what}, {times - limit} over the limit of {limit}"
        yield Violation(option, text, f"{times - limit} times", where, limit, times)


@dataclass(frozen=True)
class _Turn:
    """A tool call, and the number of the turn it belongs to; lanes started together are one ``call``."""

    step: Step
    number: int
    call: int


def _turns(trace: Trace) -> Iterable[list[_Turn]]:
    """The tool calls of each branch."""
    unseen = {id(step.span) for step in steps(trace, ("tool",)) if step.asked is not None}
    branch_of = branches(trace)
    of_branch: dict[Branch, list[Step]] = {}
    for step in steps(trace):
        of_branch.setdefault(branch_of[step.span.id], []).append(step)
    return [_in_turn(branch, unseen) for branch in of_branch.values()]


def _in_turn(branch: Iterable[Step], unseen: Collection[int]) -> list[_Turn]:
    """Tools that one answer asked for share a turn, and so do lanes started together."""
    turns: list[_Turn] = []
    asked: Counter[str] = Counter()
    turn_of_answer, number = 0, 0
    before: Span | None = None
    for step in branch:
        if step.kind == "llm":
            number += 1
            asked, turn_of_answer = Counter(step.span.tools), number
        elif step.kind == "tool" and asked[step.name] > 0:
            asked[step.name] -= 1
            turns.append(_Turn(step, turn_of_answer, len(turns)))
        elif step.kind == "tool":
            alongside = before is not None and id(before) not in unseen and _alongside(before, step.span)
            number += not alongside
            turns.append(_Turn(step, number, turns[-1].call if alongside else len(turns)))
        before = step.span
    return turns


def _alongside(one: Span, other: Span) -> bool:
    """Whether two neighbours ran in lanes of their own beneath one parent."""
    return one.kind == other.kind and one.parent == other.parent and one.lane != other.lane


def _cycles(names: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Blocks of names that repeat in a row: start, length of the block, and how often."""
    found = []
    for size in range(1, min(_LONGEST_CYCLE, len(names) // 2) + 1):
        start = 0
        while start + size < len(names):
            end = start
            while end + size < len(names) and names[end] == names[end + size]:
                end += 1
            times = (end - start) // size + 1
            if times > 1 and _is_primitive(names[start : start + size]):
                found.append((start, size, times))
            start = max(end, start + 1)
    return iter(sorted(found))


def _is_primitive(block: Sequence[str]) -> bool:
    """Whether a block is not itself a shorter one, repeated."""
    sizes = (size for size in range(1, len(block)) if len(block) % size == 0)
    return not any(block[size:] == block[:-size] for size in sizes)
