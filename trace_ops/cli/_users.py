"""Which cassettes are used, by pytest's own word, and where the files of a project name one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from trace_ops.errors import TraceOpsError

TARGET = "TRACE_OPS_COLLECTED"
"""The environment variable that tells the plugin in pytest's process where to write."""

_NO_TESTS = 5
_TAIL = 12
_MENTIONING = {
    ".cfg",
    ".ini",
    ".ipynb",
    ".json",
    ".md",
    ".py",
    ".rst",
    ".sh",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
}
_SKIPPED = {"__pycache__", "cassettes", "node_modules", "site-packages", "venv"}
_LARGE = 2_000_000


@dataclass(frozen=True)
class Users:
    """What a whole project's tests use.

    ``unknown`` are directories, within those of cassettes, of modules that were not collected, such as
    those skipped for want of a package.
    """

    rootdir: Path
    used: frozenset[str]
    directories: tuple[Path, ...]
    unknown: frozenset[Path]

    def orphan(self, path: Path) -> bool | None:
        """Whether no test uses a cassette; ``None`` where pytest cannot tell."""
        # As pytest tells them: the links in a path are not followed.
        absolute = Path(os.path.abspath(path))
        if os.fspath(absolute) in self.used:
            return False
        homes = [directory for directory in self.directories if absolute.is_relative_to(directory)]
        inside = {parent for home in homes for parent in absolute.relative_to(home).parents}
        return True if homes and self.unknown.isdisjoint(inside) else None


def collect() -> Users:
    """Have pytest collect the project around the current directory, without running a test.

    Raises :class:`TraceOpsError` if that does not tell of all its tests.
    """
    plugins = ["-p", "trace_ops.cli._collecting"]
    if not any(entry.name == "trace_ops" for entry in entry_points(group="pytest11")):
        plugins += ["-p", "trace_ops.pytest_plugin"]
    with tempfile.TemporaryDirectory(prefix="trace_ops-") as scratch:
        target = Path(scratch) / "collected.json"
        done = subprocess.run(  # noqa: S603 - the interpreter that runs us
            [sys.executable, "-m", "pytest", "--collect-only", "-q", "--color=no", *plugins],
            env={**os.environ, TARGET: os.fspath(target)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        told = json.loads(target.read_text("utf-8")) if target.exists() else None
    if told is None or told["exitstatus"] or told["partial"]:
        raise TraceOpsError(_problem(told is not None, done))
    return Users(
        Path(told["rootdir"]),
        frozenset(told["users"]),
        tuple(map(Path, told["directories"])),
        frozenset(map(Path, told["unknown"])),
    )


def _problem(told: bool, done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode == _NO_TESTS:
        why = "pytest finds no tests here; run this where they are"
    elif done.returncode == 0:
        why = (
            "pytest leaves tests out (paths, -k, -m and the like in its options)"
            if told
            else "its plugin is not loaded"
        )
    else:
        why = "pytest cannot collect the tests"
    tail = "" if done.returncode in (0, _NO_TESTS) else "".join(f"\n  {line}" for line in _tail(done.stdout))
    return f"which cassettes are used is not known: {why}{tail}"


def _tail(output: str) -> list[str]:
    lines = [line for line in output.splitlines() if line.strip()]
    return ["".join(char if char.isprintable() else " " for char in line) for line in lines[-_TAIL:]]


def mentions(root: Path, cassettes: Iterable[Path]) -> dict[Path, Path]:
    """The cassettes whose names stand in some file of a project, and the first such file.

    Programs name cassettes too (``Recorder(save_to=...)``), and of those pytest knows nothing.
    """
    wanted = {path: _named(path) for path in cassettes}
    found: dict[Path, Path] = {}
    if not wanted:
        return found
    for file in _texts(root):
        try:
            text = file.read_text("utf-8", "replace")
        except OSError:
            continue
        for path, pattern in wanted.items():
            if path not in found and path.stem in text and pattern.search(text):
                found[path] = file
    return found


def _named(path: Path) -> re.Pattern[str]:
    stem, suffix = re.escape(path.stem), re.escape(path.suffix)
    return re.compile(rf"(?<![\w.-]){stem}(?:{suffix}(?!\w)|[\"'])")


def _texts(root: Path) -> Iterator[Path]:
    for directory, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name not in _SKIPPED and not name.startswith("."))
        for name in sorted(files):
            file = Path(directory, name)
            if file.suffix in _MENTIONING and _size(file) <= _LARGE:
                yield file


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return _LARGE + 1
