"""What a step and the runner of GitHub Actions tell each other."""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any


def setting(name: str) -> str:
    """One of the action's own variables, such as ``TRACE_OPS_REPORT``; empty if it is not set."""
    return os.environ.get(f"TRACE_OPS_{name}", "").strip()


def report() -> Path:
    """The directory of the reports."""
    return Path(setting("REPORT"))


def pages() -> str:
    """The pages of the report, and a link to the artifact that holds them; empty if it is not kept."""
    url, found = setting("ARTIFACT_URL"), sorted(path.name for path in report().glob("*.html"))
    if not url.startswith("https://") or not found:
        return ""
    return f"{' and '.join(f'`{name}`' for name in found)} in [the artifact]({url})"


def output(name: str, value: str) -> None:
    """Set an output of the step."""
    # A delimiter that nothing can guess: a value cannot end itself and set another output.
    end = f"end-{secrets.token_hex(16)}"
    _append("GITHUB_OUTPUT", f"{name}<<{end}\n{value}\n{end}\n")


def summary(markdown: str) -> None:
    """Add to the summary of the job."""
    _append("GITHUB_STEP_SUMMARY", markdown)


def event() -> dict[str, Any]:
    """What set the workflow off."""
    path = os.environ.get("GITHUB_EVENT_PATH")
    try:
        found = json.loads(Path(path).read_text("utf-8")) if path else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def say(text: str) -> None:
    """Write a line to the log of the step."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def annotate(level: str, text: str) -> None:
    """Show a ``notice``, ``warning`` or ``error`` beside the job."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    say(f"::{level} title=TraceOps::{escaped}")


def _append(variable: str, text: str) -> None:
    path = os.environ.get(variable)
    if path:
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
