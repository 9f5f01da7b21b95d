"""What a run may take at most: money, tokens, calls, time, errors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from trace_ops.checks import meters, timing
from trace_ops.checks.limits import Relative, limit
from trace_ops.checks.loops import LoopLimits
from trace_ops.checks.meters import Meter
from trace_ops.checks.violation import Violation
from trace_ops.errors import UsageError
from trace_ops.trace import Trace

_Limit = int | float | Relative | None


@dataclass(frozen=True)
class Budget:
    """Limits of a run; ``None`` where there is none. Made by :meth:`of`, which checks what it is given.

    Each is a number, or :class:`~trace_ops.checks.limits.Relative` to what was recorded.
    """

    max_usd: _Limit = None
    max_tokens: _Limit = None
    max_input_tokens: _Limit = None
    max_output_tokens: _Limit = None
    max_llm_calls: _Limit = None
    max_tool_calls: _Limit = None
    max_seconds: _Limit = None
    max_first_token_seconds: _Limit = None
    max_errors: _Limit = None
    max_tool_errors: _Limit = None
    no_loops: LoopLimits | None = None

    @classmethod
    def of(cls, **limits: Any) -> Budget:
        """Build a budget from limits as people write them; raises :class:`UsageError` naming the option.

        Numbers are absolute; ``"+10%"`` and ``"-5%"`` are relative to the recording. ``no_loops`` is
        ``True``, a number (``max_consecutive_same_tool``) or a mapping of the options of
        :func:`~trace_ops.assertions.assert_no_loops`. ``None`` means no limit.
        """
        names = [each.name for each in fields(cls)]
        for name in limits:
            if name not in names:
                raise UsageError(f"there is no limit {name!r}; there are {', '.join(names)}")
        given = {name: value for name, value in limits.items() if value is not None}
        return cls(**{name: _read(name, value) for name, value in given.items()})

    @property
    def is_relative(self) -> bool:
        """Whether any limit depends on a recording."""
        return any(isinstance(value, Relative) for value in self._limits.values())

    def __bool__(self) -> bool:
        return self != Budget()

    def check(self, trace: Trace, recorded: Trace | None = None) -> list[Violation]:
        """List what the run takes too much of.

        ``recorded`` is what relative limits relate to; without it they are not checked, see :meth:`notes`.
        """
        found = []
        for name, bound in self._limits.items():
            if not isinstance(bound, Relative):
                found += meters.check(trace, name, METERS[name], bound)
            elif recorded is not None:
                found += _relative_to(recorded, trace, name, bound)
        return found + (self.no_loops.check(trace) if self.no_loops else [])

    def notes(self, recorded: Trace | None) -> list[str]:
        """What cannot be checked, and why: relative limits without a recording."""
        if recorded is not None:
            return []
        return [
            f"{name}={bound} was not checked: there is no recording yet to compare with"
            for name, bound in self._limits.items()
            if isinstance(bound, Relative)
        ]

    @property
    def _limits(self) -> dict[str, int | float | Relative]:
        return {name: value for name in METERS if (value := getattr(self, name)) is not None}


SLACK_SECONDS = 0.05
"""A run may take so much longer than its recording whatever the percentage: less is chance."""

_TIMES = ("max_seconds", "max_first_token_seconds")

METERS: dict[str, Meter] = {
    "max_usd": meters.COST,
    "max_tokens": meters.TOKENS,
    "max_input_tokens": meters.INPUT_TOKENS,
    "max_output_tokens": meters.OUTPUT_TOKENS,
    "max_llm_calls": meters.LLM_CALLS,
    "max_tool_calls": meters.TOOL_CALLS,
    "max_seconds": meters.SECONDS,
    "max_first_token_seconds": meters.FIRST_TOKEN,
    "max_errors": meters.ERRORS,
    "max_tool_errors": meters.TOOL_ERRORS,
}
"""How each limit is measured."""


def _read(name: str, value: Any) -> Any:
    if name == "no_loops":
        return _loops(value)
    return limit(name, value, whole=METERS[name].whole)


def _loops(value: Any) -> LoopLimits | None:
    if isinstance(value, LoopLimits):
        return value
    if isinstance(value, Mapping):
        return LoopLimits.of(**{str(key): each for key, each in value.items()})
    if isinstance(value, bool):
        return LoopLimits() if value else None
    if isinstance(value, int):
        return LoopLimits.of(max_consecutive_same_tool=value)
    options = ", ".join(asdict(LoopLimits()))
    raise UsageError(f"no_loops={value!r}: True, a whole number, or a mapping with {options}")


def _relative_to(recorded: Trace, trace: Trace, name: str, bound: Relative) -> list[Violation]:
    meter = METERS[name]
    before = meter.read(recorded)
    if before.unknown:
        text = f"{name}={bound} cannot be checked against the recording: {before.unknown}"
        return [Violation(name, text)]
    basis = f", {bound} on the recorded {meters.bare(meter, before.amount)}"
    allowed = bound.of(before.amount)
    if name in _TIMES and bound.percent >= 0 and allowed < before.amount + SLACK_SECONDS:
        allowed = before.amount + SLACK_SECONDS
        basis += f" and no less than {meters.bare(meter, SLACK_SECONDS)}"
    if name == "max_seconds":
        seconds = timing.run_ms_beside(trace, recorded) / 1000
        meter = replace(meter, read=lambda run: METERS[name].read(run)._replace(amount=seconds))
    return meters.check(trace, name, meter, math.floor(allowed) if meter.whole else allowed, basis)
