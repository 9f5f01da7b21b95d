"""The cassettes of this run beside those of another directory, such as a base branch's."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from trace_ops import cassette
from trace_ops.diff import TraceDiff, diff_traces
from trace_ops.errors import CassetteError
from trace_ops.pytest_plugin import paths
from trace_ops.pytest_plugin.closing import is_cassette
from trace_ops.pytest_plugin.divergence import first_line
from trace_ops.pytest_plugin.summary import Line, shown

if TYPE_CHECKING:
    from trace_ops.pytest_plugin.session import CassetteSession


def directory_of(config: pytest.Config) -> Path:
    """The other directory; raises :class:`pytest.UsageError` if there is none."""
    given = config.getoption("--trace-diff")
    directory = Path(config.invocation_params.dir, os.path.expanduser(given))
    if not directory.is_dir():
        raise pytest.UsageError(f"--trace-diff: there is no directory {given}")
    return directory


class Changed(NamedTuple):
    """A cassette that differs: in a line, and all of it for reports."""

    first_line: str
    diff: dict[str, Any]
    markdown: str


@dataclass
class Comparison:
    """What is not as in the other directory, by the names of cassettes within it."""

    base: Path
    head: Path
    shown: str
    """The other directory as it was given."""
    changed: dict[str, Changed] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    outside: list[str] = field(default_factory=list)
    same: int = 0

    @property
    def title(self) -> str:
        """What the section is called."""
        return f"TraceOps: compared with {self.shown}"

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data, for reports."""
        return {
            "directory": self.shown,
            "same": self.same,
            "changed": [
                {"cassette": name, "change": changed.first_line, "diff": changed.diff}
                for name, changed in self.changed.items()
            ],
            "added": self.added,
            "removed": self.removed,
            "broken": [{"cassette": name, "problem": why} for name, why in self.broken.items()],
            "outside": self.outside,
        }

    def diff(self, name: str) -> TraceDiff:
        """What differs in a cassette that both directories have; raises :class:`CassetteError`."""
        return diff_traces(cassette.load(self.base / name).trace, cassette.load(self.head / name).trace)

    def lines(self) -> Iterator[Line]:
        """The section at the end of a run."""
        counts = [
            (len(self.changed), "changed"),
            (len(self.added), "added"),
            (len(self.removed), "removed"),
            (len(self.broken), "broken"),
            (len(self.outside), "not compared"),
            (self.same, "the same"),
        ]
        total = ", ".join(f"{number} {what}" for number, what in counts if number) or "no cassettes"
        yield Line(total, "good" if not any(number for number, _ in counts[:-1]) else "warning")
        for name, changed in self.changed.items():
            files = (os.path.join(self.shown, name), shown(str(self.head / name)))
            command = f"replay diff {' '.join(map(shlex.quote, files))}"
            yield Line(f"CHANGED {name}: {changed.first_line}; {command}", "warning")
        yield from (Line(f"ADDED {name}", "warning") for name in self.added)
        yield from (Line(f"REMOVED {name}", "warning") for name in self.removed)
        yield from (Line(f"BROKEN {name}: {why}", "bad") for name, why in self.broken.items())
        for path in self.outside:
            yield Line(f"NOT COMPARED {shown(path)}: it is outside of {shown(str(self.head))}", "warning")


def compare(session: CassetteSession, base: Path) -> Comparison:
    """Compare the cassettes that this run used; on a complete run, find those that are gone too."""
    config = session.config
    head = config.rootpath
    if not paths.beside_tests(config):
        head = head / paths.cassette_directory(config)
    found = Comparison(base, head, config.getoption("--trace-diff"))
    outcomes = session.all_outcomes()
    cassettes = dict.fromkeys(os.path.abspath(outcome.cassette) for outcome in outcomes)
    for path in filter(os.path.isfile, cassettes):
        name = _name(path, head)
        if name is None:
            found.outside.append(path)
        elif not (base / name).is_file():
            found.added.append(name)
        else:
            _compare_files(found, name)
    if not any(one["partial"] for one in session.told()):
        within = f"**/{paths.cassette_directory(config)}/" if paths.beside_tests(config) else ""
        files = filter(is_cassette, base.glob(f"{within}**/*.y*ml"))
        old = (file.relative_to(base).as_posix() for file in files)
        found.removed += sorted(name for name in old if not (head / name).exists())
    return found


def _name(path: str, head: Path) -> str | None:
    try:
        name = Path(os.path.relpath(path, head)).as_posix()
    except ValueError:  # another drive
        return None
    return None if name.startswith("../") else name


def _compare_files(found: Comparison, name: str) -> None:
    base, head = found.base / name, found.head / name
    try:
        if base.read_bytes() == head.read_bytes():
            found.same += 1
            return
        changed = _changed(found.diff(name))
    except (CassetteError, OSError) as error:
        found.broken[name] = str(error).partition("\n")[0]
    except Exception as error:  # noqa: BLE001 - told, for it must not end a run of which all tests are done
        found.broken[name] = f"could not be compared: {error!r}"
    else:
        if changed is None:
            found.same += 1
        else:
            found.changed[name] = changed


def _changed(diff: TraceDiff) -> Changed | None:
    line = first_line(diff)
    return None if line is None else Changed(line, diff.to_dict(), diff.to_markdown())
