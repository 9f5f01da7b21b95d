"""What differs between what two requests say: instructions and messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from trace_ops.diff import messages, sequence, values
from trace_ops.diff.findings import Finding
from trace_ops.diff.model import ChangeKind
from trace_ops.diff.steps import Step
from trace_ops.wire.messages import ChatRequest, Message, Part, ToolResultPart

_SYSTEM_AT = {
    "openai.responses": "instructions",
    "google.generateContent": "systemInstruction",
    "cohere.chat": "preamble",
}


def compare(old: Step, new: Step) -> Iterator[Finding]:
    """List what differs: the instructions, then the messages; one put in or taken out is one change."""
    one, other = old.request, new.request
    assert one is not None
    assert other is not None
    if one.system != other.system or one.messages[:1] != other.messages[:1]:
        yield from _system(one, other)
    yield from _messages(one.messages, old.said, other.messages, new.said)


def _system(one: ChatRequest, other: ChatRequest) -> Iterator[Finding]:
    """Compare what is given as instructions, wherever a provider wants it."""
    before, after = _instructions(one), _instructions(other)
    if messages.parts_key(before) == messages.parts_key(after):
        return
    path = _SYSTEM_AT.get(other.api, "system")
    if not other.system and (_leading(other.messages) or _leading(one.messages)):
        path = (other.messages or one.messages)[0].path or path
    yield Finding("prompt", "system prompt", "in", path, *_told(before, after))


def _told(before: Sequence[Part], after: Sequence[Part]) -> tuple[Any, Any]:
    one, other = (messages.shown(Message("system", tuple(parts))) for parts in (before, after))
    return (one if before else None), (other if after else None)


def _instructions(request: ChatRequest) -> list[Part]:
    leading = request.messages[: _leading(request.messages)]
    return [*request.system, *(part for message in leading for part in message.parts)]


def _leading(given: Sequence[Message]) -> int:
    """How many system messages a conversation begins with."""
    return next((number for number, message in enumerate(given) if message.role != "system"), len(given))


def _messages(
    before: Sequence[Message],
    one: Sequence[messages.Key],
    after: Sequence[Message],
    other: Sequence[messages.Key],
) -> Iterator[Finding]:
    a, c = _leading(before), _leading(after)
    start, end = sequence.common_ends(one, other, lambda x, y: x == y, (a, len(one), c, len(other)))
    gap = (a + start, len(one) - end, c + start, len(other) - end)
    equal = list(sequence.anchored(one, other, lambda key: key, gap))
    alike = [
        pair
        for inner in sequence.gaps(equal, gap)
        for pair in sequence.likest(before, after, _LIKENESS, inner)
    ]
    changed, mates = set(alike), dict([*equal, *alike])
    place = gap[2]
    for number in range(gap[0], gap[1]):
        mate = mates.get(number)
        if mate is None:
            yield _message(number, before[number], None)
            continue
        yield from (_message(n, None, after[n]) for n in range(place, mate))
        place = mate + 1
        if (number, mate) in changed:
            yield _message(mate, before[number], after[mate])
    yield from (_message(n, None, after[n]) for n in range(place, gap[3]))


class _Likeness:
    def fits(self, one: Message, other: Message) -> bool:
        return one.role == other.role

    def share(self, one: Message, other: Message) -> float:
        return values.share(messages.shown(one), messages.shown(other))


_LIKENESS = _Likeness()


def _message(number: int, before: Message | None, after: Message | None) -> Finding:
    message = after or before
    assert message is not None
    keys = (messages.key(before) if before else None, messages.key(after) if after else None)
    kind: ChangeKind = "prompt"
    role: str = message.role
    if before is not None and after is not None:
        before, after = _changed_parts(before, after)
        if _results(before) != _results(after):
            kind = "result"
        elif role == "tool":  # a user may speak in the message that holds the results of tools
            role = "user"
    path = message.path or f"messages.{number}"
    last = path.rpartition(".")[2]
    cause = f"message {int(last) + 1 if last.isdecimal() else number + 1} ({role})"
    if kind == "result":
        cause = "tool result"
    elif role == "system":
        cause = "system prompt"
    told = tuple(None if side is None else messages.shown(side) for side in (before, after))
    return Finding(kind, cause, "in", path, told[0], told[1], keys=keys, calls=(_call(before), _call(after)))


def _changed_parts(before: Message, after: Message) -> tuple[Message, Message]:
    """Two messages without the parts that are equal at their ends."""
    one, other = before.parts, after.parts
    start, end = sequence.common_ends(
        messages.parts_key(one), messages.parts_key(other), lambda x, y: x == y, (0, len(one), 0, len(other))
    )
    return (
        replace(before, parts=one[start : len(one) - end]),
        replace(after, parts=other[start : len(other) - end]),
    )


def _results(message: Message) -> messages.Key:
    return messages.parts_key(part for part in message.parts if isinstance(part, ToolResultPart))


def _call(message: Message | None) -> str | None:
    """The id of the call whose result a message holds."""
    for part in message.parts if message else ():
        if isinstance(part, ToolResultPart):
            return part.id or part.name or ""
    return None
