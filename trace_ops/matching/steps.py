"""Steps that are served: what makes two the same one, and why one was not served (the miss error)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from trace_ops.matching.differences import differences
from trace_ops.matching.excerpt import printable, short
from trace_ops.matching.explain import describe
from trace_ops.trace import Span

_MAX_DIFFERENCES = 8
_MAX_COMPARED = 200


def step_key(step: Span) -> tuple[str, str, str]:
    """What makes two steps the same one: of two stores, those of one name are told apart."""
    told = [step.attributes.get(name) for name in ("store", "operation")]
    asked = [step.input, *(told if step.kind == "retrieval" else ())]
    return step.kind, step.name, json.dumps(asked, sort_keys=True, default=repr)


def explain_step(step: Span, recorded: Sequence[Span], hints: Iterable[str] = ()) -> str:
    """Say which step was to be served, how it differs from the nearest recorded one, and what to do."""
    same = [each for each in recorded if each.exchange is None and _is_of(each, step)]
    lines = [f"no recorded {step.kind} {printable(step.name)} is left to serve, and it is frozen"]
    lines += _nearest(step, same[:_MAX_COMPARED]) if same else ["none was recorded"]
    let_it_run = f"let it run: live={{{step.name!r}}}"
    return "\n  ".join([*lines, f"with: {short(step.input)}", let_it_run, *hints])


def _is_of(recorded: Span, step: Span) -> bool:
    return (recorded.kind, recorded.name) == (step.kind, step.name)


def _nearest(step: Span, recorded: Sequence[Span]) -> Iterator[str]:
    all_found = [(differences(each.input, step.input), each) for each in recorded]
    found, nearest = min(all_found, key=lambda pair: len(pair[0]))
    if nearest.attributes.get("inexact"):
        yield f"span {nearest.id} was recorded, but not in a way that can be served"
    elif not found:
        yield f"it was recorded (span {nearest.id}), and served already as often as it was recorded"
    else:
        count = f"{len(found)} difference{'' if len(found) == 1 else 's'}"
        yield f"nearest: span {nearest.id}, {count} (recorded -> now):"
        yield from (f"  {describe(each)}" for each in found[:_MAX_DIFFERENCES])
