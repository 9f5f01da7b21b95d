"""What LlamaIndex hands around, as a trace shows it: what was said and what was found."""

from __future__ import annotations

import sys
from typing import Any
from uuid import UUID

from trace_ops.frameworks._langchain_values import is_a

MESSAGES, SCHEMA = "llama_index.core.base.llms.types", "llama_index.core.schema"
RESPONSES = "llama_index.core.base.response.schema"
TOOLS = "llama_index.core.tools.types"
_EVENTS = ("workflows.events", "llama_index.core.workflow.events")
_ANSWERS = (
    (RESPONSES, "Response"),
    (RESPONSES, "PydanticResponse"),
    ("llama_index.core.chat_engine.types", "AgentChatResponse"),
)
_STREAMS = (
    (RESPONSES, "StreamingResponse"),
    (RESPONSES, "AsyncStreamingResponse"),
    ("llama_index.core.chat_engine.types", "StreamingAgentChatResponse"),
)
_AGENT = "llama_index.core.agent.workflow.workflow_events"
_DEEPEST = 12


def readable(value: Any, depth: int = 0) -> Any:
    """Messages, documents, answers and events as texts and mappings; the rest as it is."""
    if depth > _DEEPEST:
        return value
    if type(value) is dict:
        return {key: readable(item, depth + 1) for key, item in value.items()}
    if type(value) in (list, tuple):
        return [readable(item, depth + 1) for item in value]
    if is_a(value, MESSAGES, "ChatMessage"):
        return said(value)
    if is_a(value, SCHEMA, "NodeWithScore"):
        return document(value.node, value.score)
    if is_a(value, SCHEMA, "BaseNode"):
        return document(value)
    if is_a(value, SCHEMA, "QueryBundle"):
        return value.query_str
    if is_a(value, TOOLS, "ToolOutput"):
        return value.content
    if is_a(value, TOOLS, "ToolMetadata"):
        return given({"name": value.name, "description": value.description})
    if any(is_a(value, *one) for one in _ANSWERS):
        return readable(value.response, depth + 1)
    if any(is_a(value, *one) for one in _STREAMS):
        return None  # it is told of when it has been read
    if is_event(value):
        return _event(value, depth)
    return value


def is_event(value: Any) -> bool:
    """Whether a value is an event of a workflow."""
    return any(is_a(value, module, "Event") for module in _EVENTS)


def fields_of(event: Any) -> dict[str, Any]:
    """What an event carries, fields and what else it was made with."""
    names = [*type(event).model_fields, *event]
    fields = {name: getattr(event, name, None) for name in names}
    return {name: value for name, value in fields.items() if value is not None and value not in ([], {})}


def outcome_of(event: Any) -> Any:
    """What the last event of a workflow gives its caller."""
    if not is_event(event):
        return readable(event)
    result = getattr(event, "result", None)
    return readable(event if result is None and type(event).__name__ != "StopEvent" else result)


def said(message: Any) -> dict[str, Any]:
    """A message: by whom, what, and the tools that it asks for."""
    told: dict[str, Any] = {"role": getattr(message.role, "value", message.role), "content": message.content}
    blocks = getattr(message, "blocks", ())
    told["tool_calls"] = [
        {"name": block.tool_name, "args": block.tool_kwargs}
        for block in blocks
        if getattr(block, "block_type", None) == "tool_call"
    ]
    return given(told)


def document(node: Any, score: float | None = None) -> dict[str, Any]:
    """A node that was found: its id, if that is not drawn by lot, its text, its metadata, its score."""
    return {
        "id": None if is_minted(str(node.node_id)) else node.node_id,
        "text": node.get_content(),
        "metadata": dict(node.metadata),
        "score": None if score is None else float(score),
    }


def is_minted(text: str) -> bool:
    """Whether an id is a random one, another in each run."""
    try:
        return UUID(text).version == 4
    except ValueError:
        return False


def given(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, (), [], "")}


def cls_of(module: str, name: str) -> Any:
    """A class of a module that the program has imported."""
    return getattr(sys.modules[module], name)


def _event(event: Any, depth: int) -> Any:
    if is_a(event, _AGENT, "AgentOutput"):
        return event.response.content
    fields = {name: readable(value, depth + 1) for name, value in fields_of(event).items()}
    return {"event": type(event).__name__, **fields}
