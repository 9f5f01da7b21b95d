"""A diff as a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable

from trace_ops.diff import figures
from trace_ops.diff.details import details
from trace_ops.diff.figures import count
from trace_ops.diff.lines import Line, Reading, rest
from trace_ops.diff.model import TraceDiff
from trace_ops.diff.phrases import what

MOST = 60_000
"""Characters of a text; GitHub refuses comments of more than 65,536."""

_MORE = "… and more: this is cut to fit"
_MORE_OF_IT = "What followed, and what else changed"
_ROOM = 120


def to_markdown(diff: TraceDiff, limit: int = MOST) -> str:
    """What changed as GitHub-flavoured Markdown, of ``limit`` characters at most (2,000 or more).

    Heading, first difference, totals; the rest is folded. What a model or a program said stands only in
    code, where it can neither end a block, nor mention anyone, nor be taken for markup.
    """
    limit = max(limit, 2_000)
    reading = Reading(diff)
    parts = [_heading(reading)]
    if reading.roots:
        first = reading.roots[0][1]
        old, new = reading.steps.sides(first)
        rows = [f"{row.sign} {row.text}" for row in details(first, new or old).rows]
        parts += [_block(rows, limit // 3, "diff")] if rows else []
    parts += _table(diff)
    more = list(rest(reading))
    if more:
        room = limit - sum(map(len, parts)) - 2 * len(parts) - _ROOM
        inner = _block(map(_plus_or_minus, more), room, "diff")
        parts.append(f"<details><summary>{_MORE_OF_IT}</summary>\n\n{inner}\n\n</details>")
    return "\n\n".join(parts) + "\n"


def code(text: str) -> str:
    """A text within a line, as it is, in as many backticks as it takes."""
    line = " ".join(text.split()) or " "
    fence = "`" * (_longest_run(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _heading(reading: Reading) -> str:
    if not reading.roots:
        return f"### No difference\n\n{code(reading.headline().partition(': ')[2])}"
    (number, first), *others = reading.roots
    follow = len(reading.following(number))
    told = [f"{count(follow, 'other change')} follow{'s' if follow == 1 else ''} from it."] if follow else []
    if others:
        told.append(f"{count(len(others), 'other difference')} besides.")
    place = f"{code(reading.steps.place(first))}: {code(what(first))}"
    return "\n\n".join([f"### First difference: {place}", *([" ".join(told)] if told else [])])


def _table(diff: TraceDiff) -> list[str]:
    rows = [
        f"| {figures.NAMES.get(metric.name, code(metric.name))} "
        f"| {figures.value(metric.name, metric.before)} | {figures.value(metric.name, metric.after)} "
        f"| {figures.growth(metric)} |"
        for metric in figures.changed(diff)
    ]
    return ["\n".join(["| | before | after | |", "|---|--:|--:|--:|", *rows])] if rows else []


def _plus_or_minus(line: Line) -> str:
    """A line whose sign, if it has one, stands first: a diff block colours by that."""
    indented = re.match(r"( +)([-+]) (.*)", line.text) if line.style in ("added", "removed") else None
    return f"{indented[2]} {indented[1]}  {indented[3]}" if indented else f"  {line.text}".rstrip()


def _block(texts: Iterable[str], room: int, language: str) -> str:
    """A fenced block of as many lines as there is room for."""
    kept: list[str] = []
    taken = 0
    for text in texts:
        line = text if len(text) <= room // 2 else f"{text[: room // 2]}…"
        taken += len(line) + 1
        if taken > room - _ROOM:
            kept.append(_MORE)
            break
        kept.append(line)
    fence = "`" * max(3, _longest_run("\n".join(kept)) + 1)
    return "\n".join([f"{fence}{language}", *kept, fence])


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
