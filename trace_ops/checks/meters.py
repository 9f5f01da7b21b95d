"""How much a run takes of something, and which steps take it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from trace_ops import pricing
from trace_ops.checks import timing
from trace_ops.checks.folding import printable
from trace_ops.checks.steps import steps
from trace_ops.checks.violation import Violation
from trace_ops.exchange import Failure, Response
from trace_ops.trace import Span, Trace, Usage

_MOST = 3
"""So many of the steps that take most are named."""

_ROUNDING = 1e-9
"""Sums of floats are off by less than this, relatively."""


class Share(NamedTuple):
    """What one step took; ``note`` says more of it."""

    span: Span
    amount: float
    note: str = ""


class Reading(NamedTuple):
    """How much a run took, by step. ``unknown`` tells why it may have taken more than is known."""

    amount: float
    shares: list[Share]
    unknown: str = ""
    unknown_in: tuple[int, ...] = ()


@dataclass(frozen=True)
class Meter:
    """Something that is limited. ``say`` writes an amount with its unit.

    ``blames`` tells which steps are at fault: those that take ``most``, those ``beyond`` the limit, those
    that exceed it by themselves (``each``), or ``all``. ``whole`` amounts are counted.
    """

    read: Callable[[Trace], Reading]
    say: Callable[[float], str]
    blames: Literal["most", "beyond", "each", "all"]

    whole: bool = True


def check(trace: Trace, what: str, meter: Meter, limit: float, basis: str = "") -> list[Violation]:
    """What is to be said if a run takes more than the limit; ``basis`` tells what the limit comes from."""
    reading = meter.read(trace)
    excess = reading.amount - limit
    if excess > _ROUNDING * limit:
        blamed = _blamed(meter, reading.shares, limit)
        more = f" (+{_percent(excess / limit)})" if limit else ""
        bound = f"the limit of {bare(meter, limit)}{basis}"
        text = f"{what}: {meter.say(reading.amount)}, {bare(meter, excess)} over {bound}{more}"
        where = tuple(dict.fromkeys(share.span.id for share in blamed))
        details = tuple(_details(meter, blamed))
        return [Violation(what, text, meter.say(excess), where, limit, reading.amount, details)]
    if reading.unknown:
        return [Violation(what, f"{what}: {reading.unknown}", "", reading.unknown_in, limit)]
    return []


def _blamed(meter: Meter, shares: list[Share], limit: float) -> list[Share]:
    if meter.blames == "beyond":
        return shares[int(limit) :]
    if meter.blames == "each":
        return [share for share in shares if share.amount > limit]
    if meter.blames == "most":
        return sorted(shares, key=lambda share: -share.amount)[:_MOST]
    return shares


def _details(meter: Meter, blamed: list[Share]) -> Iterator[str]:
    for share in blamed[:_MOST]:
        if meter.blames in ("most", "each") and share.amount:
            yield f"{place(share.span)}: {meter.say(share.amount)}{share.note}"
        elif share.note:
            yield f"{place(share.span)}: {share.note}"
    if meter.blames in ("each", "all") and len(blamed) > _MOST:
        yield f"and {len(blamed) - _MOST} more"


def place(span: Span) -> str:
    """A step as it is named in a line of its own: ``span 3 (llm:gpt-5)``."""
    named = span.model if span.kind in ("llm", "embedding") and span.model else span.name
    return f"span {span.id} ({span.kind}:{printable(named)})"


# --- how amounts read


def bare(meter: Meter, amount: float) -> str:
    """An amount beside another one that has the unit."""
    return _number(amount) if meter.whole else meter.say(amount)


def _number(amount: float) -> str:
    return f"{amount:,.10g}"


def _percent(ratio: float) -> str:
    return f"{ratio * 100:,.0f}%" if ratio >= 0.1 else f"{ratio * 100:.2g}%"


def _count(what: str) -> Callable[[float], str]:
    def say(amount: float) -> str:
        return f"{_number(amount)} {what}" if amount == 1 else f"{_number(amount)} {what}s"

    return say


def _dollars(amount: float) -> str:
    """To four significant digits, but no less than cents."""
    if amount == 0 or amount >= 1000:
        return f"${amount:,.2f}"
    decimals = max(2, 3 - math.floor(math.log10(abs(amount))))
    whole, _, rest = f"{amount:,.{decimals}f}".partition(".")
    return f"${whole}.{rest.rstrip('0').ljust(2, '0')}"


def _seconds(amount: float) -> str:
    return f"{amount:,.3g} s" if amount < 100 else f"{amount:,.0f} s"


# --- what is measured


def _of_usage(read: Callable[[Usage], int]) -> Callable[[Trace], Reading]:
    def reading(trace: Trace) -> Reading:
        shares = [Share(span, read(span.usage)) for span in trace if span.usage is not None]
        silent = _silent(trace)
        return Reading(sum(share.amount for share in shares), shares, _no_usage(silent), _ids(silent))

    return reading


def _cost(trace: Trace) -> Reading:
    shares, unpriced = [], []
    for span in trace:
        cost = _price(span)
        if cost is not None and math.isfinite(cost):
            shares.append(Share(span, cost))
        elif span.usage is not None or span.cost_usd is not None:
            unpriced.append(span)
    silent = [span for span in _silent(trace) if span.cost_usd is None]
    unknown = _no_price(unpriced) or _no_usage(silent, "the cost is not known: ")
    return Reading(sum(share.amount for share in shares), shares, unknown, _ids(unpriced or silent))


def _price(span: Span) -> float | None:
    """What a step cost. A price that was not known when it was recorded may be known by now."""
    if span.cost_usd is not None or span.usage is None:
        return span.cost_usd
    return pricing.cost(span.exchange.provider if span.exchange else "", span.model, span.usage)


def _no_price(unpriced: list[Span]) -> str:
    if not unpriced:
        return ""
    models = list(dict.fromkeys(span.model for span in unpriced if span.model))
    if not models:
        return f"the cost is not known: {place(unpriced[0])} does not tell its model"
    named = ", ".join(repr(printable(model)) for model in models[:_MOST])
    more = f" and {len(models) - _MOST} more" if len(models) > _MOST else ""
    how = f"set one by trace_ops.set_price({printable(models[0])!r}, input=..., output=...)"
    how += f", or in the file that {pricing.PRICES_VARIABLE} names"
    if pricing.price_version() is None:
        how = f"pip install 'TraceOps[prices]', or {how}"
    return f"the cost is not known: there is no price for {named}{more}; {how}"


def _silent(trace: Trace) -> list[Span]:
    return [span for span in trace if span.is_unmetered]


def _no_usage(silent: list[Span], lead: str = "the tokens are not known: ") -> str:
    if not silent:
        return ""
    others = f" and {len(silent) - 1} more" if len(silent) > 1 else ""
    hint = "; OpenAI streams tell it with stream_options={'include_usage': True}"
    return f"{lead}the answer of {place(silent[0])}{others} does not tell its usage{hint}"


def _ids(spans: list[Span]) -> tuple[int, ...]:
    return tuple(span.id for span in spans)


def _llm_calls(trace: Trace) -> Reading:
    return _each_once([Share(span, 1) for span in trace.llm_calls])


def _tool_calls(trace: Trace) -> Reading:
    return _each_once([Share(step.span, 1) for step in steps(trace, ("tool",))])


def _errors(trace: Trace) -> Reading:
    return _each_once([Share(span, 1, wrong(span)) for span in _failed(trace)])


def _tool_errors(trace: Trace) -> Reading:
    return _each_once([Share(span, 1, wrong(span)) for span in _failed(trace) if span.kind == "tool"])


def _each_once(shares: list[Share]) -> Reading:
    return Reading(len(shares), shares)


def _failed(trace: Trace) -> list[Span]:
    """The steps that failed, less those that an error of a step within them only passed through."""
    failed = trace.errors
    passed_on = {(span.parent, wrong(span)) for span in failed}
    return [span for span in failed if (span.id, wrong(span)) not in passed_on]


def wrong(span: Span) -> str:
    """What went wrong with a step that failed."""
    outcome = span.exchange.outcome if span.exchange is not None else None
    failure = span.error
    if failure is None and isinstance(outcome, Failure):
        failure = outcome
    if failure is None and isinstance(outcome, Response):
        if outcome.failure is None:
            return f"status {outcome.status}"
        failure = outcome.failure
    return "failed" if failure is None else printable(f"{failure.type}: {failure.message}", 200)


def _run_seconds(trace: Trace) -> Reading:
    leaves = [Share(span, timing.call_ms(span) / 1000) for span in timing.leaves(trace)]
    return Reading(timing.run_ms(trace) / 1000, leaves)


def _first_token(trace: Trace) -> Reading:
    found = [(span, timing.first_token_ms(span)) for span in trace.llm_calls]
    shares = [Share(span, ms / 1000) for span, ms in found if ms is not None]
    return Reading(max((share.amount for share in shares), default=0.0), shares)


COST = Meter(_cost, _dollars, "most", whole=False)
TOKENS = Meter(_of_usage(lambda usage: usage.total), _count("token"), "most")
INPUT_TOKENS = Meter(_of_usage(lambda usage: usage.input or 0), _count("input token"), "most")
OUTPUT_TOKENS = Meter(_of_usage(lambda usage: usage.output or 0), _count("output token"), "most")
LLM_CALLS = Meter(_llm_calls, _count("LLM call"), "beyond")
TOOL_CALLS = Meter(_tool_calls, _count("tool call"), "beyond")
SECONDS = Meter(_run_seconds, _seconds, "most", whole=False)
FIRST_TOKEN = Meter(_first_token, _seconds, "each", whole=False)
ERRORS = Meter(_errors, _count("error"), "all")
TOOL_ERRORS = Meter(_tool_errors, _count("tool error"), "all")
