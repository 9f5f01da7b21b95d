"""Server-sent events: secrets inside one event, and secrets cut over the deltas of several."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from trace_ops import _json_text

Text = Callable[[str], str]
Parts = Callable[[Sequence[str]], list[str]]
Path = tuple[Any, ...]

# What tells two runs of deltas apart that use the same fields.
_PLACES = ("index", "output_index", "content_index", "summary_index", "item_id")
# Whole things, not pieces of one.
_SNAPSHOTS = frozenset({"response", "message", "item", "part", "content_block"})
_DELTAS = (
    "content",
    "text",
    "delta",
    "arguments",
    "partial_json",
    "thinking",
    "reasoning_content",
    "reasoning",
)
_REST_OF_STRING = re.compile(r'(?:[^"\\]|\\.)*')
# What differs from one delta to the next beside the delta itself.
_NUMBER = '"sequence_number":'
_FILLERS = ('"obfuscation":"', '"$p":"')
_PAD = re.compile(r" +(?=\}\s*\Z)")
_MOST_TEMPLATES = 30


class _Leaf(NamedTuple):
    """A string in an event."""

    event: int
    path: Path
    value: str


@dataclass
class _Template:
    """Events that differ in one string only: the text before it, and the texts after it without noise."""

    head: str
    tails: set[str]
    path: Path
    run: list[_Leaf]


@dataclass
class _Reader:
    """Sorts the strings of a stream into runs that a reader would put together.

    Most events differ from an earlier one in their delta alone; these are not parsed.
    """

    runs: dict[Any, list[_Leaf]] = field(default_factory=dict)
    parsed: list[int] = field(default_factory=list)
    _templates: list[_Template] = field(default_factory=list)

    def read(self, events: Sequence[str]) -> None:
        template: _Template | None = None
        for number, original in enumerate(events):
            event = _without_noise(original)
            if template is None or not event.startswith(template.head):
                template = next((one for one in self._templates if event.startswith(one.head)), None)
            if template is None or not _take(template, number, event):
                self.parsed.append(number)
                self._parse(number, original, event)

    def _parse(self, number: int, original: str, event: str) -> None:
        payload = _payload(original)
        if payload is not None:
            leaves: list[tuple[_Leaf, list[_Leaf]]] = []
            try:
                self._collect(payload[1], number, (), (), leaves)
                if original.startswith("{"):  # in a line, Ollama's message is the piece
                    self._collect(payload[1].get("message"), number, ("message",), (), leaves)
            except RecursionError:
                return
            self._learn(event, leaves)

    def _collect(self, value: Any, number: int, path: Path, place: Path, leaves: list[Any]) -> None:
        """Numbered items go by their number, others by where they stand."""
        if isinstance(value, str):
            run = self.runs.setdefault((place, _shape(path)), [])
            run.append(_Leaf(number, path, value))
            leaves.append((run[-1], run))
        elif isinstance(value, dict):
            here = place + tuple(
                (key, value[key]) for key in _PLACES if isinstance(value.get(key), (int, str))
            )
            if isinstance(value.get("type"), str) and not path:
                here += (value["type"],)
            for key, item in value.items():
                if path or key not in _SNAPSHOTS:
                    self._collect(item, number, (*path, key), here, leaves)
        elif isinstance(value, list):
            for position, item in enumerate(value):
                self._collect(item, number, (*path, position), place, leaves)

    def _learn(self, event: str, leaves: list[tuple[_Leaf, list[_Leaf]]]) -> None:
        """Make a template of an event with exactly one delta."""
        deltas = [(leaf, run) for leaf, run in leaves if leaf.value and leaf.path[-1] in _DELTAS]
        if len(deltas) != 1 or len(self._templates) >= _MOST_TEMPLATES:
            return
        leaf, run = deltas[0]
        opening = re.search(rf'"{leaf.path[-1]}": ?"', event)
        end = _end(event, opening.end()) if opening else None
        if opening and end is not None and _decoded(event[opening.end() : end]) == leaf.value:
            head, tails = event[: opening.end()], {event[end:], _PAD.sub("", event[end:])}
            self._templates.insert(0, _Template(head, tails, leaf.path, run))


def scrub(events: Sequence[str], text: Text, parts: Parts) -> list[str]:
    """Scrub event blocks; only those in which something was found are written anew, in the style they had."""
    reader = _Reader()
    reader.read(events)
    new: dict[int, list[tuple[Path, str]]] = {}
    # Runs come first: the part of a key that stands in one event may look like a whole one.
    for run in reader.runs.values():
        values = [leaf.value for leaf in run]
        # A field that is always the same (an id, a model) is no text in pieces.
        if len(set(values)) < 2:
            continue
        for leaf, after in zip(run, parts(values), strict=True):
            if after != leaf.value:
                new.setdefault(leaf.event, []).append((leaf.path, after))
    scrubbed = list(events)
    for number, changes in new.items():
        scrubbed[number] = _written(events[number], changes)
    for number in {*reader.parsed, *new}:
        scrubbed[number] = text(scrubbed[number])
    return scrubbed


def _without_noise(event: str) -> str:
    at = event.find(_NUMBER)
    if at >= 0:
        start = end = at + len(_NUMBER)
        while event[end : end + 1].isdigit():
            end += 1
        event = event[:start] + event[end:]
    for filler in _FILLERS:
        at = event.find(filler)
        if at >= 0:
            start = at + len(filler)
            event = event[:start] + event[max(start, event.find('"', start)) :]
    return event


def _take(template: _Template, number: int, event: str) -> bool:
    """Take the delta out of an event of a template; ``False`` if it differs in anything else."""
    start = len(template.head)
    end = _end(event, start)
    if end is None:
        return False
    tail = event[end:]
    if tail not in template.tails and _PAD.sub("", tail) not in template.tails:
        return False
    value = _decoded(event[start:end])
    if value is None:
        return False
    template.run.append(_Leaf(number, template.path, value))
    return True


def _end(event: str, start: int) -> int | None:
    """Where the JSON string ends whose inside begins at ``start``."""
    end = event.find('"', start)
    if end > start and event[end - 1] == "\\":
        match = _REST_OF_STRING.match(event, start)
        end = match.end() if match else -1
    return end if 0 <= end < len(event) else None


def _decoded(inside: str) -> str | None:
    if "\\" not in inside:
        return inside
    try:
        return str(json.loads(f'"{inside}"'))
    except ValueError:
        return None


def _payload(event: str) -> tuple[str, Any] | None:
    """The JSON of an event's data, or of a line, as text and parsed; ``None`` if it has none."""
    if event.startswith("{"):
        text = event.rstrip("\r\n")
        value = _json_text.parse(text)
        return None if value is None else (text, value)
    lines = [line for line in event.split("\n") if line.startswith("data:")]
    if len(lines) != 1:
        return None
    text = lines[0][5:].removeprefix(" ").removesuffix("\r")
    value = _json_text.parse(text) if text[:1] in ("{", "[") else None
    return None if value is None else (text, value)


def _shape(path: Path) -> Path:
    return tuple("*" if isinstance(step, int) else step for step in path)


def _written(event: str, changes: list[tuple[Path, str]]) -> str:
    payload = _payload(event)
    assert payload is not None
    text, value = payload
    style = _json_text.detect(text, value) or _json_text.COMPACT
    for path, new in changes:
        inner = value
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = new
    return event.replace(text, _json_text.render(value, style), 1)
