"""What differs between two requests to a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from trace_ops.diff import messages, sequence, values
from trace_ops.diff.findings import Finding
from trace_ops.diff.model import ChangeKind
from trace_ops.diff.steps import Step
from trace_ops.diff.values import leaves, same
from trace_ops.wire.messages import ChatRequest, Message, Part, ToolDefinition, ToolResultPart

_SYSTEM_AT = {
    "openai.responses": "instructions",
    "google.generateContent": "systemInstruction",
    "cohere.chat": "preamble",
}
# What a request that is not understood as a conversation says to a model.
_INPUTS = ("input", "inputs", "inputText", "prompt", "messages", "message", "query", "texts", "content")


def compare(old: Step, new: Step) -> Iterator[Finding]:
    """List what differs: on what terms first, then what is said, then the parameters."""
    one, other = old.exchange, new.exchange
    assert one is not None
    assert other is not None
    if one.provider != other.provider:
        yield Finding("model", "provider", "in", "", one.provider, other.provider)
    if old.request is not None and new.request is not None:
        yield from _conversations(old, old.request, new, new.request)
        return
    before, after = _endpoint(old), _endpoint(new)
    if before != after:
        yield Finding("parameters", "endpoint", "in", "", before, after)
    yield from _bodies(old.body, new.body)


def _endpoint(step: Step) -> str:
    assert step.exchange is not None
    request = step.exchange.request
    return f"{request.method} {request.path}" + (f"?{request.query}" if request.query else "")


def _bodies(before: Any, after: Any) -> Iterator[Finding]:
    for leaf in leaves(before, after):
        name = leaf.path.split(".")[0]
        kind: ChangeKind = "parameters"
        cause = f"parameter {leaf.path}" if leaf.path else "input"
        if name in ("model", "modelId"):
            kind, cause = "model", "model"
        elif not name or name in _INPUTS:
            kind, cause = "prompt", "input"
        yield Finding(kind, cause, "in", leaf.path, leaf.recorded, leaf.now)


def _conversations(old: Step, one: ChatRequest, new: Step, other: ChatRequest) -> Iterator[Finding]:
    if one.api != other.api:
        yield Finding("parameters", "endpoint", "in", "", one.api, other.api)
    if one.model != other.model:
        yield Finding("model", "model", "in", "model", one.model, other.model)
    if one.system != other.system or one.messages[:1] != other.messages[:1]:
        yield from _system(one, other)
    yield from _messages(old, one.messages, new, other.messages)
    yield from _tools(one.tools, other.tools)
    yield from _parameters(messages.parameters(one), messages.parameters(other))


def _system(one: ChatRequest, other: ChatRequest) -> Iterator[Finding]:
    """Compare what is given as instructions, wherever a provider wants it."""
    before, after = _instructions(one), _instructions(other)
    if messages.parts_key(before) == messages.parts_key(after):
        return
    path = _SYSTEM_AT.get(other.api, "system")
    leading = _leading(other.messages) or _leading(one.messages)
    if leading and not other.system:
        first = (other.messages or one.messages)[0]
        path = first.path or path
    yield Finding("prompt", "system prompt", "in", path, _shown(before), _shown(after))


def _shown(parts: Sequence[Part]) -> Any:
    return messages.shown(Message("system", tuple(parts))) if parts else None


def _instructions(request: ChatRequest) -> list[Part]:
    leading = request.messages[: _leading(request.messages)]
    return [*request.system, *(part for message in leading for part in message.parts)]


def _leading(given: Sequence[Message]) -> int:
    """How many system messages a conversation begins with."""
    return next((number for number, message in enumerate(given) if message.role != "system"), len(given))


def _messages(old: Step, before: Sequence[Message], new: Step, after: Sequence[Message]) -> Iterator[Finding]:
    start_old, start_new = _leading(before), _leading(after)
    one, other = old.said, new.said
    gap = (start_old, len(one), start_new, len(other))
    start, end = sequence.common_ends(one, other, lambda a, b: a == b, gap)
    gap = (start_old + start, len(one) - end, start_new + start, len(other) - end)
    pairs = list(sequence.anchored(one, other, hash, gap))
    kept = set(pairs)
    for inner in sequence.gaps(pairs, gap):
        pairs += sequence.likest(before, after, _LIKENESS, inner)
    mates = dict(pairs)
    place = start_new + start
    for number in range(gap[0], gap[1]):
        mate = mates.get(number)
        if mate is None:
            yield _message(old, number, None, None)
            continue
        while place < mate:
            yield _message(None, None, new, place)
            place += 1
        place = mate + 1
        if (number, mate) not in kept:
            yield _message(old, number, new, mate)
    for rest in range(place, gap[3]):
        yield _message(None, None, new, rest)


class _Likeness:
    def fits(self, one: Message, other: Message) -> bool:
        return one.role == other.role

    def share(self, one: Message, other: Message) -> float:
        return values.share(messages.shown(one), messages.shown(other))


_LIKENESS = _Likeness()


def _message(old: Step | None, one: int | None, new: Step | None, other: int | None) -> Finding:
    before = None if old is None or old.request is None or one is None else old.request.messages[one]
    after = None if new is None or new.request is None or other is None else new.request.messages[other]
    message = after or before
    assert message is not None
    number = (one if other is None else other) or 0
    path = message.path or f"messages.{number}"
    last = path.rpartition(".")[2]
    called = (_call(before), _call(after))
    kind: ChangeKind = "result" if called != (None, None) and before and after else "prompt"
    cause = f"message {int(last) + 1 if last.isdecimal() else number + 1} ({message.role})"
    if kind == "result":
        cause = "tool result"
    elif message.role == "system":
        cause = "system prompt"
    return Finding(
        kind,
        cause,
        "in",
        path,
        None if before is None else messages.shown(before),
        None if after is None else messages.shown(after),
        keys=(messages.key(before) if before else None, messages.key(after) if after else None),
        calls=called,
    )


def _call(message: Message | None) -> str | None:
    """The id of the call whose result a message holds."""
    for part in message.parts if message else ():
        if isinstance(part, ToolResultPart):
            return part.id or part.name or ""
    return None


def _tools(before: Sequence[ToolDefinition], after: Sequence[ToolDefinition]) -> Iterator[Finding]:
    if before == after:
        return
    one, other = _by_name(before), _by_name(after)
    for name in [*one, *(name for name in other if name not in one)]:
        if one.get(name) == other.get(name):
            continue
        if name not in one or name not in other:
            yield Finding("tools", "tool list", "in", f"tools.{name}", one.get(name), other.get(name))
            continue
        for leaf in leaves(one[name], other[name], f"tools.{name}"):
            yield Finding("tools", "tool list", "in", leaf.path, leaf.recorded, leaf.now)


def _by_name(tools: Sequence[ToolDefinition]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for tool in tools:
        name, copies = tool.name, 1
        while name in found:
            copies += 1
            name = f"{tool.name} ({copies})"
        told = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
        told["extra"] = tool.extra
        found[name] = {key: value for key, value in told.items() if value is not None}
    return found


def _parameters(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Finding]:
    if same(before, after):
        return
    if bool(before.get("stream")) != bool(after.get("stream")):
        # They only say how to stream.
        before = {name: value for name, value in before.items() if name != "stream_options"}
        after = {name: value for name, value in after.items() if name != "stream_options"}
    for name in [*before, *(name for name in after if name not in before)]:
        for leaf in leaves(
            {name: before[name]} if name in before else {}, {name: after[name]} if name in after else {}
        ):
            yield Finding("parameters", f"parameter {leaf.path}", "in", leaf.path, leaf.recorded, leaf.now)
