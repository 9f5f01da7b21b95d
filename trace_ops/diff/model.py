"""What a comparison of two runs found: changes, the first divergence, and what merely followed from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from trace_ops.trace import Span, Trace

ChangeKind = Literal[
    "trajectory",
    "model",
    "prompt",
    "tools",
    "arguments",
    "result",
    "parameters",
    "response",
    "finish",
    "error",
    "usage",
    "cost",
    "latency",
]
"""What changed: a step added, removed or moved (``trajectory``); the model; system prompt or messages
(``prompt``); the tools offered (``tools``); what a tool was called with (``arguments``) and what it or a
retrieval gave back (``result``); any other parameter of a request; the words of an answer (``response``)
and why it ended (``finish``); an error that came, went or changed; tokens of a call whose words are the
same (``usage``); dollars and time of the whole run (``cost``, ``latency``)."""

Severity = Literal["major", "minor", "info"]
"""``major``: the agent does something else, or on other terms (trajectory, model, arguments, finish, error,
other tools asked for); ``minor``: it is told or says something else; ``info``: the same in other words, or
only the tokens, cost and time differ."""

METRICS: tuple[ChangeKind, ...] = ("usage", "cost", "latency")
"""The kinds that say how much a run took, not what it did."""

SEVERITIES: tuple[Severity, ...] = ("major", "minor", "info")

Follows = Literal["repeats", "carries", "answers", "after"]
"""Why a change merely follows from another: the same change again in a later request; a text or value
that the other one changed, handed on; the answer to a request that changed; a step taken after the run
had gone another way."""


class Pair(NamedTuple):
    """Two steps that correspond; ``None`` on the side that has no counterpart."""

    old: Span | None
    new: Span | None


@dataclass(frozen=True)
class Change:
    """One thing that changed.

    ``cause`` is a phrase for a person: ``system prompt``, ``message 4 (user)``, ``tool list``,
    ``parameter temperature``, ``provider's answer``, ``tool result``, ``step removed``. ``path`` is where
    in the step: a dotted path into the wire body, ``input``, ``output``; empty for the step as a whole.
    ``old`` and ``new`` are span ids. ``root`` is the number of the change (its index in
    ``TraceDiff.changes``) that this one follows from, ``None`` for a change that nothing explains.
    ``similarity`` is set for texts that were compared, 0 to 1.
    """

    kind: ChangeKind
    cause: str
    severity: Severity
    old: int | None
    new: int | None
    path: str = ""
    before: Any = None
    after: Any = None
    root: int | None = None
    follows: Follows | None = None
    similarity: float | None = None

    @property
    def is_root(self) -> bool:
        """Whether nothing else that changed explains this."""
        return self.root is None


class Metric(NamedTuple):
    """A total of both runs; ``None`` where it is not known.

    Nobody knows the price of some model, or an answer does not tell what the call took.
    """

    name: str
    before: float | None
    after: float | None

    @property
    def ratio(self) -> float | None:
        """By how much it grew: 0.1 for a tenth more; ``None`` if that cannot be told."""
        if self.before is None or self.after is None:
            return None
        if self.before == 0:
            return 0.0 if self.after == 0 else None
        return (self.after - self.before) / self.before


@dataclass(frozen=True)
class TraceDiff:
    """The differences between two runs.

    ``pairs`` aligns all their steps, in the order of the new run, removed ones where they used to be.
    ``changes`` are in that order too. ``metrics`` are totals (``llm_calls``, ``tool_calls``,
    ``input_tokens``, ``output_tokens``, ``cached_tokens``, ``tokens``, ``cost_usd``, ``ms``), whether they
    differ or not. True where anything changed but metrics.
    """

    old: Trace = field(repr=False)
    new: Trace = field(repr=False)
    pairs: tuple[Pair, ...] = field(default=(), repr=False)
    changes: tuple[Change, ...] = ()
    metrics: tuple[Metric, ...] = ()

    def __bool__(self) -> bool:
        return self.has_changes

    @property
    def has_changes(self) -> bool:
        """Whether anything changed, tokens, cost and time aside."""
        return any(change.kind not in METRICS for change in self.changes)

    @property
    def roots(self) -> list[Change]:
        """The changes that no other explains, tokens, cost and time aside."""
        return [change for change in self.changes if change.is_root and change.kind not in METRICS]

    @property
    def downstream(self) -> list[Change]:
        """The changes that follow from others."""
        return [change for change in self.changes if not change.is_root]

    @property
    def first_divergence(self) -> Change | None:
        """The first change that nothing explains.

        One that says the same in other words (``info``) is it only if there is no other.
        """
        roots = self.roots
        return next((root for root in roots if root.severity != "info"), roots[0] if roots else None)

    @property
    def trajectory_changed(self) -> bool:
        """Whether steps were added, removed or moved."""
        return any(change.kind == "trajectory" for change in self.changes)

    @property
    def severity(self) -> Severity | None:
        """The gravest severity among all changes, ``None`` if there are none."""
        found = {change.severity for change in self.changes}
        return next((severity for severity in SEVERITIES if severity in found), None)

    def following(self, change: Change) -> list[Change]:
        """The changes that follow from a root; raises :class:`ValueError` for one of no change here."""
        # Several may be equal: the same edit in two places of a step that no path tells apart.
        same = (number for number, other in enumerate(self.changes) if other is change)
        number = next(same, None)
        if number is None:
            number = self.changes.index(change)
        return [other for other in self.changes if other.root == number]

    def of_kind(self, *kinds: ChangeKind) -> list[Change]:
        """The changes of some kinds."""
        return [change for change in self.changes if change.kind in kinds]

    def metric(self, name: str) -> Metric:
        """One of the totals; raises :class:`KeyError` for a name that is none."""
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise KeyError(name)

    def without(self, kinds: Iterable[str]) -> TraceDiff:
        """The same diff less some kinds.

        Of what followed from a change left out, the first that counts stands for itself, and the rest
        follows from that.
        """
        left_out = set(kinds)
        kept = [number for number, change in enumerate(self.changes) if change.kind not in left_out]
        place = {number: position for position, number in enumerate(kept)}
        heirs: dict[int, int] = {}
        for only_grave in (True, False):
            for number in kept:
                change = self.changes[number]
                counts = change.severity != "info" or not only_grave
                if counts and change.root is not None and change.root not in place:
                    heirs.setdefault(change.root, number)
        changes = []
        for number in kept:
            change = self.changes[number]
            root = None if change.root is None else heirs.get(change.root, change.root)
            changes.append(_moved(change, None if root is None or root == number else place[root]))
        return TraceDiff(self.old, self.new, self.pairs, tuple(changes), self.metrics)

    def summary(self) -> str:
        """What changed, for a person: the first divergence, what else changed, what followed."""
        from trace_ops.diff.report import summary

        return summary(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        from trace_ops.diff.report import to_dict

        return to_dict(self)

    def to_json(self) -> str:
        """Everything as JSON."""
        import json

        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def to_markdown(self) -> str:
        """What changed as GitHub-flavoured Markdown."""
        from trace_ops.diff.report import to_markdown

        return to_markdown(self)


def _moved(change: Change, root: int | None) -> Change:
    from dataclasses import replace

    return replace(change, root=root, follows=None if root is None else change.follows)
