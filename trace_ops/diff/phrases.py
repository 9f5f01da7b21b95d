"""Steps and changes in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from trace_ops._figures import cost, count, duration
from trace_ops._plain import plain
from trace_ops.checks import documents
from trace_ops.diff.figures import share
from trace_ops.diff.model import Change, ChangeKind, TraceDiff
from trace_ops.matching.excerpt import printable, quoted
from trace_ops.trace import Span

_LABEL = 80
_INLINE = 40
_MOST_RANGES = 6

_NOUNS: dict[ChangeKind, tuple[str, str]] = {
    "trajectory": ("other step", "other steps"),
    "model": ("other model", "other models"),
    "prompt": ("other prompt", "other prompts"),
    "tools": ("other tool list", "other tool lists"),
    "arguments": ("tool call with other arguments", "tool calls with other arguments"),
    "result": ("other tool result", "other tool results"),
    "parameters": ("other parameter", "other parameters"),
    "response": ("other answer", "other answers"),
    "finish": ("answer that ends otherwise", "answers that end otherwise"),
    "error": ("other error", "other errors"),
    "usage": ("other token count", "other token counts"),
    "cost": ("other cost", "other costs"),
    "latency": ("other time", "other times"),
}


def label(span: Span) -> str:
    """What a step is called: ``openai chat.completions gpt-5``, ``tool search``."""
    if span.exchange is None and span.kind not in ("llm", "embedding"):
        return name(f"{span.kind} {span.name}")
    return name(f"{span.name} {span.model}" if span.model else span.name or span.kind)


def name(text: Any) -> str:
    """A name, whatever it holds, on one line and of a bearable length."""
    line = printable(" ".join(str(text)[: 4 * _LABEL].split()))
    return line if len(line) <= _LABEL else f"{line[: _LABEL - 1]}…"


class Steps:
    """The steps of both runs by their ids."""

    def __init__(self, diff: TraceDiff) -> None:
        self._old = {span.id: span for span in diff.old}
        self._new = {span.id: span for span in diff.new}

    def sides(self, change: Change) -> tuple[Span | None, Span | None]:
        """The two steps that a change is about."""
        old = self._old.get(change.old) if change.old is not None else None
        new = self._new.get(change.new) if change.new is not None else None
        return old, new

    def place(self, change: Change) -> str:
        """``step 3, tool search``; the number is that of the new run where the step is still there."""
        old, new = self.sides(change)
        span = new or old
        if span is None:
            return "the run"
        return f"{'step' if new else 'old step'} {span.id}, {label(span)}"


def what(change: Change) -> str:
    """What happened, without where: ``system prompt changed``, ``model: "gpt-5" -> "gpt-5-mini"``."""
    subject = _subject(change)
    if change.kind == "trajectory" and isinstance(change.before, list):
        return f"{subject} (old steps {' and '.join(map(name, change.before))})"
    if change.kind == "trajectory" or (change.before is None and change.after is None):
        return subject if change.kind == "trajectory" else f"{subject} changed"
    if is_inline(change):
        return f"{subject}: {_side(change, change.before)} -> {_side(change, change.after)}"
    if change.before is None or change.after is None:
        return f"{subject} {_came_or_went(change)}"
    alike = _alike(change)
    return f"{subject} changed{f' ({alike})' if alike else ''}"


def _subject(change: Change) -> str:
    """What it is that changed, more closely than ``cause`` where the path tells."""
    inner = change.path.split(".")
    if change.kind == "tools" and len(inner) > 1:
        rest = f", {'.'.join(inner[2:])}" if len(inner) > 2 else ""
        return f"{name(change.cause)}: {name(inner[1] + rest)}"
    if change.kind == "arguments" and "arguments" in inner:
        rest = ".".join(inner[inner.index("arguments") + 1 :])
        return f"{name(change.cause)}{f', {name(rest)}' if rest else ''}"
    if asked := _tool_asked(change):
        return f"{name(change.cause)}: call of tool {name(asked)}"
    return _SUBJECTS.get(change.cause) or name(change.cause)


_SUBJECTS = {"finish": "finish reason", "usage": "tokens"}


def _tool_asked(change: Change) -> str:
    """The tool of a call that an answer has more, or less."""
    value = change.after if change.before is None else change.before
    if change.kind == "response" and isinstance(value, dict) and None in (change.before, change.after):
        return str(value.get("tool") or "")
    return ""


def _came_or_went(change: Change) -> str:
    if change.kind == "error":
        return "is new" if change.before is None else "is gone"
    return "added" if change.before is None else "removed"


def is_inline(change: Change) -> bool:
    """Whether both values fit into the line that tells of the change."""
    values = (change.before, change.after)
    return values != (None, None) and all(map(_is_small, values)) and not _is_prose(change)


def nouns(changes: Iterable[Change]) -> str:
    """Count changes by what they are: ``3 other answers, 1 tool call with other arguments``."""
    counted: Counter[tuple[str, str]] = Counter()
    for change in changes:
        counted[_noun(change)] += 1
    return ", ".join(count(times, *noun) for noun, times in counted.items())


def step_ranges(changes: Iterable[Change]) -> str:
    """The steps of changes: ``step 4``, ``steps 4-7, 9``; those only the old run has as ``old step 3``."""
    changes = list(changes)
    new = sorted({change.new for change in changes if change.new is not None})
    old = sorted({change.old for change in changes if change.new is None and change.old is not None})
    told = [_ranges("step", new), _ranges("old step", old)]
    return ", ".join(part for part in told if part)


def _noun(change: Change) -> tuple[str, str]:
    if change.kind == "trajectory":
        for word in ("added", "removed", "moved"):
            if word in change.cause:
                return (f"step {word}", f"steps {word}")
    if change.severity == "info" and change.kind in ("response", "prompt", "result"):
        return ("text in other words", "texts in other words")
    if change.cause == "documents":
        return ("retrieval with other documents", "retrievals with other documents")
    return _NOUNS[change.kind]


def _ranges(word: str, numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    if len(told) > _MOST_RANGES:
        told = [*told[: _MOST_RANGES - 1], f"… {told[-1]}"]
    return f"{word}{'s' if len(numbers) > 1 else ''} {', '.join(told)}"


def _side(change: Change, value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if change.kind == "cost":
            return cost(value)
        if change.kind == "latency":
            return duration(value)
    return quoted(plain(value))


def _is_small(value: Any) -> bool:
    if value is None or isinstance(value, (bool, float)):
        return True
    if isinstance(value, int):
        return value.bit_length() <= 4 * _INLINE
    return isinstance(value, str) and len(value) <= _INLINE and "\n" not in value


def _is_prose(change: Change) -> bool:
    """Whether a text is better read above the one it became."""
    sides = [side for side in (change.before, change.after) if isinstance(side, str)]
    return change.kind in ("prompt", "response", "result") and any(" " in side for side in sides)


def _alike(change: Change) -> str:
    if change.cause == "documents" and isinstance(change.before, list) and isinstance(change.after, list):
        return documents.counts(documents.shifts(change.before, change.after))
    if change.similarity is None or not isinstance(change.before, str):
        return ""
    return f"{share(change.similarity)} alike"
