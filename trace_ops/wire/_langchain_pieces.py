"""The pieces of an answer that a model of LangChain streamed, put together."""

from __future__ import annotations

from typing import Any

from trace_ops.wire._values import mapping

# Given whole in each piece, where other texts go on and counts of tokens add up.
_WHOLE = frozenset({"type", "id", "name", "index", "model", "model_name", "chunk_position"})
_WHY = frozenset({"finish_reason", "stop_reason", "done_reason"})


def whole(pieces: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer in one piece; an empty one if there is none."""
    protocol = [piece["event"] for piece in pieces if isinstance(piece.get("event"), dict)]
    if protocol:
        return {"message": _of_protocol(protocol)}
    answer: dict[str, Any] = {}
    for piece in pieces:
        _grow(answer, {key: value for key, value in piece.items() if key != "tokens"})
    return answer


def _of_protocol(events: list[dict[str, Any]]) -> dict[str, Any]:
    """A message from the events of LangChain's protocol: its blocks as they were when they were done."""
    content: list[Any] = []
    calls: list[Any] = []
    message: dict[str, Any] = {"content": content, "tool_calls": calls}
    for event in events:
        block = event.get("content")
        if event.get("event") == "content-block-finish" and isinstance(block, dict):
            (calls if block.get("type") == "tool_call" else content).append(block)
        elif event.get("event") == "message-finish":
            message["usage_metadata"] = event.get("usage")
            message["response_metadata"] = mapping(event, "metadata")
    return message


def _grow(answer: dict[str, Any], piece: dict[str, Any]) -> None:
    for key, value in piece.items():
        if value is not None or key not in answer:
            answer[key] = _added(key, answer.get(key), value)


def _added(key: str, known: Any, new: Any) -> Any:
    if isinstance(new, dict):
        grown = dict(known) if isinstance(known, dict) else {}
        _grow(grown, new)
        return grown
    if isinstance(new, list):
        before = [{"type": "text", "text": known}] if isinstance(known, str) and known else known
        return _listed(before if isinstance(before, list) else [], new)
    if key in _WHOLE or key in _WHY or type(known) is not type(new):
        return new
    return known + new if isinstance(new, (str, int)) else new


def _listed(known: list[Any], new: list[Any]) -> list[Any]:
    """Blocks and calls; one of an index that is there goes on with what it is."""
    grown = list(known)
    for item in new:
        index = item.get("index") if isinstance(item, dict) else None
        for at, before in enumerate(grown):
            if index is not None and isinstance(before, dict) and before.get("index") == index:
                grown[at] = _added("", before, item)
                break
        else:
            grown.append(item)
    return grown
