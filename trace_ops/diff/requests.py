"""What differs between two requests to a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from trace_ops.diff import conversations, messages
from trace_ops.diff.findings import Finding
from trace_ops.diff.model import ChangeKind
from trace_ops.diff.steps import Step
from trace_ops.diff.values import leaves, same
from trace_ops.wire.messages import ChatRequest, ToolDefinition

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
    if before != after and one.provider == other.provider:
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
    # Another provider has another endpoint: that is one fact.
    if (
        one.api != other.api
        and old.span.exchange
        and new.span.exchange
        and old.span.exchange.provider == new.span.exchange.provider
    ):
        yield Finding("parameters", "endpoint", "in", "", one.api, other.api)
    if one.model != other.model:
        yield Finding("model", "model", "in", "model", one.model, other.model)
    yield from conversations.compare(old, new)
    yield from _tools(one.tools, other.tools)
    yield from _parameters(messages.parameters(one), messages.parameters(other))


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
