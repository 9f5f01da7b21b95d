"""How much is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks._report import Line


@dataclass(frozen=True)
class Scale:
    """How many rounds, how many calls a round, which cassettes; and a directory to work in.

    Many short rounds rather than few long ones: other programs disturb some of them, and not the best.
    """

    rounds: int
    calls: int
    cassettes: tuple[int, ...]
    files: tuple[int, ...]
    directory: Path

    @property
    def runs(self) -> int:
        """How often a whole program is run."""
        return max(9, self.rounds // 3)


def full(directory: Path) -> Scale:
    """What the figures in the docs come from."""
    return Scale(100, 10, (10, 100, 1_000, 10_000), (1_000, 10_000), directory)


def quick(directory: Path) -> Scale:
    """Enough to see what a change does."""
    return Scale(30, 10, (10, 100, 1_000), (1_000,), directory)


class Benchmark(Protocol):
    """A module of this package: what it is called, how it measures, and its rows as they come.

    A module may name columns of its own in ``COLUMNS``.
    """

    TITLE: str
    HOW: str
    run: Callable[[Scale], Iterator[Line]]
