"""``replay export``: cassettes in the forms of others."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from trace_ops import cassette, exporters
from trace_ops._figures import count
from trace_ops.cassette.atomic import write_atomically
from trace_ops.cli import _files, _render
from trace_ops.cli._main import DIFFERENCE
from trace_ops.cli._terminal import track
from trace_ops.errors import CassetteError, TraceOpsError, UsageError
from trace_ops.exporters import Note
from trace_ops.trace import Trace

_SHOWN = 8


@dataclass
class _Export:
    """What comes out, line by line, and what was said of each cassette on the way."""

    per_call: bool
    notes: list[tuple[Path, list[Note]]] = field(default_factory=list)
    examples: int = 0

    def json(self, read: Iterable[tuple[Path, Trace]]) -> Iterator[str]:
        told = [{"cassette": str(path), **exporters.trace_record(trace)} for path, trace in read]
        yield exporters.json_text(told, indent=2) + "\n"

    def jsonl(self, read: Iterable[tuple[Path, Trace]]) -> Iterator[str]:
        for path, trace in read:
            for span in trace:
                head = {"cassette": str(path), "trace": trace.name}
                yield exporters.json_text({**head, **exporters.span_record(span)}) + "\n"

    def csv(self, read: Iterable[tuple[Path, Trace]]) -> Iterator[str]:
        yield exporters.csv_line(("cassette", *exporters.COLUMNS))
        for path, trace in read:
            for span in trace:
                yield exporters.csv_line({"cassette": str(path), **exporters.row(trace, span)})

    def openai_finetune(self, read: Iterable[tuple[Path, Trace]]) -> Iterator[str]:
        return self._examples(read, exporters.openai_finetune)

    def anthropic_finetune(self, read: Iterable[tuple[Path, Trace]]) -> Iterator[str]:
        return self._examples(read, exporters.anthropic_finetune)

    def _examples(
        self,
        read: Iterable[tuple[Path, Trace]],
        export: Callable[[Trace, bool], tuple[list[dict[str, Any]], list[Note]]],
    ) -> Iterator[str]:
        for path, trace in read:
            examples, notes = export(trace, self.per_call)
            self.notes.append((path, notes))
            self.examples += len(examples)
            yield from (exporters.json_text(example) + "\n" for example in examples)


_FORMATS: dict[str, Callable[[_Export, Iterable[tuple[Path, Trace]]], Iterator[str]]] = {
    "json": _Export.json,
    "jsonl": _Export.jsonl,
    "csv": _Export.csv,
    "openai-finetune": _Export.openai_finetune,
    "anthropic-finetune": _Export.anthropic_finetune,
}


@click.command("export")
@click.argument("paths", metavar="CASSETTE...", nargs=-1, required=True)
@click.option(
    "--format", "form", type=click.Choice(tuple(_FORMATS)), required=True, help="The form to write."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to FILE, not stdout.",
)
@click.option("--per-call", is_flag=True, help="Fine-tuning: an example for each call.")
@click.pass_context
def command(
    ctx: click.Context, paths: tuple[str, ...], form: str, output: Path | None, per_call: bool
) -> None:
    """Write cassettes as JSON, as CSV, as examples for fine-tuning.

    `json` is a list of runs, `jsonl` a step a line, both with messages in one form for all providers; `csv`
    a step a row. The forms for fine-tuning hold an example for each conversation, which is its longest
    request with its answer. Calls that have no place in them are skipped and told on stderr. Exits with 1
    if there is no example.
    """
    if per_call and not form.endswith("-finetune"):
        raise click.UsageError("--per-call is for the forms of fine-tuning")
    _files.require(paths)
    files = _files.cassettes(paths)
    if output is not None and os.path.realpath(output) in map(os.path.realpath, files):
        raise UsageError(f"{output} is one of the cassettes to export")
    export = _Export(per_call)
    _write(_whole(export, form, files), output)
    for path, notes in export.notes:
        _tell(path, notes)
    if form.endswith("-finetune"):
        where = f" in {output}" if output is not None else ""
        click.echo(f"{count(export.examples, 'example')}{where}", err=True)
        if not export.examples:
            ctx.exit(DIFFERENCE)


def _whole(export: _Export, form: str, files: list[Path]) -> bytes:
    """All of it before anything is written: half an export looks like one."""
    reading = files[0] if files else None

    def read() -> Iterator[tuple[Path, Trace]]:
        nonlocal reading
        for reading in track(files, "Reading cassettes"):
            yield reading, cassette.load(reading).trace

    try:
        return "".join(_FORMATS[form](export, read())).encode("utf-8", "backslashreplace")
    except RecursionError:
        raise CassetteError("nested too deep to be exported", path=reading) from None


def _write(data: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        write_atomically(output, data)
    except OSError as error:
        raise TraceOpsError(f"{output} cannot be written: {error.strerror or error}") from error


def _tell(path: Path, notes: list[Note]) -> None:
    """What was skipped or left out, a line for each reason."""
    reasons: dict[tuple[bool, str], list[int]] = {}
    for note in sorted(notes, key=lambda note: note.span):
        reasons.setdefault((note.skipped, note.what), []).append(note.span)
    for (skipped, what), spans in reasons.items():
        name, numbers = _files.shown(path), ", ".join(map(str, spans[:_SHOWN]))
        more = f" and {len(spans) - _SHOWN:,} more" if len(spans) > _SHOWN else ""
        where = f"{'span' if len(spans) == 1 else 'spans'} {numbers}{more}"
        told = f"{where} skipped: {what}" if skipped else f"{where} without {what}"
        click.echo(f"{name}: {_render.one_line(told)}", err=True)
