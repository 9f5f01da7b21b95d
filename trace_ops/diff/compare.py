"""What differs between two steps that correspond."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trace_ops.checks import documents
from trace_ops.diff import answers, messages, requests
from trace_ops.diff.answers import Likeness
from trace_ops.diff.findings import Finding, Side
from trace_ops.diff.model import ChangeKind
from trace_ops.diff.steps import Step, answers_same, answers_to_the_letter, asks_same
from trace_ops.diff.values import leaves, same

_INPUT: dict[str, tuple[ChangeKind, str]] = {
    "tool": ("arguments", "tool arguments"),
    "retrieval": ("arguments", "retrieval query"),
}
_OUTPUT: dict[str, tuple[ChangeKind, str]] = {
    "tool": ("result", "tool result"),
    "retrieval": ("result", "documents"),
    "llm": ("response", "provider's answer"),
    "embedding": ("response", "provider's answer"),
}


def compare(old: Step, new: Step, likeness: Likeness) -> list[Finding]:
    """List what differs, what went in before what came out."""
    found: list[Finding] = []
    if old.exchange is not None and new.exchange is not None:
        found += _calls(old, new, likeness)
    elif (old.exchange is None) is (new.exchange is None):
        found += _plain(old, new, likeness)
    else:
        found.append(Finding("parameters", "endpoint", "in", before=_address(old), after=_address(new)))
    for finding in found:
        finding.old, finding.new = old, new
    return found


def _address(step: Step) -> str | None:
    return None if step.exchange is None else f"{step.exchange.provider} {step.exchange.request.path}"


def _calls(old: Step, new: Step, likeness: Likeness) -> Iterator[Finding]:
    changed = False
    if not asks_same(old, new):
        for finding in requests.compare(old, new):
            changed = True
            yield finding
    if answers_to_the_letter(old, new):
        return
    if not answers_same(old, new):
        for finding in answers.compare(old, new, likeness):
            changed = True
            yield finding
    for finding in answers.beside(old, new):
        if finding.kind != "usage" or not changed:
            changed = True
            yield finding


def _plain(old: Step, new: Step, likeness: Likeness) -> Iterator[Finding]:
    one, other = old.span, new.span
    if one.model != other.model:
        yield Finding("model", "model", "in", "model", one.model, other.model)
    kind, cause = _INPUT.get(one.kind, ("prompt", "input"))
    yield from _leaves(kind, cause, "in", "input", one.input, other.input)
    if one.attributes != other.attributes:
        for leaf in leaves(_told(one.attributes), _told(other.attributes), "attributes"):
            name = leaf.path.removeprefix("attributes.")
            yield Finding("parameters", f"attribute {name}", "in", leaf.path, leaf.recorded, leaf.now)
    failures = messages.failed(one), messages.failed(other)
    if failures[0] != failures[1]:
        yield answers.error(*failures)
    if same(one.output, other.output) or (failures[0] is None) is not (failures[1] is None):
        return
    kind, cause = _OUTPUT.get(one.kind, ("response", "output"))
    if one.kind == "retrieval" and isinstance(one.output, list) and isinstance(other.output, list):
        if documents.shifts(one.output, other.output):
            yield Finding("result", "documents", "out", "output", one.output, other.output)
    elif isinstance(one.output, str) and isinstance(other.output, str) and kind == "response":
        yield answers.worded(cause, "output", one.output, other.output, likeness)
    else:
        yield from _leaves(kind, cause, "out", "output", one.output, other.output)


def _told(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name not in ("inexact", "result")}


def _leaves(
    kind: ChangeKind, cause: str, side: Side, path: str, before: Any, after: Any
) -> Iterator[Finding]:
    if not same(before, after):
        for leaf in leaves(before, after, path):
            yield Finding(kind, cause, side, leaf.path, leaf.recorded, leaf.now)
