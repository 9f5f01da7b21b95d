"""Write what unfinished recordings hold into their cassette."""

from __future__ import annotations

from pathlib import Path

from trace_ops import _composition, cassette, pricing
from trace_ops._summarise import summarise


def recover(path: Path) -> int:
    """Add the steps of all journals to the cassette and remove the journals; gives how many steps.

    A step that is in the cassette already is not added again. Without a cassette one is made.
    """
    with cassette.lock(path):
        journals = cassette.unfinished(path)
        steps = sum(len(journal.spans) for journal in journals)
        if steps:
            _add(path, journals)
        for journal in journals:
            journal.remove()
    return steps


def _add(path: Path, journals: list[cassette.JournalFile]) -> None:
    # Without a file, loading takes from the journals itself.
    whole = cassette.load(path)
    runs = [_composition.added_by_others(whole.trace, journal.spans) for journal in journals]
    whole.trace.spans = cassette.renumbered(whole.trace, *runs)
    for span in whole.trace:
        summarise(span)
    whole.trace.prices = whole.trace.prices or pricing.price_version()
    cassette.save(whole, path)
