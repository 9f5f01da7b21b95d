"""CrewAI's events as steps: what each pair of them stands for, and what is told of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from trace_ops._plain import failure, plain
from trace_ops.exchange import Failure
from trace_ops.trace import SpanKind

_ENDINGS = ("completed", "finished", "failed", "error", "paused")


def _nothing(*_: Any) -> None:
    return None


@dataclass(frozen=True)
class Scope:
    """What runs between a pair of events, the first of which tells its name and what was given."""

    kind: SpanKind
    name: Callable[[Any, Any], str]
    given: Callable[[Any], Any]
    came: Callable[[Any], Any] = _nothing


def place_in(source: Any, event: Any) -> tuple[str, str]:
    """The scope that an event begins or ends, and ``started`` or how it ends; empty for other events."""
    base, _, how = str(event.type).rpartition("_")
    is_of_flow = base in ("flow", "method_execution")
    is_told = base in SCOPES and (how == "started" or how in _ENDINGS)
    return (base, how) if is_told and not (is_of_flow and _is_machinery(source)) else ("", "")


def _is_machinery(flow: Any) -> bool:
    """Whether CrewAI runs a flow of its own, as its agents and its memory do."""
    kind = type(flow)
    return bool(getattr(kind, "is_crewai_internal", kind.__module__.partition(".")[0] == "crewai"))


def kind_of(base: str, source: Any, event: Any) -> SpanKind:
    """The kind of a step; a router of a flow is a decision."""
    is_router = base == "method_execution" and _is_router(source, str(event.method_name))
    return "decision" if is_router else SCOPES[base].kind


def _is_router(flow: Any, method: str) -> bool:
    asked = getattr(flow, "_is_router", None)
    return bool(asked(method)) if asked is not None else method in getattr(flow, "_routers", ())


def error_of(event: Any, how: str) -> Failure | None:
    """The error that an event tells of, by the exception that is handled now where that is the one.

    A guardrail that rejects has done its work. A tool may say that it failed, and have ended well.
    """
    if how not in ("failed", "error"):
        told = getattr(event, "failure", None)
        return None if told is None else failure(told.message)
    handled = handled_now()
    return handled if handled is not None and handled.message == str(event.error) else failure(event.error)


def handled_now() -> Failure | None:
    """The exception that the code which emits an event is handling."""
    error = sys.exc_info()[1]
    return None if error is None else failure(error)


def named(tool: str) -> str:
    """The name of a tool as a model is told it, which is the one its calls go by."""
    strings: Any = sys.modules.get("crewai.utilities.string_utils")
    sanitize = getattr(strings, "sanitize_tool_name", None)
    return tool if sanitize is None else str(sanitize(tool))


def said(value: Any) -> Any:
    """What came of a step: the text of CrewAI's own outputs, without the messages and tokens they carry."""
    if isinstance(value, list):
        return [said(item) for item in value]
    is_output = type(value).__module__.startswith("crewai.") and isinstance(getattr(value, "raw", None), str)
    return value.raw if is_output else value


def _arguments(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError:
        return given


def _parameters(event: Any) -> Any:
    given = event.params or {}
    values = [said(value) for value in given.values()]
    if len(values) == 1 and "_0" in given:
        return values[0]
    return dict(zip(given, values)) or None


def _documents(event: Any) -> Any:
    """The memories that were found, without their ids and times, which differ by run."""
    return [_document(found) for found in event.results or ()]


def _document(found: Any) -> Any:
    record = getattr(found, "record", None)
    if record is None:
        return found
    metadata = {name: getattr(record, name, None) for name in ("scope", "categories", "metadata")}
    metadata = {name: plain(value) for name, value in metadata.items() if value}
    return {"text": record.content, "metadata": metadata, "score": found.score}


def _guardrail(event: Any) -> Any:
    return {"success": event.success} | ({"error": event.error} if event.error else {})


SCOPES: dict[str, Scope] = {
    "crew_kickoff": Scope(
        "chain",
        lambda crew, event: event.crew_name or "crew",
        lambda event: event.inputs,
        lambda event: said(event.output),
    ),
    "task": Scope(
        "chain",
        lambda task, event: task.name or "task",
        lambda event: getattr(event.task, "description", None),
        lambda event: said(event.output),
    ),
    "agent_execution": Scope(
        "agent",
        lambda agent, event: event.agent.role.strip(),
        lambda event: event.task_prompt,
        lambda event: event.output,
    ),
    "lite_agent_execution": Scope(
        "agent",
        lambda agent, event: str(event.agent_info.get("role") or "agent").strip(),
        lambda event: event.messages,
        lambda event: event.output,
    ),
    "tool_usage": Scope(
        "tool",
        lambda user, event: named(event.tool_name),
        lambda event: _arguments(event.tool_args),
        lambda event: event.output,
    ),
    "flow": Scope(
        "chain",
        lambda flow, event: event.flow_name,
        lambda event: event.inputs,
        lambda event: said(event.result),
    ),
    "method_execution": Scope(
        "chain", lambda flow, event: event.method_name, _parameters, lambda event: said(event.result)
    ),
    "llm_guardrail": Scope("custom", lambda task, event: "guardrail", _nothing, _guardrail),
    "agent_reasoning": Scope("custom", lambda agent, event: "reasoning", _nothing, lambda event: event.plan),
    "memory_query": Scope(
        "retrieval",
        lambda memory, event: "memory",
        lambda event: {"query": event.query, "limit": event.limit},
        _documents,
    ),
    "memory_save": Scope("custom", lambda memory, event: "save to memory", lambda event: event.value),
}
"""By what the names of the events of a scope begin with. Others are passed over: calls to models, which the
SDK beneath is seen to make, and what searches a store of knowledge, which the store is seen to do."""
