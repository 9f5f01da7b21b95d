"""Compare the recordings of the working tree with those of the base."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

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
    report, fail_on = runner.report(), runner.setting("FAIL_ON")
    try:
        commit = base.find(runner.setting("BASE"), runner.event())
        then = base.checkout(commit, directories, report.parent / "base")
    except base.NoBaseError as error:
        runner.annotate("notice", f"recordings are not compared: {error}")
        (report / "diff.md").write_text(f"Not compared: {error}.\n", "utf-8")
        runner.output("differs", "unknown" if fail_on else "")
        return 0
    runner.say(f"comparing with {commit}")
    several = len(directories) > 1
    found = [
        _compare(old, _present(Path(name)), f"`{name}`\n\n" if several else "")
        for old, name in zip(then, directories)
    ]
    unknown = [name for name, one in zip(directories, found) if one is None]
    if unknown:
        runner.annotate("warning", f"recordings in {', '.join(unknown)} cannot be compared; see the log")
        runner.output("differs", "unknown" if fail_on else "")
        return 0
    told = [one for one in found if one is not None]
    differing = [
        (old, Path(name)) for one, old, name in zip(told, then, directories) if _differs(one, old, Path(name))
    ]
    _show(differing)
    runner.output("changed", "true" if differing else "false")
    reasons = [str(reason) for one in told for reason in one.get("fails", ())] if fail_on else []
    for reason in reasons:
        runner.say(f"fails on {reason}")
    runner.output("differs", "true" if reasons else "")
    return 0


def _present(directory: Path) -> Path:
    """A directory, or an empty one in its place: all its recordings are gone, or there never were any."""
    if not directory.is_dir():
        directory = runner.report().parent / "nothing"
        directory.mkdir(exist_ok=True)
    return directory


def _compare(old: Path, new: Path, head: str) -> dict[str, Any] | None:
    """What differs between two directories, written to the report; ``None`` if that cannot be told."""
    report = runner.report()
    if not any(file for directory in (old, new) for file in directory.rglob("*.y*ml")):
        # Wrong usage to the command; here it is a project that has none yet.
        _append(report / "diff.md", f"{head}No recordings.\n".encode())
        return {"cassettes": []}
    data = _diff(old, new, "--json")
    markdown = _diff(old, new, "--markdown")
    try:
        found = json.loads(data or b"")
    except ValueError:
        return None
    if markdown is None or not isinstance(found, dict):
        return None
    number = len(list(report.glob("diff*.json")))
    (report / (f"diff-{number + 1}.json" if number else "diff.json")).write_bytes(data or b"")
    _append(report / "diff.md", head.encode() + markdown)
    return found


def _show(differing: list[tuple[Path, Path]]) -> None:
    """Write a page with the runs that differ, beside what they were; without it the report is whole too."""
    for number, (old, new) in enumerate(differing, 1):
        target = runner.report() / ("diff.html" if number == 1 else f"diff-{number}.html")
        command = [sys.executable, "-m", "trace_ops.cli", "report", f"--output={target}", "--changed"]
        command += [f"--compare={old}", "--title=Recordings against the base", "--", str(_present(new))]
        subprocess.run(command, check=False)  # noqa: S603


def _append(file: Path, text: bytes) -> None:
    with file.open("ab") as open_file:
        open_file.write(text)


def _differs(found: dict[str, Any], old: Path, new: Path) -> bool:
    """Whether anything changed; what was broken before, and is so still, is not this change's doing."""
    states = {str(entry.get("cassette")): entry.get("state") for entry in found.get("cassettes", ())}
    return any(
        state != "equal" and not (state == "broken" and _same_file(old / name, new / name))
        for name, state in states.items()
    )


def _same_file(old: Path, new: Path) -> bool:
    return old.is_file() and new.is_file() and old.read_bytes() == new.read_bytes()


def _diff(old: Path, new: Path, form: str) -> bytes | None:
    command = [sys.executable, "-m", "trace_ops.cli", "diff", form]
    if runner.setting("FAIL_ON"):
        command.append(f"--fail-on={runner.setting('FAIL_ON')}")
    done = subprocess.run([*command, "--", str(old), str(new)], stdout=subprocess.PIPE, check=False)  # noqa: S603
    return done.stdout if done.returncode in (_SAME, _DIFFERENT) else None


if __name__ == "__main__":
    sys.exit(main())
