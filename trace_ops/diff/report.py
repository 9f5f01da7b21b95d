"""How a diff is told: in lines, in one text, as data, as Markdown."""

from __future__ import annotations

from trace_ops.diff.document import to_dict
from trace_ops.diff.lines import Line, lines
from trace_ops.diff.markdown import to_markdown
from trace_ops.diff.model import TraceDiff

__all__ = ["Line", "lines", "summary", "to_dict", "to_markdown"]


def summary(diff: TraceDiff) -> str:
    """What changed, as a text of a few lines: the first one says it all."""
    return "\n".join(line.text for line in lines(diff))
