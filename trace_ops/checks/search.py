"""Finds whether steps can be put in an order in which they are the expected ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from trace_ops.checks.arguments import ANYTHING, CallMatcher
from trace_ops.checks.order import Order
from trace_ops.checks.steps import Step
from trace_ops.trace import Trace

Groups: TypeAlias = tuple[tuple[CallMatcher, ...], ...]

_MAX_STATES = 20_000
"""Parallel lanes with many alike steps can be put in more orders than can be tried."""


@dataclass(frozen=True)
class Expected:
    """The expected steps, the steps of the run that are looked at, and which of them fit each other."""

    groups: Groups
    steps: Sequence[Step]

    @cached_property
    def matchers(self) -> list[CallMatcher]:
        """The expected steps, one after the other."""
        return [matcher for group in self.groups for matcher in group]

    @cached_property
    def named(self) -> list[list[int]]:
        """For each expected step, the numbers of the steps that have its name."""
        by_name: dict[str, dict[str, list[int]]] = {}
        for number, step in enumerate(self.steps):
            by_name.setdefault(step.name, {}).setdefault(step.kind, []).append(number)
        found: dict[tuple[str | None, str], list[int]] = {}
        for matcher in self.matchers:
            if (matcher.kind, matcher.name) not in found:
                names = by_name if matcher.is_pattern else {matcher.name} & by_name.keys()
                kinds = (numbers for name in names for numbers in by_name[name].values())
                fitting = (numbers for numbers in kinds if matcher.names(self.steps[numbers[0]]))
                found[matcher.kind, matcher.name] = sorted(itertools.chain.from_iterable(fitting))
        return [found[matcher.kind, matcher.name] for matcher in self.matchers]

    @cached_property
    def accepted(self) -> list[list[int]]:
        """For each expected step, the numbers of the steps that are it, arguments and all."""
        return [
            numbers
            if matcher.arguments is ANYTHING
            else [number for number in numbers if not matcher.mismatches(self.steps[number])]
            for matcher, numbers in zip(self.matchers, self.named)
        ]

    @cached_property
    def acceptors(self) -> dict[int, list[int]]:
        """For each step, the numbers of the expected steps that it is."""
        found: dict[int, list[int]] = {}
        for matcher, numbers in enumerate(self.accepted):
            for number in numbers:
                found.setdefault(number, []).append(matcher)
        return found


def ordered(trace: Trace, every: Sequence[Step], looked_at: Sequence[Step]) -> Order:
    """The order of the steps that are looked at, by their number."""
    number = {id(step): at for at, step in enumerate(looked_at)}
    of_span: dict[int, list[int]] = {}
    for step in every:
        if id(step) in number:
            of_span.setdefault(id(step.span), []).append(number[id(step)])
    return Order.of(trace, [of_span.get(id(span), []) for span in trace])


def most_pairs(fitting: Sequence[Sequence[int]]) -> dict[int, int]:
    """Pair as many expected steps as can be with a step each: number of the step by that of the expected."""
    step_of: dict[int, int] = {}
    owner: dict[int, int] = {}
    for start in range(len(fitting)):
        for one, step in _augmenting(start, fitting, owner, step_of):
            step_of[one], owner[step] = step, one
    return step_of


def _augmenting(
    start: int, fitting: Sequence[Sequence[int]], owner: dict[int, int], step_of: dict[int, int]
) -> list[tuple[int, int]]:
    """How to find one more a partner: Kuhn's algorithm, breadth first."""
    came_from: dict[int, int] = {}
    waiting = [start]
    for one in waiting:
        for step in fitting[one]:
            if step in came_from:
                continue
            came_from[step] = one
            if step not in owner:
                return _back(step, start, came_from, step_of)
            waiting.append(owner[step])
    return []


def _back(step: int, start: int, came_from: dict[int, int], step_of: dict[int, int]) -> list[tuple[int, int]]:
    pairs = []
    while True:
        one = came_from[step]
        pairs.append((one, step))
        if one == start:
            return pairs
        step = step_of[one]


def matches_in_order(order: Order, expected: Expected, *, others: bool) -> bool | None:
    """Whether the steps can be put in an order, keeping to what is known of it, that is the expected one.

    ``others`` allows steps that are not expected in between. ``None`` if there are too many orders to
    try them all.
    """
    if _Search(_chain(len(expected.steps)), expected, others).succeeds():
        return True
    return _Search(order, expected, others).succeeds()


def _chain(length: int) -> Order:
    """Start order, which is one of the possible orders, and mostly the right one."""
    before = [[number - 1] if number else [] for number in range(length)]
    after = [[number + 1] if number + 1 < length else [] for number in range(length)]
    return Order(list(range(length)), after, before)


