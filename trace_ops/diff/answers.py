"""What differs between two answers of a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trace_ops.diff import messages, sequence, values
from trace_ops.diff.findings import Finding
from trace_ops.diff.model import Severity
from trace_ops.diff.steps import Step
from trace_ops.diff.values import leaves, same
from trace_ops.exchange import Response
from trace_ops.trace import Usage
from trace_ops.wire.messages import ChatResponse, Message, ReasoningPart, RefusalPart, TextPart, ToolCallPart

ANSWER = "provider's answer"
_COUNTS = ("input", "output", "cache_read", "cache_write", "reasoning")


@dataclass(frozen=True)
class Likeness:
    """How alike two texts are, and from where on they say the same in other words."""

    measure: Callable[[str, str], float]
    threshold: float


def worded(cause: str, path: str, before: str, after: str, likeness: Likeness) -> Finding:
    """A text that says something else, or the same in other words."""
    score = likeness.measure(before, after)
    severity: Severity = "info" if score >= likeness.threshold else "minor"
    return Finding("response", cause, "out", path, before, after, severity, score)


def error(before: tuple[str, str] | None, after: tuple[str, str] | None) -> Finding:
    """An error that came, went, or is another; ``minor`` where only its words differ."""
    alike = before is not None and after is not None and before[0] == after[0]
    severity: Severity = "minor" if alike else "major"
    return Finding("error", "error", "out", "error", _told(before), _told(after), severity)


def _told(failure: tuple[str, str] | None) -> str | None:
    return None if failure is None else ": ".join(filter(None, failure))


def compare(old: Step, new: Step, likeness: Likeness) -> Iterator[Finding]:
    """List what differs in what was said: errors, tools asked for, texts, why it ended."""
    failures = messages.failed(old.span), messages.failed(new.span)
    if failures[0] != failures[1]:
        yield error(*failures)
    if old.response is None or new.response is None:
        yield from _unread(old, new)
        return
    one, other = old.response, new.response
    for number in range(max(len(one.messages), len(other.messages))):
        before = one.messages[number] if number < len(one.messages) else None
        after = other.messages[number] if number < len(other.messages) else None
        prefix = f"choices.{number}." if number else ""
        if before is None or after is None:
            told = (before and messages.shown(before), after and messages.shown(after))
            yield Finding("response", ANSWER, "out", f"choices.{number}", told[0], told[1], "major")
        elif messages.key(before) != messages.key(after):
            yield from _choices(before, after, prefix, likeness)
    if one.finish != other.finish:
        yield Finding("finish", "finish", "out", "finish", _words(one), _words(other))


def _words(answer: ChatResponse) -> str | None:
    return ", ".join(str(finish) for finish in answer.finish) or None


def _unread(old: Step, new: Step) -> Iterator[Finding]:
    """What no reader understands; of vectors only that they differ."""
    if old.output == new.output:
        return
    outcomes = [step.exchange.outcome if step.exchange else None for step in (old, new)]
    if not all(isinstance(outcome, Response) and outcome.status < 400 for outcome in outcomes):
        return
    if old.span.kind == "embedding":
        yield Finding("response", ANSWER, "out", "output")
        return
    bodies = [getattr(outcome.body, "json", None) for outcome in outcomes if isinstance(outcome, Response)]
    if None in bodies:
        yield Finding("response", ANSWER, "out", "output")
        return
    for leaf in leaves(bodies[0], bodies[1]):
        if not leaf.path.rpartition(".")[2].lower().endswith(("id", "created", "created_at")):
            yield Finding("response", ANSWER, "out", leaf.path, leaf.recorded, leaf.now)


def _choices(before: Message, after: Message, prefix: str, likeness: Likeness) -> Iterator[Finding]:
    yield from _tool_calls(before.tool_calls, after.tool_calls, prefix)
    if before.text != after.text:
        yield worded(ANSWER, f"{prefix}text", before.text, after.text, likeness)
    refusals = _joined(before, RefusalPart), _joined(after, RefusalPart)
    if refusals[0] != refusals[1]:
        yield Finding("response", ANSWER, "out", f"{prefix}refusal", *refusals, severity="major")
    thoughts = _joined(before, ReasoningPart), _joined(after, ReasoningPart)
    if thoughts[0] != thoughts[1]:
        yield Finding("response", "reasoning", "out", f"{prefix}reasoning", *thoughts, severity="info")
    others = _others(before), _others(after)
    if not same(*others):
        yield Finding("response", ANSWER, "out", f"{prefix}parts", *others)


def _joined(message: Message, sort: type[ReasoningPart | RefusalPart]) -> str | None:
    texts = [part.content for part in message.parts if isinstance(part, sort) and part.content]
    return "\n".join(texts) or None


def _others(message: Message) -> list[Any]:
    known = (TextPart, RefusalPart, ReasoningPart, ToolCallPart)
    return [messages.shown_part(part) for part in message.parts if not isinstance(part, known)]


def _tool_calls(
    before: Sequence[ToolCallPart], after: Sequence[ToolCallPart], prefix: str
) -> Iterator[Finding]:
    gap = (0, len(before), 0, len(after))
    pairs = list(sequence.anchored(before, after, messages.part_key, gap))
    for inner in sequence.gaps(pairs, gap):
        pairs += sequence.likest(before, after, _CALL_LIKENESS, inner)
    mates = dict(pairs)
    come = set(range(len(after))) - set(mates.values())
    for number, call in enumerate(before):
        mate = mates.get(number)
        path = f"{prefix}tool_calls.{number if mate is None else mate}"
        if mate is None:
            yield Finding("response", ANSWER, "out", path, _shown(call), None, severity="major")
        elif not same(call.arguments, after[mate].arguments):
            for leaf in leaves(call.arguments, after[mate].arguments, f"{path}.arguments"):
                yield Finding("arguments", "tool arguments", "out", leaf.path, leaf.recorded, leaf.now)
    for number in sorted(come):
        path = f"{prefix}tool_calls.{number}"
        yield Finding("response", ANSWER, "out", path, None, _shown(after[number]), severity="major")


def _shown(call: ToolCallPart) -> Any:
    return messages.shown_part(call)


class _CallLikeness:
    def fits(self, one: ToolCallPart, other: ToolCallPart) -> bool:
        return one.name == other.name

    def share(self, one: ToolCallPart, other: ToolCallPart) -> float:
        return values.share(one.arguments, other.arguments)


_CALL_LIKENESS = _CallLikeness()


def beside(old: Step, new: Step) -> Iterator[Finding]:
    """List what differs beside the words: the model that answered, and the tokens."""
    one, other = old.response, new.response
    asked_same = old.request and new.request and old.request.model == new.request.model
    if one and other and asked_same and one.model != other.model and one.model and other.model:
        yield Finding("model", "model served", "out", "model", one.model, other.model, severity="minor")
    if old.span.usage != new.span.usage:
        usage = _counts(old.span.usage), _counts(new.span.usage)
        yield Finding("usage", "usage", "out", "usage", *usage)


def _counts(usage: Usage | None) -> dict[str, int] | None:
    if usage is None:
        return None
    counts = {name: getattr(usage, name) for name in _COUNTS}
    return {name: count for name, count in counts.items() if count is not None}
