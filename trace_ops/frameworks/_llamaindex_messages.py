"""What a model of LlamaIndex is asked and what it gives, as JSON, and that back again.

Each piece of a stream holds all of the answer so far; kept is what is new in it, wherever that is all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trace_ops._plain import plain, read
from trace_ops.frameworks._langchain_values import is_a
from trace_ops.frameworks._llamaindex_values import MESSAGES, cls_of
from trace_ops.frameworks._stable import stable

_SETTINGS = ("temperature", "max_tokens")
_BESIDE = ("raw", "logprobs", "additional_kwargs")


def asked(model: Any, given: Any, *, streams: bool = False, **options: Any) -> dict[str, Any]:
    """The body of a request: which model, what it is given, and the options of the call."""
    kind = type(model).__name__
    name = getattr(model.metadata, "model_name", None)
    body: dict[str, Any] = {"model": name if name and name != "unknown" else kind}
    settings = {key: getattr(model, key, None) for key in _SETTINGS}
    settings = {key: value for key, value in settings.items() if isinstance(value, (int, float))}
    if settings:
        body["params"] = settings
    if isinstance(given, str):
        body["prompt"] = given
    else:
        body["messages"] = [stable(_message(message)) for message in given]
    body |= {key: _option(key, value) for key, value in options.items() if value is not None}
    return {**body, "stream": True} if streams else body


def kept(answer: Any) -> tuple[dict[str, Any], bool]:
    """An answer as JSON can hold it, and whether it can be given again exactly."""
    told, is_exact = read(_told(answer))
    return told, is_exact and bool(again(told) == answer)


def again(told: dict[str, Any]) -> Any:
    """The answer that :func:`kept` wrote, of LlamaIndex's own types."""
    fields = {name: plain(value) for name, value in told.items() if name != "message"}
    if "message" not in told:
        return cls_of(MESSAGES, "CompletionResponse")(**fields)
    return cls_of(MESSAGES, "ChatResponse")(message=_message_again(told["message"]), **fields)


class Pieces:
    """The pieces of one answer, in their order."""

    def __init__(self) -> None:
        self._before: dict[str, Any] = {}

    def kept(self, piece: Any) -> tuple[dict[str, Any], bool]:
        """A piece, or what is new in it."""
        told, is_exact = kept(piece)
        before, self._before = self._before, told
        delta = told.get("delta")
        short = {"delta": delta}
        if isinstance(delta, str) and before and _grown(before, delta) == told:
            return short, is_exact
        return told, is_exact

    def again(self, told: dict[str, Any]) -> Any:
        """The piece that was kept."""
        is_short = told.keys() == {"delta"}
        self._before = _grown(self._before, told["delta"]) if is_short else told
        return again(self._before)


def _grown(before: dict[str, Any], delta: str) -> dict[str, Any]:
    """An answer so far, with more text."""
    if "message" not in before:
        return {**before, "text": before.get("text", "") + delta, "delta": delta}
    message = before["message"]
    return {
        **before,
        "message": {**message, "content": (message.get("content") or "") + delta},
        "delta": delta,
    }


def _told(answer: Any) -> dict[str, Any]:
    if is_a(answer, MESSAGES, "ChatResponse"):
        told: dict[str, Any] = {"message": _message(answer.message)}
    else:
        told = {"text": answer.text}
    if answer.delta is not None:
        told["delta"] = answer.delta
    for name in _BESIDE:
        value = getattr(answer, name, None)
        if value is not None and value != {}:
            told[name] = [[one.model_dump() for one in row] for row in value] if name == "logprobs" else value
    return told


def _message(message: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"role": getattr(message.role, "value", message.role)}
    blocks = list(message.blocks)
    if [getattr(block, "block_type", None) for block in blocks] == ["text"]:
        told["content"] = blocks[0].text
    elif blocks:
        told["blocks"] = [block.model_dump(exclude_none=True) for block in blocks]
    if message.additional_kwargs:
        told["additional_kwargs"] = dict(message.additional_kwargs)
    return told


def _message_again(told: dict[str, Any]) -> Any:
    return cls_of(MESSAGES, "ChatMessage")(**plain(told))


def _option(key: str, value: Any) -> Any:
    if key == "tools" and isinstance(value, Sequence):
        return [_tool(item) for item in value]
    if isinstance(value, type) and hasattr(value, "model_json_schema"):
        value = value.model_json_schema()
    return stable(value)


def _tool(value: Any) -> Any:
    metadata = getattr(value, "metadata", None)
    if metadata is None or not hasattr(metadata, "to_openai_tool"):
        return stable(value)
    return stable(metadata.to_openai_tool(skip_length_check=True))
