"""Which recorded call made an id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trace_ops.exchange import Exchange, Response, Stream

# Not str.splitlines: JSON may hold U+2028 and its like unescaped.
_LINE_END = re.compile(r"\r\n|\n|\r")


class Minted(Mapping[str, str]):
    """Ids that servers made, each with a reference to the call that made it.

    Answers are searched when the next id is looked up, and most runs never look one up. An id that two
    calls made belongs to the later one, as a server started anew may count from one again.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Exchange, str]] = []
        self._found: dict[str, str] = {}

    def learn(self, exchange: Exchange, reference: str) -> None:
        """Add the ids in the answer of one more call."""
        self._waiting.append((exchange, reference))

    def __getitem__(self, key: str) -> str:
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, str]:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for exchange, reference in waiting:
                self._found.update(mint(exchange, reference))
        return self._found


def mint(exchange: Exchange, reference: str) -> dict[str, str]:
    """Map the ids in an answer that later requests may send back to what they stand for.

    The answer itself is ``reference``; a part of it is ``reference`` with its place, so that the same
    part of a repeated answer has the same name.
    """
    if not isinstance(exchange.outcome, Response):
        return {}
    body = exchange.outcome.body
    answer = _from_events(body.events) if isinstance(body, Stream) else body.json
    if not isinstance(answer, dict):
        return {}
    found: dict[str, str] = {}
    for place, value in _ids(answer):
        if isinstance(value, str) and value:
            found.setdefault(value, f"{reference}{place}")
    return found


def _ids(answer: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "", answer.get("id")
    for number, item in enumerate(_dicts(answer.get("output")), 1):
        yield f" item {number}", item.get("id")
        yield f" call {number}", item.get("call_id")
        yield f" container {number}", item.get("container_id")
    yield " container", _at(answer, "container", "id")
    for number, choice in enumerate(_dicts(answer.get("choices")), 1):
        yield f" audio {number}", _at(choice, "message", "audio", "id")
    asked = _at(answer, "required_action", "submit_tool_outputs", "tool_calls")
    for number, call in enumerate(_dicts(asked), 1):
        yield f" call {number}", call.get("id")


def _from_events(events: Iterable[str]) -> dict[str, Any]:
    """Put together what `_ids` needs of a streamed answer."""
    answer: dict[str, Any] = {}
    items: dict[int, Any] = {}
    for block in events:
        # Most events are deltas, whose ids are not minted by them but repeated.
        if '"id"' not in block:
            continue
        event = _data(block)
        whole = event.get("response") or event.get("message") or event
        if isinstance(whole, dict) and "item" not in event:
            answer = {**whole, "id": answer.get("id", whole.get("id"))}
        if isinstance(event.get("item"), dict):
            items[event.get("output_index", len(items))] = event["item"]
    if items and not answer.get("output"):
        answer["output"] = [items[index] for index in sorted(items)]
    return answer


def _data(block: str) -> dict[str, Any]:
    lines = [line[5:] for line in _LINE_END.split(block) if line.startswith("data:")]
    try:
        event = json.loads("\n".join(lines))
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
