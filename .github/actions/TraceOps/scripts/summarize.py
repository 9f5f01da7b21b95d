"""Write the summary of the job: the tests, and what changed in the recordings."""

from __future__ import annotations

import sys

import markdown
import runner

_LIMIT = 1_000_000
"""GitHub takes 1 MiB from a step."""


def main() -> int:
    """Put the reports together."""
    tests, diff = (_read(name) for name in ("tests.md", "diff.md"))
    parts = [tests or "## TraceOps\n\nThe tests left no report; see the log."]
    changed = runner.setting("CHANGED")
    if changed == "false":
        parts.append("## Recordings against the base\n\nNone differs.")
    elif diff:
        parts.append(f"## Recordings against the base\n\n{diff}")
    if pages := runner.pages():
        parts.append(f"To look at, step by step: {pages}.")
    text = "\n\n".join(part.strip() for part in parts) + "\n"
    runner.summary(markdown.cut(text, _LIMIT, "_Cut here; all of it is in the report._"))
    return 0


def _read(name: str) -> str:
    path = runner.report() / name
    return path.read_text("utf-8", "replace") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
