"""Whether a run took the steps that are expected of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from trace_ops.checks import alignment
from trace_ops.checks.arguments import KINDS, CallMatcher
from trace_ops.checks.folding import printable
from trace_ops.checks.order import Order
from trace_ops.checks.search import Expected, Groups, matches_in_order, most_pairs, ordered
from trace_ops.checks.steps import Step, steps
from trace_ops.checks.violation import Violation
from trace_ops.errors import UsageError
from trace_ops.trace import Trace

TrajectoryMode = Literal["strict", "in_order", "unordered", "subset", "superset"]
"""``strict``: exactly the expected steps, in their order. ``in_order``: the expected steps in their order,
others may come between. ``unordered``: exactly the expected steps, in any order. ``superset``: the run has
at least the expected steps, in any order. ``subset``: the run has none but expected steps, in any order,
and not each needs to be there. A step counts once: two calls of a tool are two expected steps.

The words are those of agentevals (https://github.com/langchain-ai/agentevals), where sub- and superset
say how the run relates to what is expected as well; ``in_order`` is from Google's trajectory metrics."""

MODES: tuple[TrajectoryMode, ...] = get_args(TrajectoryMode)


@dataclass(frozen=True)
class Trajectory:
    """Steps that are expected of a run. Made by :meth:`of`, which checks what it is given.

    ``groups`` are taken one after the other; the steps within one in any order. ``kinds`` are the kinds
    of steps that are looked at, all others are left out.
    """

    groups: Groups
    mode: TrajectoryMode = "strict"
    kinds: frozenset[str] = frozenset({"tool"})

    @classmethod
    def of(
        cls, expected: Iterable[Any], mode: str = "strict", kinds: Collection[str] | None = None
    ) -> Trajectory:
        """Read an expected trajectory; raises :class:`UsageError` about what it cannot be.

        ``expected`` holds names (``"search"``, ``"llm:gpt-*"``), matchers of calls
        (:func:`~trace_ops.checks.arguments.tool`) and sets of these. Unless ``kinds`` is given, tools are
        looked at and what other kinds are named (``"llm:..."``).
        """
        if isinstance(expected, (str, CallMatcher)) or not isinstance(expected, Iterable):
            raise UsageError(f"the expected trajectory is a list of steps, not {expected!r}")
        if mode not in MODES:
            raise UsageError(f"unknown trajectory mode {mode!r}; choose {', '.join(MODES)}")
        groups = tuple(_group(each) for each in expected)
        if not groups and mode in ("in_order", "superset"):
            raise UsageError(f"mode {mode!r} with no expected step accepts any run")
        named = {matcher.kind for group in groups for matcher in group if matcher.kind is not None}
        return cls(groups, mode, _kinds(kinds, named))

    @classmethod
    def parse(cls, text: str, mode: str = "strict", kinds: Collection[str] | None = None) -> Trajectory:
        """Read a trajectory as the command line has it: ``plan,search|read,answer``."""
        groups = (
            [[name.strip() for name in group.split("|")] for group in text.split(",")] if text.strip() else []
        )
        if any(not name for group in groups for name in group):
            raise UsageError(
                f"the trajectory {text!r} has an empty step; write it as plan,search|read,answer"
            )
        return cls.of([group[0] if len(group) == 1 else _Parallel(group) for group in groups], mode, kinds)

    def check(self, trace: Trace) -> list[Violation]:
        """One violation, with the expected steps beside those of the run, or none."""
        every = steps(trace)
        looked_at = [step for step in every if step.kind in self.kinds]
        expected = Expected(self.groups, looked_at)
        order = ordered(trace, every, looked_at)
        kept = self._is_kept(order, expected)
        if kept:
            return []
        hints = _elsewhere(expected, every)
        if kept is None:
            hints.append("the parallel steps can be put in too many orders: not all were tried")
        return [alignment.violation(alignment.align(order, expected, self.mode), self.mode, hints)]

    def _is_kept(self, order: Order, expected: Expected) -> bool | None:
        if self.mode in ("strict", "in_order"):
            return matches_in_order(order, expected, others=self.mode == "in_order")
        pairs = len(most_pairs(expected.accepted))
        missing, extra = len(expected.matchers) - pairs, len(expected.steps) - pairs
        return not (missing and self.mode != "subset") and not (extra and self.mode != "superset")

    def __str__(self) -> str:
        return ", ".join(
            str(group[0]) if len(group) == 1 else "{" + ", ".join(map(str, group)) + "}"
            for group in self.groups
        )


class _Parallel(list[str]):
    """Names of steps in any order, of which some may be the same."""


def _group(expected: Any) -> tuple[CallMatcher, ...]:
    if isinstance(expected, (set, frozenset)):
        # A set of names has another order in each process; what is shown of it must not.
        return tuple(sorted(map(CallMatcher.of, expected), key=str)) or _refuse_empty()
    if isinstance(expected, _Parallel):
        return tuple(map(CallMatcher.of, expected))
    return (CallMatcher.of(expected),)


def _refuse_empty() -> tuple[CallMatcher, ...]:
    raise UsageError("an empty set is no expected step")


def _kinds(kinds: Collection[str] | None, named: Collection[str]) -> frozenset[str]:
    if kinds is None:
        return frozenset({"tool", *named})
    given = frozenset([kinds] if isinstance(kinds, str) else kinds)
    if not given or not given <= set(KINDS):
        raise UsageError(f"kinds={kinds!r}: choose from {', '.join(KINDS)}")
    if not given >= set(named):
        missing = ", ".join(sorted(set(named) - given))
        raise UsageError(f"steps of kind {missing} are expected, but kinds={kinds!r} leaves them out")
    return given


def _elsewhere(expected: Expected, every: Sequence[Step]) -> list[str]:
    """Hints about steps of an expected name and another kind."""
    absent = {matcher.name for matcher, steps in zip(expected.matchers, expected.named) if not steps}
    others = {f"{step.kind}:{step.name}" for step in every if step.name in absent}
    return [f"there is a step {printable(label)}: write it so to expect it" for label in sorted(others)]
