"""A diff as plain data, for other programs."""

from __future__ import annotations

from typing import Any

from trace_ops._plain import plain
from trace_ops.diff.model import Change, TraceDiff
from trace_ops.diff.phrases import label
from trace_ops.trace import Span, Trace

VERSION = 1


def to_dict(diff: TraceDiff) -> dict[str, Any]:
    """Everything as data that JSON can hold; ``version`` grows when a key changes its meaning.

    ``changes`` stand in the order of the new run; ``root`` is the ``number`` of the change that one
    follows from. ``pairs`` counts the steps that correspond, and those only one run has.
    """
    steps = [{span.id: span for span in trace} for trace in (diff.old, diff.new)]
    changes = [_change(number, change, steps) for number, change in enumerate(diff.changes)]
    first = diff.first_divergence
    number = next((number for number, change in enumerate(diff.changes) if change is first), None)
    before, after = _tools(diff.old), _tools(diff.new)
    return {
        "version": VERSION,
        "has_changes": diff.has_changes,
        "severity": diff.severity,
        "first_divergence": None if number is None else changes[number],
        "changes": changes,
        "metrics": {
            metric.name: {"before": metric.before, "after": metric.after, "ratio": metric.ratio}
            for metric in diff.metrics
        },
        "pairs": {
            "both": sum(None not in pair for pair in diff.pairs),
            "old_only": sum(pair.new is None for pair in diff.pairs),
            "new_only": sum(pair.old is None for pair in diff.pairs),
        },
        "added_tools": [tool for tool in after if tool not in before],
        "removed_tools": [tool for tool in before if tool not in after],
    }


def _change(number: int, change: Change, steps: list[dict[int, Span]]) -> dict[str, Any]:
    return {
        "number": number,
        "kind": change.kind,
        "cause": _text(change.cause),
        "severity": change.severity,
        "old": _step(change.old, steps[0]),
        "new": _step(change.new, steps[1]),
        "path": _text(change.path),
        "before": _safe(plain(change.before)),
        "after": _safe(plain(change.after)),
        "root": change.root,
        "follows": change.follows,
        "similarity": change.similarity,
    }


def _step(number: int | None, spans: dict[int, Span]) -> dict[str, Any] | None:
    if number is None or number not in spans:
        return None
    return {"step": number, "label": label(spans[number])}


def _tools(trace: Trace) -> list[str]:
    """The tools that were called: that ran, or that an answer asked for."""
    names: dict[str, None] = {}
    for span in trace:
        names |= dict.fromkeys(map(_text, span.tools))
        if span.kind == "tool":
            names[_text(span.name)] = None
    return list(names)


def _safe(value: Any) -> Any:
    """A value whose every text can be written as UTF-8."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return [_safe(item) for item in value]
    if isinstance(value, dict):
        return {_text(key): _safe(item) for key, item in value.items()}
    return value


def _text(text: Any) -> str:
    return str(text).encode("utf-8", "backslashreplace").decode()
