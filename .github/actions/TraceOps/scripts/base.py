"""The recordings as they are in the commit that a change is based on."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DEEPER = (50, 500)


class NoBaseError(Exception):
    """There is nothing to compare with; the text says why."""


def find(given: str, event: dict[str, Any]) -> str:
    """The commit to compare with: the one that is ``given``, else what the pull request or push is based on.

    Raises :class:`NoBaseError`.
    """
    if given:
        return _given(given)
    pull = event.get("pull_request")
    if isinstance(pull, dict):
        return _of_pull_request(_commit(pull, "base", "sha"))
    group = _commit(event, "merge_group", "base_sha") or _commit(event, "before")
    if not group:
        raise NoBaseError("this event has no base")
    if not group.strip("0"):
        raise NoBaseError("the branch is new")
    return _fetched(group)


def checkout(commit: str, directories: list[str], to: Path) -> list[Path]:
    """Write directories as they are in a commit; gives where each one is, empty if it was not there."""
    prefix = _git("rev-parse", "--show-prefix").strip()
    env = {"GIT_INDEX_FILE": os.fspath(to.with_name("index")), "GIT_LITERAL_PATHSPECS": "1"}
    _git("read-tree", commit, env=env)
    names = _git("ls-files", "-z", "--", *directories, env=env)
    to.mkdir(parents=True, exist_ok=True)
    # As git would check it out: with its filters and line ends.
    _git("checkout-index", "-z", "--stdin", f"--prefix={to}{os.sep}", env=env, typed=names)
    found = [to / prefix / directory for directory in directories]
    for directory in found:
        directory.mkdir(parents=True, exist_ok=True)
    return found


def _given(name: str) -> str:
    if name.startswith("-"):
        raise NoBaseError(f"{name!r} is no commit, branch or tag")
    try:
        return _resolved(name)
    except NoBaseError:
        _git("fetch", "--no-tags", "--depth=1", "origin", name)
        return _resolved("FETCH_HEAD")


def _of_pull_request(base: str | None) -> str:
    """What was merged with the head, if that is checked out; else where the head left the base."""
    parents = [line[7:] for line in _git("cat-file", "-p", "HEAD").splitlines() if line.startswith("parent ")]
    head = _git("rev-parse", "HEAD").strip()
    merged = head == os.environ.get("GITHUB_SHA")
    if merged and len(parents) == 2 and os.environ.get("GITHUB_REF", "").endswith("/merge"):
        # The first parent is the base, even if it has moved on since the event.
        return _fetched(parents[0])
    if not base:
        raise NoBaseError("the event does not tell the base")
    _fetched(base)
    for depth in (0, *_DEEPER):
        if depth:
            _git("fetch", "--no-tags", f"--deepen={depth}", "origin", base, head)
        try:
            return _git("merge-base", base, "HEAD").strip()
        except NoBaseError:
            if _git("rev-parse", "--is-shallow-repository").strip() != "true":
                break
    return base


def _fetched(commit: str) -> str:
    try:
        return _resolved(commit)
    except NoBaseError:
        _git("fetch", "--no-tags", "--depth=1", "origin", commit)
        return _resolved(commit)


def _resolved(name: str) -> str:
    return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()


def _commit(of: dict[str, Any], *path: str) -> str | None:
    found: Any = of
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, str) and _COMMIT.fullmatch(found) else None


def _git(*arguments: str, env: dict[str, str] | None = None, typed: str | None = None) -> str:
    workspace = os.environ.get("GITHUB_WORKSPACE") or os.getcwd()
    # In a container the checkout belongs to another user.
    command = ["git", "-c", f"safe.directory={workspace}", *arguments]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", **(env or {})},
            input=None if typed is None else os.fsencode(typed),
            stdin=subprocess.DEVNULL if typed is None else None,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise NoBaseError("there is no git") from None
    if done.returncode:
        said = os.fsdecode(done.stderr).strip().splitlines()
        raise NoBaseError(f"git {arguments[0]} fails: {said[-1] if said else f'exit code {done.returncode}'}")
    return os.fsdecode(done.stdout)
