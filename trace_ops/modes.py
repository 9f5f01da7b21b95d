"""The seven record modes, as one table of what each does.

Source of the table: the "Modes" section of ``docs/modes.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from trace_ops.errors import UsageError

ModeName = Literal["none", "once", "new_episodes", "update", "all", "rewrite", "verify"]


class Known(Enum):
    """What is done with a call that has a recorded counterpart."""

    REPLAY = "replay"
    LIVE = "live"
    COMPARE = "compare"


class Unplayed(Enum):
    """What becomes of a recorded call that was not made, when the run ended well."""

    ERROR = "error"
    KEEP = "keep"
    DROP = "drop"


@dataclass(frozen=True)
class Mode:
    """One row of the table.

    ``records_missing``: with no cassette the run is recorded; otherwise it is an error.
    ``records_unknown``: an unknown call goes live and is kept; otherwise it is refused.
    ``writes``: the cassette may be written at all.
    """

    name: ModeName
    records_missing: bool
    known: Known
    records_unknown: bool
    unplayed: Unplayed
    writes: bool = True

    @property
    def reads(self) -> bool:
        """Whether recorded calls are looked up at all."""
        return self.known is not Known.LIVE


MODES: dict[ModeName, Mode] = {
    mode.name: mode
    for mode in (
        Mode("none", False, Known.REPLAY, False, Unplayed.ERROR, writes=False),
        Mode("once", True, Known.REPLAY, False, Unplayed.ERROR),
        Mode("new_episodes", True, Known.REPLAY, True, Unplayed.KEEP),
        Mode("update", True, Known.REPLAY, True, Unplayed.DROP),
        Mode("all", True, Known.LIVE, True, Unplayed.DROP),
        Mode("rewrite", True, Known.LIVE, True, Unplayed.DROP),
        Mode("verify", False, Known.COMPARE, False, Unplayed.ERROR, writes=False),
    )
}


def get_mode(name: str) -> Mode:
    """Look a mode up by name; raises :class:`UsageError` that lists the names."""
    for mode in MODES.values():
        if mode.name == name:
            return mode
    raise UsageError(f"unknown record mode {name!r}; choose one of {', '.join(MODES)}")
