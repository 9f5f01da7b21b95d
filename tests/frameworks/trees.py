"""The steps of a run as indented text, which a test states as a whole."""

from __future__ import annotations

from trace_ops.trace import Trace


def tree(trace: Trace) -> str:
    """A line a step, ``kind name``, beneath its parent, in start order; failed ones end in an ``!``."""
    lines: list[str] = []

    def add(parent: int | None, indent: str) -> None:
        for span in trace:
            if span.parent == parent:
                lines.append(f"{indent}{span.kind} {span.name}{' !' if span.failed else ''}")
                add(span.id, indent + "  ")

    add(None, "")
    return "\n".join(lines)


def unordered(told: str) -> str:
    """A tree without the order of its steps: each with those around it."""
    paths: list[str] = []
    around: list[str] = []
    for line in told.splitlines():
        around[(len(line) - len(line.lstrip())) // 2 :] = [line.strip()]
        paths.append(" > ".join(around))
    return "\n".join(sorted(paths))
