"""What several takes of one test say together: how often it passes, and how much its runs vary.

pass^k, the probability that k takes all pass, is the measure of tau-bench (arXiv 2406.12045). Of n takes
of which c passed, C(c, k) / C(n, k) estimates it without bias: it is the share of the subsets of k takes
that hold no failed one.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from trace_ops._figures import cost as usd

if TYPE_CHECKING:
    from trace_ops.pytest_plugin.outcome import Outcome

_ALL_SHOWN = 5


def pass_hat(passed: int, taken: int, k: int) -> float:
    """pass^k of ``taken`` takes of which ``passed`` passed; ``k`` is 1 to ``taken``."""
    if not 1 <= k <= taken or not 0 <= passed <= taken:
        raise ValueError(f"no pass^{k} of {passed} in {taken} takes")
    return math.comb(passed, k) / math.comb(taken, k)


class Spread(NamedTuple):
    """How a number varies over takes; ``stdev`` is that of a sample, 0 for a single take."""

    min: float
    mean: float
    max: float
    stdev: float


def spread(values: Sequence[float]) -> Spread | None:
    """The spread of some numbers, ``None`` of none."""
    if not values:
        return None
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return Spread(min(values), statistics.fmean(values), max(values), deviation)


@dataclass(frozen=True)
class Takes:
    """All takes of one test. ``takes`` are as :attr:`Outcome.take` has them, in order of their numbers."""

    test: str
    takes: tuple[dict[str, Any], ...]

    @property
    def passed(self) -> int:
        """How many takes passed."""
        return sum(1 for take in self.takes if take["result"] == "passed")

    @property
    def at_least(self) -> int:
        """How many takes have to pass."""
        return int(self.takes[0]["at_least"])

    @property
    def broken(self) -> list[int]:
        """The takes that are not as recorded, or were never recorded: they say nothing of the agent."""
        return [take["number"] for take in self.takes if take["result"] == "broken"]

    @property
    def succeeded(self) -> bool:
        """Whether the test passes by its takes."""
        return not self.broken and self.passed >= self.at_least

    @property
    def pass_hat(self) -> dict[int, float]:
        """pass^k for every k; empty if a take cannot be judged."""
        number = len(self.takes)
        if self.broken:
            return {}
        return {k: pass_hat(self.passed, number, k) for k in range(1, number + 1)}

    @property
    def trajectories(self) -> list[tuple[tuple[str, ...], int]]:
        """The distinct trajectories and how many takes took each, the commonest first."""
        return Counter(tuple(take.get("trajectory", ())) for take in self.takes).most_common()

    @property
    def tokens(self) -> Spread | None:
        """Tokens of a take."""
        return spread([take.get("tokens", 0) for take in self.takes])

    @property
    def cost_usd(self) -> Spread | None:
        """Cost of a take in US dollars; ``None`` if that of any is not known."""
        costs = [take.get("cost_usd") for take in self.takes]
        known = [cost for cost in costs if cost is not None]
        return spread(known) if len(known) == len(costs) else None

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data, for reports."""
        tokens, cost = self.tokens, self.cost_usd
        return {
            "test": self.test,
            "passed": self.passed,
            "taken": len(self.takes),
            "at_least": self.at_least,
            "pass_hat": {str(k): value for k, value in self.pass_hat.items()},
            "trajectories": [{"steps": list(steps), "takes": times} for steps, times in self.trajectories],
            "tokens": None if tokens is None else tokens._asdict(),
            "cost_usd": None if cost is None else cost._asdict(),
            "takes": list(self.takes),
        }


def by_test(outcomes: Iterable[Outcome]) -> list[Takes]:
    """The tests of which several takes were asked for, in the order they ran."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for outcome in outcomes:
        if outcome.take is not None:
            groups.setdefault(outcome.test, []).append(outcome.take)
    return [
        Takes(test, tuple(sorted(takes, key=lambda take: int(take["number"]))))
        for test, takes in groups.items()
    ]


def line(takes: Takes) -> str:
    """One test in a line."""
    parts = [f"{takes.passed} of {len(takes.takes)} takes passed"]
    if takes.broken:
        numbers = ", ".join(map(str, takes.broken))
        parts.append(f"take {numbers} cannot be judged" if numbers.isdigit() else f"takes {numbers} cannot")
        return ", ".join(parts)
    parts[0] += f" ({_shown(takes.pass_hat)})"
    distinct = len(takes.trajectories)
    parts.append(f"{distinct} trajector{'y' if distinct == 1 else 'ies'}")
    if takes.tokens is not None:
        parts.append(f"{takes.tokens.mean:,.0f} +- {takes.tokens.stdev:,.0f} tokens")
    cost = takes.cost_usd
    parts.append("cost unknown" if cost is None else f"{usd(cost.mean)} +- {usd(cost.stdev)} a take")
    return ", ".join(parts)


def details(takes: Takes) -> Iterator[str]:
    """What ``-v`` adds: each take, and the figures in full."""
    for take in takes.takes:
        words = [f"take {take['number']} {take['result']}"]
        words[0] += f": {take['why']}" if take["why"] else ""
        words.append(f"{take.get('tokens', 0):,} tokens")
        words.append("cost unknown" if take.get("cost_usd") is None else usd(take["cost_usd"]))
        yield ", ".join(words)
    if takes.broken:
        return
    yield ", ".join(f"pass^{k} {value:.2f}" for k, value in takes.pass_hat.items())
    for steps, times in takes.trajectories:
        yield f"{times} of {len(takes.takes)}: {' > '.join(steps) or 'no steps'}"
    for name, found, number in (
        ("tokens", takes.tokens, "{:,.0f}".format),
        ("cost", takes.cost_usd, usd),
    ):
        if found is not None:
            yield f"{name}: " + ", ".join(
                f"{what} {number(value)}" for what, value in found._asdict().items()
            )


def _shown(estimates: dict[int, float]) -> str:
    """All estimates of few takes; of many, those of 1, 2, 4, ... and all takes."""
    number = len(estimates)
    if len(set(estimates.values())) == 1:
        shown = [number if estimates[1] else 1]
    elif number <= _ALL_SHOWN:
        certain = [k for k in estimates if not estimates[k]][1:]
        shown = [k for k in estimates if k not in certain]
    else:
        shown = sorted({2**power for power in range(number.bit_length()) if 2**power <= number} | {number})
    return ", ".join(f"pass^{k} {estimates[k]:.2f}" for k in shown)
