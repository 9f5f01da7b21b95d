"""What stands above the steps of a run: what it is, what was captured, what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from trace_ops.cli import _files, _render
from trace_ops.trace import Trace

if TYPE_CHECKING:
    from rich.text import Text


def title(path: str, trace: Trace) -> str:
    """What a run is, in a line."""
    name = _render.one_line(trace.name, 60) or _render.one_line(Path(path).stem, 60)
    return f"{name}  {_render.one_line(_files.shown(Path(path)))}  {_render.totals(trace)}"


def of(path: str, trace: Trace) -> Text:
    """The head of a run, several lines."""
    from rich.text import Text

    libraries = (f"{name} {version}" for name, version in trace.libraries.items())
    header = Text(_render.one_line(trace.name) or Path(path).stem, "bold")
    header.append(f"  {_files.shown(Path(path))}", "not bold dim")
    header.append("\n" + " · ".join([f"recorded {_render.when(trace.recorded)}", *libraries]), "not bold dim")
    header.append(f"\n{_render.totals(trace)}", "not bold")
    if trace.tags:
        header.append("\n" + _render.one_line(f"tags: {', '.join(trace.tags)}"), "not bold dim")
    captured = [f"{what}: {_named(seen)}" for what, seen in trace.captured.items()]
    if captured:
        header.append("\n" + _render.one_line(f"captured {' · '.join(captured)}"), "not bold dim")
    for name, why in trace.passed_through.items():
        header.append("\n" + _render.one_line(f"passed through: {name} ({why})"), "not bold yellow")
    for what in trace.uncaptured:
        header.append("\n" + _render.one_line(f"not captured: {what}"), "not bold yellow")
    return header


def _named(seen: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {times}" for name, times in seen.items())
