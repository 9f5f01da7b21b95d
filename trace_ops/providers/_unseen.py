"""What leaves in a way that cannot be recorded: named in the cassette, refused where nothing may go live."""

from __future__ import annotations

from trace_ops._warn import warn
from trace_ops.tape import Tape


def unseen(tape: Tape, what: str, why: str = "") -> None:
    """Name what is about to leave unseen, and warn of it once; raises where it must not leave.

    ``what`` stands in the cassette's header, ``why`` in the warning.
    """
    because = f": {why}" if why else ""
    if not tape.live:
        raise tape.refused(f"{what} cannot be replayed{because}. This run must not reach the network")
    if tape.not_captured(what):
        warn(f"{what} cannot be recorded{because}. The cassette does not have it", stacklevel=6)
