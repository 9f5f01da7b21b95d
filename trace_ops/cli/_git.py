"""What git says of files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from trace_ops.errors import TraceOpsError


def uncommitted(directory: Path) -> dict[str, str]:
    """Files beneath a directory that git could not bring back, by real path, and what they are.

    Empty where there is no git or no repository. Raises :class:`TraceOpsError` if git refuses to tell.
    """
    top = _git(directory, "rev-parse", "--show-toplevel")
    if top is None:
        return {}
    root = Path(os.path.realpath(top.rstrip("\n")))
    entries = (
        _git(directory, "status", "--porcelain", "-z", "--untracked-files=all", "--", ".") or ""
    ).split("\0")
    found: dict[str, str] = {}
    while entries:
        entry = entries.pop(0)
        state, name = entry[:2], entry[3:]
        if "R" in state or "C" in state:
            entries.pop(0)  # where it comes from
        if name:
            found[os.path.realpath(root / name)] = "not in git yet" if state == "??" else "modified, says git"
    return found


def _git(directory: Path, *arguments: str) -> str | None:
    """What git writes; ``None`` without git or a repository."""
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607 - the user's own git
            cwd=directory,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    if done.returncode == 0:
        return os.fsdecode(done.stdout)
    said = os.fsdecode(done.stderr).strip()
    if "not a git repository" in said:
        return None
    raise TraceOpsError(
        f"git does not tell what is modified: {said.splitlines()[0] if said else 'no reason'}"
    )
