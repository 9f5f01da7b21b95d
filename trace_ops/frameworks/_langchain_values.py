"""What LangChain hands around, as it is kept: what was said, without the ids that differ by run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from trace_ops._plain import read

_DEEPEST = 12


def readable(value: Any, depth: int = 0) -> Any:
    """Messages, documents and commands of LangGraph as mappings, wherever in a value; the rest as it is."""
    if depth > _DEEPEST:
        return value
    if type(value) is dict:
        return {key: readable(item, depth + 1) for key, item in value.items()}
    if type(value) in (list, tuple):
        return [readable(item, depth + 1) for item in value]
    kind = type(value)
    if is_a(value, "langchain_core.messages.base", "BaseMessage"):
        return _message(value)
    if is_a(value, "langchain_core.documents.base", "Document"):
        return document(value)
    if is_a(value, "langchain_core.prompt_values", "PromptValue"):
        return [_message(message) for message in value.to_messages()]
    if kind.__module__ == "langgraph.types" and kind.__name__ in _PARTS:
        return _given(
            {name: readable(getattr(value, name, None), depth + 1) for name in _PARTS[kind.__name__]}
        )
    return value


_PARTS = {"Command": ("graph", "update", "resume", "goto"), "Send": ("node", "arg"), "Interrupt": ("value",)}


def is_a(value: Any, module: str, name: str) -> bool:
    """Whether a value is an instance of a class of a module that the program has imported, if any."""
    cls = getattr(sys.modules.get(module), name, None)
    return isinstance(cls, type) and isinstance(value, cls)


def document(value: Any) -> dict[str, Any]:
    """A retrieved document: its text, its metadata, its score where the retriever tells one."""
    metadata = dict(value.metadata)
    scores = [metadata[name] for name in ("score", "relevance_score", "_score") if name in metadata]
    named = getattr(value, "id", None)
    return _given(
        {
            "id": None if named is None or _is_minted(str(named)) else named,
            "text": value.page_content,
            "metadata": metadata,
            "score": scores[0] if scores else None,
        }
    )


def tool_result(output: Any) -> tuple[Any, dict[str, Any]]:
    """What a tool gave, and what else to know; ``inexact`` if that is not enough to give it again."""
    if not is_a(output, "langchain_core.messages.tool", "ToolMessage"):
        kept, exact = read(output)
        return (kept, {}) if exact else (readable(output), {"inexact": True})
    content, exact = read(output.content)
    more: dict[str, Any] = {} if output.status == "success" else {"status": output.status}
    if output.artifact is not None:
        more["artifact"], is_exact = read(output.artifact)
        exact = exact and is_exact
    if not exact or output.additional_kwargs or output.response_metadata:
        more["inexact"] = True
    return content, more


def _message(message: Any) -> dict[str, Any]:
    calls = [{"name": call["name"], "args": call["args"]} for call in getattr(message, "tool_calls", ())]
    kept = {"role": ROLES.get(message.type, message.type), "name": message.name}
    return _given({**kept, "content": _content(message.content), "tool_calls": calls})


ROLES = {"human": "user", "HumanMessageChunk": "user", "ai": "assistant", "AIMessageChunk": "assistant"}


def _content(content: str | Sequence[Any]) -> Any:
    if isinstance(content, str):
        return str(content)
    return [
        {key: item for key, item in block.items() if key not in ("id", "index")}
        if isinstance(block, dict)
        else block
        for block in content
    ]


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, (), [], "")}


def _is_minted(text: str) -> bool:
    try:
        return UUID(text).version == 4
    except ValueError:
        return False
