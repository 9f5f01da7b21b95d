"""Timing that holds on a busy machine: variants take turns, and the minimum and the median are kept.

Nothing here asserts. CPU time of the process is what is compared wherever the work is done in it: other
programs disturb it far less than they disturb the clock on the wall.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median


class Timer:
    """Times the part of a variant that is marked with :meth:`of`; what surrounds it is preparation."""

    def __init__(self) -> None:
        self.cpu = 0.0
        self.wall = 0.0

    @contextmanager
    def of(self, calls: float = 1, *, collector: bool = False) -> Iterator[None]:
        """Time the block, as so many calls. The garbage collector is off in it unless asked for."""
        # Not all of it: a large cassette takes longer to look through than the block takes to run.
        gc.collect(1)
        if not collector:
            gc.disable()
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.cpu = (time.process_time() - cpu) / calls
            self.wall = (time.perf_counter() - wall) / calls
            gc.enable()


@dataclass(frozen=True)
class Sample:
    """What one variant took, in seconds a call, round by round."""

    rounds: tuple[float, ...]

    @property
    def best(self) -> float:
        """The minimum: what it takes when nothing disturbs it."""
        return min(self.rounds)

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.rounds)

    @property
    def spread(self) -> float:
        """Half the distance between the quartiles: how much the same thing differs from round to round."""
        ordered = sorted(self.rounds)
        return (ordered[-1 - len(ordered) // 4] - ordered[len(ordered) // 4]) / 2

    def ratio(self, other: Sample) -> float:
        """The median of the ratios of each round, whose two halves met the same conditions."""
        return median(a / b for a, b in zip(self.rounds, other.rounds, strict=True))

    def over(self, other: Sample) -> float:
        """The median of the differences of each round."""
        return median(a - b for a, b in zip(self.rounds, other.rounds, strict=True))


@dataclass(frozen=True)
class Times:
    """CPU and wall-clock time of one variant."""

    cpu: Sample
    wall: Sample

    def first(self, rounds: int) -> Times:
        """Those of the first rounds only."""
        return Times(Sample(self.cpu.rounds[:rounds]), Sample(self.wall.rounds[:rounds]))


Variant = Callable[[Timer], object]


def take_turns(variants: Mapping[str, Variant], rounds: int, *, warmups: int = 1) -> dict[str, Times]:
    """Run the variants in turn, each first as often as last."""
    names = list(variants)
    taken: dict[str, list[Timer]] = {name: [] for name in names}
    for number in range(-warmups, rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            timer = Timer()
            variants[name](timer)
            if number >= 0:
                taken[name].append(timer)
    return {name: times(taken[name]) for name in names}


def times(timers: list[Timer]) -> Times:
    """What the timers of one variant have seen."""
    return Times(Sample(tuple(timer.cpu for timer in timers)), Sample(tuple(timer.wall for timer in timers)))
