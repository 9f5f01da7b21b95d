"""What became of the cassette of one test, as values that travel from a worker to the controller."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple

Verdict = Literal[
    "replayed",
    "recorded",
    "partial",
    "missed",
    "missing",
    "unplayed",
    "different",
    "verified",
    "unkept",
    "broken",
    "empty",
]


_RECORD = " --record"
_VARIABLE = "TRACE_OPS_RECORD_MODE"


class Unplayed(NamedTuple):
    """A recorded call that a test did not make: its span, and what to call it."""

    span: int
    label: str


@dataclass
class Outcome:
    """One test and its cassette.

    ``command`` is the one that records the test. ``mode_asked`` tells that the command line or the
    environment chose the mode, so that without them the test runs in another one.

    ``passed`` is what pytest made of the test's call; ``problem`` names the class of the error that the
    recorder ended with, ``reason`` is the first line of the error of a test that failed.
    ``shared`` tells that other tests may use the cassette too, so that what is left
    unplayed says nothing yet. Money is ``None`` where a price is not known.

    ``result`` is pytest's word for the test, ``seconds`` the time of its three phases. ``change`` says
    in a line what the run did differently from its recording, ``change_lines`` say more where the cassette
    was brought up to it; ``diff`` (as JSON) and ``diff_markdown`` are all of it, if a report wants it.

    ``take`` is set for a take of several: its ``number``, its ``result`` and ``why``, whether it was
    ``kept`` although it failed, its ``tokens``, ``cost_usd`` and ``trajectory``. ``drift`` is how live
    answers differ from the recorded ones in mode ``verify``.
    """

    test: str
    command: str
    cassette: str = ""
    mode: str = ""
    mode_asked: bool = False
    passed: bool = False
    missing: bool = False
    shared: bool = False
    accepts_unplayed: bool = False
    problem: str | None = None
    reason: str = ""
    replayed: int = 0
    recorded: int = 0
    missed: int = 0
    unplayed: list[Unplayed] = field(default_factory=list)
    spent: float | None = 0.0
    saved: float | None = 0.0
    blocked: list[str] = field(default_factory=list)
    result: str = ""
    seconds: float = 0.0
    llm_calls: int = 0
    tool_calls: int = 0
    tokens_spent: int = 0
    tokens_saved: int = 0
    misses: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    change: str | None = None
    change_lines: list[str] = field(default_factory=list)
    diff: str | None = None
    diff_markdown: str | None = None
    snapshots: str | None = None
    snapshots_written: int = 0
    snapshots_unused: list[str] = field(default_factory=list)
    take: dict[str, Any] | None = None
    drift: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.unplayed = [Unplayed(*call) for call in self.unplayed]

    def values(self) -> dict[str, Any]:
        """The outcome as plain data; xdist sends no tuples with names."""
        return {**asdict(self), "unplayed": [list(call) for call in self.unplayed]}

    @property
    def label(self) -> str:
        """The test, and which take of it."""
        return self.test if self.take is None else f"{self.test} (take {self.take['number']})"

    @property
    def plain_command(self) -> str:
        """The command that runs the test in the mode it has by itself."""
        return self.command.removesuffix(_RECORD).removeprefix(f"{_VARIABLE}=update ")

    @property
    def again(self) -> str:
        """The command that runs the test in the same mode once more."""
        return self._in_mode(self.mode) if self.mode_asked else self.plain_command

    @property
    def anew(self) -> str:
        """The command that makes all calls of the test again, those that are recorded too."""
        return self._in_mode("all")

    def _in_mode(self, mode: str) -> str:
        if mode == "update":
            return self.command
        if self.command.endswith(_RECORD):
            return f"{self.plain_command} --record-mode={mode}"
        return f"{_VARIABLE}={mode} {self.plain_command}"

    @property
    def kept(self) -> bool:
        """Whether the cassette holds what a failed take recorded."""
        return self.take is not None and bool(self.take.get("kept"))

    @property
    def verdict(self) -> Verdict:
        """The test in a word."""
        if self.problem == "VerifyError" or any(one["fails"] for one in self.drift):
            return "different"  # calls that are not recorded may follow from it
        if self.missed:
            return "missing" if self.missing else "missed"
        if self.problem == "UnplayedCallsError":
            return "unplayed"
        if self.problem is not None:
            return "broken"
        if self.mode == "verify":
            return "verified" if self.passed and self.recorded else "empty"
        if self.recorded and not self.passed and not self.kept:
            return "unkept"
        if self.recorded:
            return "partial" if self.replayed else "recorded"
        return "replayed" if self.replayed else "empty"
