"""A diff as a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import chain
from typing import NamedTuple

from trace_ops._figures import count
from trace_ops.diff import figures
from trace_ops.diff.details import details
from trace_ops.diff.lines import Line, Reading, rest
from trace_ops.diff.model import Metric, TraceDiff
from trace_ops.diff.phrases import what
from trace_ops.matching.excerpt import printable

MOST = 60_000
"""Characters of a text; GitHub refuses comments of more than 65,536."""

_MORE = "… and more: this is cut to fit"
_MORE_OF_IT = "What followed, and what else changed"
_ROOM = 120
_LEAST = 2_000


def to_markdown(diff: TraceDiff, limit: int = MOST) -> str:
    """What changed as GitHub-flavoured Markdown, of ``limit`` characters at most (1,880 or more).

    Heading, first difference, totals; the rest is folded. What a model or a program said stands only in
    code, where it can neither end a block, nor mention anyone, nor be taken for markup.
    """
    limit = max(limit, _LEAST - _ROOM)
    reading = Reading(diff)
    parts = [_heading(reading)]
    if reading.roots:
        first = reading.roots[0][1]
        old, new = reading.steps.sides(first)
        rows = [f"{row.sign} {row.text}" for row in details(first, new or old).rows]
        parts += [block(rows, limit // 3, "diff")] if rows else []
    parts += _table(reading.totals())
    # Not read further than there is room for.
    more = rest(reading)
    first_line = next(more, None)
    if first_line is not None:
        room = limit - sum(map(len, parts)) - 2 * len(parts) - _ROOM
        inner = block(map(_plus_or_minus, chain([first_line], more)), room, "diff")
        parts.append(f"<details><summary>{_MORE_OF_IT}</summary>\n\n{inner}\n\n</details>")
    return "\n\n".join(parts) + "\n"


_LONGEST_RUN = 20
_LONG_RUN = re.compile(f"`{{{_LONGEST_RUN + 1},}}")
"""Backticks for the sake of which a fence would be as long as what it holds."""


class Named(NamedTuple):
    """A diff, and the cassette it is of."""

    path: str
    diff: TraceDiff


def combined(
    changed: Sequence[Named],
    others: Sequence[tuple[str, str]],
    equal: int,
    metrics: Sequence[Metric],
    limit: int = MOST,
) -> str:
    """Several cassettes in one text: how many changed, the totals, and each one folded.

    ``others`` are cassettes that came, went, were renamed or cannot be read, with what is to be said of each.
    """
    limit = max(limit, 4_000)
    told = [f"{len(changed):,} changed"] if changed else []
    told += [f"{len(others):,} added, removed, renamed or broken"] if others else []
    told += [f"{equal:,} equal"] if equal else []
    parts = [f"### Cassettes: {', '.join(told) or 'none'}", *_table(metrics)]
    room = limit - sum(map(len, parts)) - 4 * _ROOM
    names = [f"- {code(path)}: {code(what)}" for path, what in others]
    parts += ["\n".join(_fitting(names, room // 4))] if names else []
    room = limit - sum(map(len, parts)) - 4 * _ROOM
    for number, (path, diff) in enumerate(changed):
        share = max(_LEAST, room // (len(changed) - number))
        if room < _LEAST + len(path) * 6:
            parts.append(f"{_MORE}: {count(len(changed) - number, 'cassette')}")
            break
        name = f"<code>{escape(printable(path))}</code>"
        parts.append(f"<details><summary>{name}</summary>\n\n{to_markdown(diff, share - _ROOM)}\n</details>")
        room -= len(parts[-1]) + 2
    return "\n\n".join(parts) + "\n"


def _fitting(texts: Sequence[str], room: int) -> Iterator[str]:
    for number, text in enumerate(texts):
        room -= len(text) + 1
        if room < 0:
            yield f"- {_MORE}: {count(len(texts) - number, 'cassette')}"
            return
        yield text


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


def _table(metrics: Iterable[Metric]) -> list[str]:
    rows = [f"| {' | '.join(cells)} |" for cells in figures.table(metrics)]
    return ["\n".join(["| | before | after | |", "|---|--:|--:|--:|", *rows])] if rows else []


def _plus_or_minus(line: Line) -> str:
    """A line whose sign, if it has one, stands first: a diff block colours by that."""
    indented = re.match(r"( +)([-+]) (.*)", line.text) if line.style in ("added", "removed") else None
    return f"{indented[2]} {indented[1]}  {indented[3]}" if indented else f"  {line.text}".rstrip()


def block(texts: Iterable[str], room: int, language: str) -> str:
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
    whole = _LONG_RUN.sub(lambda run: run[0][:_LONGEST_RUN] + "…", "\n".join(kept))
    fence = "`" * max(3, _longest_run(whole) + 1)
    return f"{fence}{language}\n{whole}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