class _State(NamedTuple):
    """How far a try has come: what is left of the group of expected steps, and which steps are next.

    ``blocked`` holds for each later step of which not all that comes before is done, how much is not.
    """

    group: int
    left: tuple[int, ...]
    ready: frozenset[int]
    blocked: frozenset[tuple[int, int]]


class _Search:
    """Tries to consume the steps of a run group by group, depth first, never twice from the same state."""

    def __init__(self, order: Order, expected: Expected, others: bool) -> None:
        self._order, self._others, self._expected = order, others, expected
        self._groups = list(_numbered(expected.groups))
        sets = {id(numbers): frozenset(numbers) for numbers in expected.accepted}
        self._accepted = [sets[id(numbers)] for numbers in expected.accepted]

    def succeeds(self) -> bool | None:
        first = [node for node, before in enumerate(self._order.before) if not before]
        todo = [self._state(0, (), _Front(self._order, set(first), {}))]
        seen = set(todo)
        while todo:
            state = todo.pop()
            if state.group > len(self._groups) and (self._others or not state.ready):
                return True
            for further in reversed(list(self._moves(state))):
                if further not in seen:
                    seen.add(further)
                    todo.append(further)
            if len(seen) > _MAX_STATES and len(seen) > 4 * len(self._order.steps):
                return None
        return False

    def _state(self, group: int, left: tuple[int, ...], front: _Front) -> _State:
        """The state after a move; where a group is done, the next one begins."""
        if not left:
            left = self._groups[group] if group < len(self._groups) else ()
            group += 1
        front.pass_joints()
        return _State(group, left, frozenset(front.ready), frozenset(front.blocked.items()))

    def _moves(self, state: _State) -> Iterator[_State]:
        tried: set[object] = set()
        for matcher in state.left:
            accepted = self._accepted[matcher]
            if accepted in tried:
                continue
            tried.add(accepted)
            left = tuple(each for each in state.left if each != matcher)
            candidates = self._candidates(state, accepted)
            for node in candidates:
                if len(candidates) > 1 and not self._others:
                    alike = self._alike(node), accepted
                    if alike in tried:
                        continue
                    tried.add(alike)
                yield self._state(state.group, left, self._consumed(state, node))

    def _alike(self, node: int) -> object:
        """What is equal for lanes that are as good as each other: they go on in the same way."""
        step = self._order.steps[node]
        assert step is not None
        return tuple(self._expected.acceptors[step]), tuple(self._order.after[node])

    def _candidates(self, state: _State, accepted: frozenset[int]) -> list[int]:
        front = _Front(self._order, set(state.ready), dict(state.blocked))
        if self._others:
            front.pass_by(accepted)
        return sorted(node for node in front.ready if self._order.steps[node] in accepted)

    def _consumed(self, state: _State, node: int) -> _Front:
        """What comes after a step, and after all that must have come before it."""
        front = _Front(self._order, set(state.ready), dict(state.blocked))
        needed, waiting = {node}, [node]
        for one in waiting:
            if one not in state.ready:
                new = [each for each in self._order.before[one] if each not in needed]
                needed.update(new)
                waiting += new
        front.consume(needed)
        return front


class _Front:
    """The steps that may come next; moves on as they are consumed."""

    def __init__(self, order: Order, ready: set[int], blocked: dict[int, int]) -> None:
        self._order, self.ready, self.blocked = order, ready, blocked

    def consume(self, nodes: set[int]) -> None:
        """Consume these nodes, in their order; those that are done already are none of these."""
        waiting = [node for node in self.ready if node in nodes]
        while waiting:
            waiting += [node for node in self._done(waiting.pop()) if node in nodes]

    def pass_joints(self) -> None:
        waiting = [node for node in self.ready if self._order.steps[node] is None]
        while waiting:
            waiting += [node for node in self._done(waiting.pop()) if self._order.steps[node] is None]

    def pass_by(self, accepted: frozenset[int]) -> None:
        """Go on in each lane up to a step that would be accepted."""
        waiting = [node for node in self.ready if self._order.steps[node] not in accepted]
        while waiting:
            later = self._done(waiting.pop())
            waiting += [node for node in later if self._order.steps[node] not in accepted]

    def _done(self, node: int) -> list[int]:
        self.ready.discard(node)
        new = []
        for later in self._order.after[node]:
            left = self.blocked.pop(later, len(self._order.before[later])) - 1
            if left:
                self.blocked[later] = left
            else:
                self.ready.add(later)
                new.append(later)
        return new


def _numbered(groups: Groups) -> Iterator[tuple[int, ...]]:
    number = 0
    for group in groups:
        yield tuple(range(number, number + len(group)))
        number += len(group)
