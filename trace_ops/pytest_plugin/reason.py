"""Why a test did not pass, in a line that may be written to files."""

from __future__ import annotations

import pytest

from trace_ops.cassette.plain import valid_text
from trace_ops.matching.excerpt import printable
from trace_ops.redaction import Scrubber

_LONGEST = 300


def reason_of(report: pytest.TestReport) -> str:
    """The first line of the error that a report tells of, without secrets, cut; nothing if there is none."""
    longrepr = report.longrepr
    crash = getattr(longrepr, "reprcrash", None)
    text = longrepr[2] if isinstance(longrepr, tuple) else longrepr or ""
    return line_of(str(text if crash is None else crash.message))


def line_of(text: str) -> str:
    """The first line of a text, as above."""
    line = Scrubber.from_environment().text(text.strip().partition("\n")[0])
    line = printable(valid_text(line))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
