"""A folder for `replay ui`: runs of two weeks, one that is recorded now, and one that is broken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

from trace_ops import cassette
from trace_ops.trace import Span
from trace_ops.ui import serve

_FIRST = datetime(2026, 11, 12, 8, 12, tzinfo=timezone.utc)
_QUIET = {3, 4, 10}
"""Days without a run."""


@contextmanager
def followed(cassettes: Path, folder: Path) -> Iterator[str]:
    """Serve such a folder, made of recorded runs; gives the address."""
    runs = sorted(cassettes.rglob("*.yaml"))
    for day in range(14):
        for number, path in enumerate(runs):
            if day in _QUIET or (day + number) % 3:
                continue
            held = cassette.load(path)
            held.trace.recorded = _FIRST + timedelta(days=day, minutes=37 * number)
            cassette.save(held, folder / f"{held.trace.recorded:%m-%d}" / path.name)
    (folder / "test_cut_off.yaml").write_bytes(runs[0].read_bytes()[:800])
    steps = cassette.load(max(runs, key=lambda path: path.stat().st_size)).trace.spans
    journal = cassette.Journal.open(folder / "test_a_rainy_weekend.yaml", {})
    for span in steps[:9]:
        journal.begin(span)
        if span.parent is not None:
            journal.append(span)
    journal.begin(Span(10, "llm", "openai chat.completions", parent=1, start_ms=1000.0))
    listener = serve.listen(0)
    ready = threading.Event()
    threading.Thread(target=serve.serve, args=(listener, folder, "cassettes", ready.set), daemon=True).start()
    ready.wait(30)
    yield serve.address(listener)
    journal.close("failed")
