"""Put together an object that is streamed as deltas of itself."""

from __future__ import annotations

from typing import Any

# Said once, and by some providers again in every delta.
_REPEATED = frozenset({"id", "index", "name", "role", "type"})
# Of these the same piece may come twice in a row; of others it is a word said again.
_GROWING = frozenset(
    "arguments content data input partial_json reasoning reasoning_content refusal summary text thinking "
    "transcript".split()
)
_DEEPEST = 20


def merge(whole: dict[str, Any], delta: dict[str, Any], depth: int = 0) -> None:
    """Add a delta to what has come so far.

    Texts grow, unless one is but repeated; lists grow, their items merging by ``index`` where they have
    one; the last of any other value stays.
    """
    for key, value in delta.items():
        known = whole.get(key)
        if isinstance(value, str) and isinstance(known, str):
            whole[key] = _grown(key, known, value)
        elif isinstance(value, dict) and depth < _DEEPEST:
            into = whole[key] = known if isinstance(known, dict) else {}
            merge(into, value, depth + 1)
        elif isinstance(value, list) and depth < _DEEPEST:
            items = whole[key] = known if isinstance(known, list) else []
            _extend(items, value, depth + 1)
        elif value is not None or key not in whole:
            whole[key] = value


def _grown(key: str, known: str, value: str) -> str:
    if key in _GROWING:
        return known + value
    if key in _REPEATED or value == known:
        return value or known
    return known + value


def _extend(items: list[Any], new: list[Any], depth: int) -> None:
    for item in new:
        index = item.get("index") if isinstance(item, dict) else None
        at = None
        if index is not None:
            same = (at for at, known in enumerate(items) if _index(known) == index)
            at = next(same, None)
        if at is None:
            items.append({})
            at = -1
        if isinstance(item, dict):
            merge(items[at], item, depth)
        else:
            items[at] = item


def _index(item: Any) -> Any:
    return item.get("index") if isinstance(item, dict) else None
