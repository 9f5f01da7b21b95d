"""Compare the recordings of the working tree with those of the base."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import base
import runner

_SAME, _DIFFERENT = 0, 1


def main() -> int:
    """Write diff.md and diff.json, and tell the steps after whether anything changed."""
    directories = runner.setting("CASSETTE_DIR").split() or ["cassettes"]
    outside = [name for name in directories if Path(name).is_absolute() or ".." in Path(name).parts]
    if outside:
        runner.annotate("error", f"cassette-dir is to be within the working directory, not {outside[0]}")
        return 2
    report = runner.report()
    try:
        commit = base.find(runner.setting("BASE"), runner.event())
        then = base.checkout(commit, directories, report.parent / "base")
    except base.NoBaseError as error:
        runner.annotate("notice", f"recordings are not compared: {error}")
        (report / "diff.md").write_text(f"Not compared: {error}.\n", "utf-8")
        runner.output("differs", "unknown" if runner.setting("FAIL_ON") else "")
        return 0
    runner.say(f"comparing with {commit}")
    pairs = [(old, _present(Path(name))) for old, name in zip(then, directories)]
    results = [_compare(old, new) for old, new in pairs]
    if None in results:
        runner.output("differs", "unknown" if runner.setting("FAIL_ON") else "")
        return 0
    runner.output("changed", "true" if any(results) else "false")
    runner.output("differs", "true" if any(_judged(old, new) for old, new in pairs) else "")
    return 0


def _present(directory: Path) -> Path:
    """A directory, or an empty one in its place: all its recordings are gone, or there never were any."""
    if not directory.is_dir():
        directory = runner.report().parent / "nothing"
        directory.mkdir(exist_ok=True)
    return directory


def _compare(old: Path, new: Path) -> bool | None:
    """Whether the recordings of a directory differ; ``None`` if that cannot be told."""
    if not any(old.iterdir()) and not any(new.iterdir()):
        return False
    code, markdown = _diff(old, new, "--markdown")
    if code not in (_SAME, _DIFFERENT) or (code == _DIFFERENT and not markdown.strip()):
        runner.annotate("warning", f"the recordings in {new} cannot be compared; see the log")
        return None
    report = runner.report()
    with (report / "diff.md").open("ab") as file:
        file.write(markdown)
    number = len(list(report.glob("diff*.json")))
    (report / (f"diff-{number + 1}.json" if number else "diff.json")).write_bytes(
        _diff(old, new, "--json")[1]
    )
    return code == _DIFFERENT


def _judged(old: Path, new: Path) -> bool:
    """Whether something changed that is to fail the job."""
    fail_on = runner.setting("FAIL_ON")
    return bool(fail_on) and _diff(old, new, f"--fail-on={fail_on}")[0] != _SAME


def _diff(old: Path, new: Path, option: str) -> tuple[int, bytes]:
    command = [sys.executable, "-m", "trace_ops.cli", "diff", os.fspath(old), os.fspath(new), option]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main())
