"""Documents of retrievals that changed, as findings."""

from __future__ import annotations

from collections.abc import Iterator

from trace_ops.checks.documents import shifts, text
from trace_ops.diff.findings import Finding

CAUSE = "documents"


def texts(finding: Finding) -> Iterator[tuple[str, str]]:
    """The texts that came and went with the documents of a retrieval, each with what it was before."""
    before, after = finding.before, finding.after
    if finding.cause == CAUSE and isinstance(before, list) and isinstance(after, list):
        yield from ((text(shift.before), text(shift.after)) for shift in shifts(before, after))
