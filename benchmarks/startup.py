"""What it costs to have TraceOps around: in an empty pytest run, to import it, to open a recorder."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import _elsewhere
from benchmarks._report import Row, alone, difference
from benchmarks._scale import Scale
from benchmarks._timing import Timer, Variant, take_turns, times
from trace_ops._imports import version_of
from trace_ops.frameworks import frameworks
from trace_ops.providers import providers

TITLE = "Starting"
HOW = """\
Programs run in turn, their CPU time, user and system. `pytest` runs one empty test, with the plugin and
with `-p no:trace_ops`: beside the other plugins that are installed, and alone, where no other plugin has
imported anything that ours needs as well. `import trace_ops` is beside a Python that does nothing.
Opening a recorder is timed within a process that has imported it, up to where the first call can be
made, with what is installed here of all that TraceOps has a seam to, the number of which is said: not
imported by the program yet, and all of it imported. The first opening of a process puts the seams in; *again*
is the next one."""

_FOREIGN = ("-p", "no:recording", "-p", "no:cassetter")
"""Recorders that are installed for comparison; two of them cannot even be loaded together."""

_ENTER = """
import json, sys, time, warnings
from pathlib import Path
warnings.simplefilter("ignore")
for name in {imports!r}:
    try:
        __import__(name)
    except Exception:
        pass  # another version has it, or it is not installed
from trace_ops import Recorder
for _ in range(1 + {again!r}):
    Path({path!r}).unlink(missing_ok=True)
    began = time.process_time()
    recorder = Recorder({path!r})
    recorder.start()
    taken = time.process_time() - began
    recorder.stop()
print(json.dumps(taken))
"""


def run(scale: Scale) -> Iterator[Row]:
    """Runs of programs, then of recorders."""
    rounds = scale.runs
    yield from _pytest(scale.directory, rounds)
    python = [sys.executable, "-c"]
    variants = {
        "pass": [*python, "pass"],
        "import": [*python, "import trace_ops"],
        "recorder": [*python, "from trace_ops import Recorder"],
    }
    taken = take_turns({name: _program(command) for name, command in variants.items()}, rounds)
    bare = taken["pass"].cpu
    yield difference("import trace_ops", taken["import"].cpu, "bare Python", bare, 0.03)
    yield difference("from trace_ops import Recorder", taken["recorder"].cpu, "bare Python", bare, 0.03)
    seams = (*providers(), *frameworks())
    modules = [module for seam in seams for module in seam.modules]
    distributions = {name for seam in seams for name in seam.distributions if version_of(name)}
    known = f"{len(distributions)} libraries"
    for label, imports, again in (
        ("not imported", [], False),
        ("imported", modules, False),
        ("imported, again", modules, True),
    ):
        path = str(scale.directory / "entered.yaml")
        code = _ENTER.format(imports=imports, path=path, again=again)
        timers = [_asked([*python, code]) for _ in range(scale.runs)]
        yield alone(f"opening a Recorder, {known} {label}", times(timers).cpu, 0.02)


def _pytest(directory: Path, rounds: int) -> Iterator[Row]:
    empty = directory / "empty"
    empty.mkdir()
    (empty / "test_empty.py").write_text("def test_nothing():\n    pass\n")
    pytest = [sys.executable, "-m", "pytest", "-q", str(empty), "--rootdir", str(empty)]
    beside = [*pytest, *_FOREIGN]
    nothing = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    taken = take_turns(
        {
            "with": _program(beside),
            "without": _program([*beside, "-p", "no:trace_ops"]),
            "alone with": _program([*pytest, "-p", "trace_ops.pytest_plugin"], nothing),
            "alone without": _program(pytest, nothing),
        },
        rounds,
    )
    yield difference(
        "empty pytest, other plugins beside it",
        taken["with"].cpu,
        "-p no:trace_ops",
        taken["without"].cpu,
        0.005,
    )
    yield difference(
        "empty pytest, no other plugin",
        taken["alone with"].cpu,
        "no plugin at all",
        taken["alone without"].cpu,
        0.005,
    )


def _program(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Variant:
    return partial(_run, command=command, environ=environ)


def _run(timer: Timer, command: Sequence[str], environ: Mapping[str, str] | None) -> None:
    _elsewhere.timed(timer, command, environ)


def _asked(command: Sequence[str]) -> Timer:
    timer = Timer()
    answer: Any = _elsewhere.ask(command)
    timer.cpu = timer.wall = float(answer)
    return timer
