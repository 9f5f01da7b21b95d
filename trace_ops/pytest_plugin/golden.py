"""A trajectory as it is kept in a snapshot, shown to a person, and compared with that of another run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rapidfuzz.distance import Indel

from trace_ops import wire
from trace_ops._plain import plain
from trace_ops.checks.steps import Step, steps
from trace_ops.matching.excerpt import printable, quoted
from trace_ops.trace import Trace

Kept = str | dict[str, Any]
"""One step: its name, or a mapping with ``step``, ``arguments`` and ``answer`` (a list of lines)."""

_AROUND = 3
_INDENT = "    "


def golden(trace: Trace, *, arguments: bool = False, answers: bool = False) -> list[Kept]:
    """The steps of a run as plain data, on request with arguments of tools and words of answers."""
    return [_kept(step, arguments, answers) for step in steps(trace)]


def _kept(step: Step, arguments: bool, answers: bool) -> Kept:
    kept: dict[str, Any] = {"step": step.label}
    given = step.arguments if arguments and step.kind not in ("llm", "embedding") else None
    if given is not None:
        kept["arguments"] = json.loads(json.dumps(plain(given), sort_keys=True))
    answer = _answer(step) if answers else None
    if answer:
        kept["answer"] = answer.split("\n")
    return kept if len(kept) > 1 else step.label


def _answer(step: Step) -> str | None:
    if step.kind != "llm" or step.span.exchange is None:
        return None
    response = wire.read_response(step.span.exchange)
    return response.text if response is not None else None


def same(one: Sequence[Kept] | None, other: Sequence[Kept] | None) -> bool:
    """Whether two runs took the same steps, where 1, 1.0 and true are three things."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def lines(kept: Sequence[Kept]) -> Iterator[str]:
    """Steps for a person: a line each, and beneath it the lines of its answer."""
    for step in kept:
        if isinstance(step, str):
            yield printable(step)
            continue
        arguments = f" {quoted(step['arguments'])}" if "arguments" in step else ""
        yield printable(str(step.get("step"))) + arguments
        for line in step.get("answer") or ():
            yield f"{_INDENT}{printable(str(line))}".rstrip()


def aligned(before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    """Both, line by line: ``-`` for what is gone, ``+`` for what is new, the rest cut to what is near."""
    operations = list(Indel.opcodes(before, now))
    new: list[str] = []
    for number, step in enumerate(operations):
        old = before[step.src_start : step.src_end]
        if step.tag == "delete":
            yield from (f"- {line}" for line in old)
        elif step.tag == "insert":
            new += (f"+ {line}" for line in now[step.dest_start : step.dest_end])
        else:
            yield from new
            new = []
            yield from _near(old, first=number == 0, last=step is operations[-1])
    yield from new


def _near(same: Sequence[str], first: bool, last: bool) -> Iterator[str]:
    head, tail = (0 if first else _AROUND), (0 if last else _AROUND)
    left_out = len(same) - head - tail
    if left_out <= 1:
        yield from (f"  {line}" for line in same)
        return
    yield from (f"  {line}" for line in same[:head])
    yield f"  ... {left_out} lines as before ..."
    yield from (f"  {line}" for line in same[len(same) - tail :])


def to_text(snapshots: dict[str, list[Kept]]) -> str:
    """The text of a file: JSON with a line for each step, or for each line of it."""
    return json.dumps({"version": 1, "snapshots": snapshots}, indent=1, ensure_ascii=False) + "\n"


def from_text(text: str) -> dict[str, list[Kept]]:
    """Read the text of a file; raises :class:`ValueError` for anything that is not one."""
    try:
        read = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(read, dict) or not isinstance(read.get("snapshots"), dict):
        raise ValueError("no mapping with 'snapshots'")
    if read.get("version") != 1:
        raise ValueError(f"version {read.get('version')!r}, and this TraceOps reads version 1")
    for name, kept in read["snapshots"].items():
        if not isinstance(kept, list) or not all(map(_is_step, kept)):
            raise ValueError(f"{name!r} is no list of steps")
    return dict(read["snapshots"])


def _is_step(kept: Any) -> bool:
    if isinstance(kept, dict):
        return isinstance(kept.get("step"), str) and isinstance(kept.get("answer", []), list)
    return isinstance(kept, str)
