"""Ids that servers mint: compared by where they stand, never by their letters.

An id that the body itself explains (a tool call and its result) is replaced by the ordinal of its first
appearance. An id of something the server keeps (``previous_response_id``, a file, a conversation) says
what only the server knows: it is replaced by the recorded call that made it, and where no recorded call
did, it stays as it is. So two conversations never become equal by losing their ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Values of these keys belong to the user: an `id` in a tool's arguments is no id of a server.
_OPAQUE = frozenset(
    {"arguments", "args", "function", "input_schema", "json_schema", "parameters", "schema", "variables"}
)
# Tools, formats and texts explain no ids, which saves the walk through most of a large request.
_NO_CALLS = _OPAQUE | {"format", "functions", "instructions", "response_format", "system", "text", "tools"}
# Keys that name something kept by the server though they do not end in "id".
_KEPT = frozenset({"container", "conversation", "file", "training_file", "validation_file"})
_CALL_LISTS = frozenset({"tool_calls", "reasoning_details"})
_SEALED = frozenset({"redacted_thinking", "reasoning.encrypted"})


def rewrite(body: Any, minted: Mapping[str, str]) -> Any:
    """Return a body with ids made comparable and without signatures, sealed text and cache marks."""
    names: dict[str, str] = {}
    _define(body, "", 0, names, minted)
    return _rewrite(body, names, minted)


def reference(value: str, minted: Mapping[str, str]) -> str:
    """Name what an id of something the server keeps stands for."""
    made_by = minted.get(value)
    if made_by is not None:
        return f"<{made_by}>"
    # An id that looks like one of our names must not be taken for it.
    return f"<literal>{value}" if value.startswith("<") else value


def _define(value: Any, parent: str, depth: int, names: dict[str, str], minted: Mapping[str, str]) -> None:
    """Name the ids that are explained in the body itself, in the order of a sorted walk."""
    if isinstance(value, list):
        for item in value:
            _define(item, parent, depth, names, minted)
        return
    if not isinstance(value, dict):
        return
    kind = value.get("type")
    kind = kind if isinstance(kind, str) else ""
    call = value.get("call_id")
    if isinstance(call, str) and not kind.endswith("_output") and call not in names:
        names[call] = f"<id {len(names) + 1}>"
    own = value.get("id")
    if isinstance(own, str) and own not in names:
        if parent == "input" and depth == 1 and kind != "item_reference":
            # An item of the Responses API can be a mere pointer to what the server keeps.
            made_by = minted.get(own)
            names[own] = f"<id {len(names) + 1}>" if made_by is None else f"<{made_by}>"
        elif kind.endswith("tool_use") or parent in _CALL_LISTS:
            names[own] = f"<id {len(names) + 1}>"
    below = [key for key, child in value.items() if isinstance(child, (dict, list)) and key not in _NO_CALLS]
    for key in sorted(below):
        if not _opaque(key, kind):
            _define(value[key], key, depth + 1, names, minted)


def _rewrite(value: Any, names: dict[str, str], minted: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_rewrite(item, names, minted) if isinstance(item, (dict, list)) else item for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("type")
    kind = kind if isinstance(kind, str) else ""
    new: dict[str, Any] = {}
    for key, child in value.items():
        if isinstance(child, str):
            if _sealed(key, kind):
                continue
            if key == "id" or key.endswith(("_id", "Id")) or key in _KEPT:
                child = names.get(child) or reference(child, minted)
        elif isinstance(child, (dict, list)):
            if key == "cache_control":
                continue
            if key.endswith("_ids") and isinstance(child, list):
                child = [reference(item, minted) if isinstance(item, str) else item for item in child]
            elif not _opaque(key, kind):
                child = _rewrite(child, names, minted)
        elif child is None and (key == "cache_control" or _sealed(key, kind)):
            continue
        new[key] = child
    return new


def _opaque(key: str, kind: str) -> bool:
    return key in _OPAQUE or (key == "input" and kind.endswith("tool_use"))


def _sealed(key: str, kind: str) -> bool:
    """Whether a field is sealed by the server and stands beside what it seals, in other words each time."""
    if key == "encrypted_content":
        return kind != "compaction"  # There it is the whole conversation, and nothing stands beside it.
    if key == "signature":
        return kind == "thinking" or kind.startswith("reasoning")
    if key == "data":
        return kind in _SEALED
    return key in ("encrypted_index", "thought_signature", "thoughtSignature")
