"""What differs between two steps that correspond."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from trace_ops.diff import answers, messages, requests
from trace_ops.diff.answers import Likeness
from trace_ops.diff.findings import Finding, Side
from trace_ops.diff.model import ChangeKind
from trace_ops.diff.steps import Step, answers_same, answers_to_the_letter, asks_same
from trace_ops.diff.values import leaves, same, text_of

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
        yield from _documents(one.output, other.output)
    elif isinstance(one.output, str) and isinstance(other.output, str) and kind == "response":
        yield answers.worded(cause, "output", one.output, other.output, likeness)
    else:
        yield from _leaves(kind, cause, "out", "output", one.output, other.output)


def _told(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name != "inexact"}


def _leaves(
    kind: ChangeKind, cause: str, side: Side, path: str, before: Any, after: Any
) -> Iterator[Finding]:
    if not same(before, after):
        for leaf in leaves(before, after, path):
            yield Finding(kind, cause, side, leaf.path, leaf.recorded, leaf.now)


def _documents(before: list[Any], after: list[Any]) -> Iterator[Finding]:
    keys = [text_of(document) for document in before], [text_of(document) for document in after]
    gone, come = Counter(keys[0]), Counter(keys[1])
    gone, come = gone - come, come - gone
    if not gone and not come:
        yield Finding("result", "documents", "out", "output", before, after)
    elif len(before) == len(after) and gone.total() == come.total() and _in_place(keys, gone, come):
        yield from _leaves("result", "documents", "out", "output", before, after)
    else:
        for number, (key, document) in enumerate(zip(keys[0], before)):
            if gone[key] > 0:
                gone[key] -= 1
                yield Finding("result", "documents", "out", f"output.{number}", document, None)
        for number, (key, document) in enumerate(zip(keys[1], after)):
            if come[key] > 0:
                come[key] -= 1
                yield Finding("result", "documents", "out", f"output.{number}", None, document)


def _in_place(keys: tuple[list[str], list[str]], gone: Counter[str], come: Counter[str]) -> bool:
    """Whether all that is gone stands where something came."""
    return all((one in gone) is (other in come) for one, other in zip(*keys))
