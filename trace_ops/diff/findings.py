"""A change while its cause is looked for."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Literal

from trace_ops.diff.messages import Key
from trace_ops.diff.model import Change, ChangeKind, Follows, Severity
from trace_ops.diff.steps import Step
from trace_ops.diff.values import text_of

Side = Literal["step", "in", "out"]
"""The step as a whole, what went into it, or what came out."""

_SEVERITY: dict[ChangeKind, Severity] = {
    "trajectory": "major",
    "model": "major",
    "arguments": "major",
    "finish": "major",
    "error": "major",
    "usage": "info",
    "cost": "info",
    "latency": "info",
}


@dataclass(eq=False)
class Finding:
    """One change of a pair of steps, and what is known of where it comes from.

    ``keys`` are those of the messages that changed, for what a conversation carries on. ``calls`` are the
    ids of the tool calls, in either run, whose result it is.
    """

    kind: ChangeKind
    cause: str
    side: Side
    path: str = ""
    before: Any = None
    after: Any = None
    severity: Severity | None = None
    similarity: float | None = None
    old: Step | None = None
    new: Step | None = None
    keys: tuple[Key | None, Key | None] | None = None
    calls: tuple[str | None, str | None] = (None, None)
    root: Finding | None = None
    follows: Follows | None = None
    number: int = field(default=-1, init=False)

    @property
    def sign(self) -> tuple[Hashable, ...]:
        """What this change and its repetitions in other steps have in common."""
        what = "message" if self.keys and self.cause != "system prompt" else self.cause
        return (self.side, what, self.kind, text_of(self.before), text_of(self.after))

    def explained(self, by: Finding, how: Follows) -> None:
        """Say that this merely follows from another, unless that one follows from this."""
        first = by.first
        if first is not self:
            self.root, self.follows = first, how

    @property
    def first(self) -> Finding:
        """The change that this follows from in the end."""
        first = self
        while first.root is not None:  # of what another explained later
            first = first.root
        return first

    def change(self) -> Change:
        """The finding as it is told; all must be numbered."""
        return Change(
            self.kind,
            self.cause,
            self.severity or _SEVERITY.get(self.kind, "minor"),
            None if self.old is None else self.old.span.id,
            None if self.new is None else self.new.span.id,
            self.path,
            self.before,
            self.after,
            None if self.root is None else self.first.number,
            self.follows,
            self.similarity,
        )
