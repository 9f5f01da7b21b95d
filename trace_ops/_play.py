"""One wire call between the SDK that makes it and the tape that serves or keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trace_ops.exchange import Exchange, Outcome
from trace_ops.trace import Span

if TYPE_CHECKING:
    from trace_ops.tape import Tape


@dataclass
class Play:
    """One wire call as the tape handles it.

    ``recorded`` is the span it was matched to. ``serving`` tells that its outcomes come from there;
    otherwise the call is live and its outcomes are kept.
    """

    tape: Tape
    span: Span
    exchange: Exchange
    recorded: Span | None = None
    serving: bool = False
    attempts: list[Outcome] = field(default_factory=list)
    done: bool = False

    def next_outcome(self) -> Outcome:
        """The recorded outcome of the next attempt; the final one again if there were fewer."""
        source = self.recorded.exchange if self.recorded else None
        assert source is not None
        outcomes = [*source.retried, source.outcome]
        outcome = outcomes[min(len(self.attempts), len(outcomes) - 1)]
        self.attempts.append(outcome)
        return outcome

    @property
    def is_exhausted(self) -> bool:
        """Whether every recorded outcome was given."""
        source = self.recorded.exchange if self.recorded else None
        return source is not None and len(self.attempts) > len(source.retried)

    def finish(self) -> None:
        """The call is over: its span ends, and what was live is kept."""
        if self.done:
            return
        self.done = True
        if self.attempts:
            self.tape.finish_call(self)
        else:
            self.tape.forget(self.span)
