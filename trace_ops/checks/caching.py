"""Whether the requests of a conversation begin alike, so that the provider can reuse what it has read.

Providers cache the beginning of a prompt, up to the first token that differs. What they do:

- OpenAI caches by itself, prompts of 1,024 tokens or more; the prefix is tools, then messages
  (https://platform.openai.com/docs/guides/prompt-caching). Most others that speak its formats do alike.
- Anthropic caches up to a block marked with ``cache_control``, or to the end where the request itself has
  that field, in the order tools, system, messages; a change of ``tool_choice`` or ``thinking`` keeps no
  messages (https://platform.claude.com/docs/en/build-with-claude/prompt-caching). Bedrock's Converse marks
  with ``cachePoint`` blocks.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any, NamedTuple

from trace_ops import matching, wire
from trace_ops.checks.meters import place
from trace_ops.checks.violation import Violation
from trace_ops.matching.similarity import Tokens, likeness, tokens
from trace_ops.trace import Span, Trace

_TOOL = "<tool>"
_HEAD = {
    "tools": _TOOL,
    "toolConfig": _TOOL,
    "functions": _TOOL,
    "system": "system",
    "instructions": "system",
    "systemInstruction": "system",
}
_KEEPS_NO_MESSAGES = ("tool_choice", "thinking")
_TURNS = ("messages", "input", "contents")
_MARKS = ("cache_control", "cachePoint")
_BY_MARK = ("anthropic.messages", "bedrock.converse")
_INSTRUCTS = ("system", "developer")
_MAX_DETAILS = 3
_LOOK_BACK = 50
_SAME_AGENT = 0.4
"""Instructions that have less in common are those of another agent."""


class Element(NamedTuple):
    """A piece of a prompt: where it stands in the request, and what it holds, marks of caching aside."""

    path: str
    value: Any
    text: str
    marked: bool
    role: str | None


@dataclass(frozen=True)
class _Prompt:
    span: Span
    api: str
    body: dict[str, Any]

    @cached_property
    def elements(self) -> list[Element]:
        """The prompt in the order in which the provider reads it."""
        pieces: list[Element] = []
        for piece in _elements(self.body, self.api):
            if piece.value == {} and piece.marked and pieces:  # a block that is nothing but a mark
                pieces[-1] = pieces[-1]._replace(marked=True)
            else:
                pieces.append(piece)
        return pieces

    @cached_property
    def turns(self) -> list[str]:
        """The messages, instructions aside, whatever the order of their keys."""
        spoken = (each for each in self.elements if each.role not in (None, _TOOL, *_INSTRUCTS))
        return [f"{each.role} {json.dumps(each.value, sort_keys=True)}" for each in spoken]

    @property
    def cacheable(self) -> int:
        """How many of the elements the provider may keep."""
        if self.api not in _BY_MARK or "cache_control" in self.body:
            return len(self.elements)
        return max((at for at, each in enumerate(self.elements, 1) if each.marked), default=0)

    @cached_property
    def instructions(self) -> Tokens:
        """The words of the instructions."""
        pieces = [each for each in self.elements if each.role in _INSTRUCTS]
        return tokens([each.value for each in pieces])

    @cached_property
    def tools(self) -> frozenset[str]:
        """The tools that are offered, by their definitions."""
        return frozenset(each.text for each in self.elements if each.role == _TOOL)

    def continues(self, before: _Prompt) -> bool:
        """Whether this is the same conversation: the same agent, and the first message or half of all."""
        if self.span.model != before.span.model or self.api != before.api:
            return False
        if (self.span.parent, self.span.lane) != (before.span.parent, before.span.lane):
            return False
        if not self._is_agent_of(before):
            return False
        if not self.turns or not before.turns or self.turns[0] == before.turns[0]:
            return True
        shared = (Counter(self.turns) & Counter(before.turns)).total()
        return 2 * shared >= len(before.turns)

    def _is_agent_of(self, before: _Prompt) -> bool:
        """Whether tools or instructions have something in common: agents hand a question to each other."""
        if not self.tools or not before.tools or self.tools & before.tools:
            return True
        return likeness(self.instructions, before.instructions) >= _SAME_AGENT

    def shared(self, before: _Prompt) -> int:
        """How many elements both begin with."""
        pairs = zip(self.elements, before.elements)
        return next(
            (at for at, (one, other) in enumerate(pairs) if one.text != other.text), len(self.elements)
        )


def check(trace: Trace) -> list[Violation]:
    """List the requests that do not begin as the one before in their conversation."""
    found: list[Violation] = []
    seen: deque[_Prompt] = deque(maxlen=_LOOK_BACK)
    for prompt in _prompts(trace):
        earlier = [each for each in reversed(seen) if prompt.continues(each)]
        if earlier:
            found += _broken(max(earlier, key=prompt.shared), prompt)
        seen.append(prompt)
    return found


def _prompts(trace: Trace) -> Iterator[_Prompt]:
    for span in trace.llm_calls:
        api = None if span.exchange is None else wire.api_of(span.exchange)
        body = span.exchange.request.body.json if span.exchange and span.exchange.request.body else None
        # A response that is kept at the provider begins with what is kept there.
        if api is not None and isinstance(body, dict) and not body.get("previous_response_id"):
            yield _Prompt(span, api, body)


def _broken(before: _Prompt, now: _Prompt) -> Iterator[Violation]:
    at = now.shared(before)
    if at >= before.cacheable or at == len(now.elements) or _asks_other(before, now, at):
        return
    what, details = _what(before.elements[at], now.elements[at])
    text = f"cache prefix: {place(now.span)} does not begin as span {before.span.id} does: {what}"
    lost = _tokens(before, now)
    yield Violation("cache_prefix", text, lost, (now.span.id,), details=(*details, lost))


def _asks_other(before: _Prompt, now: _Prompt, at: int) -> bool:
    """Whether this is no continuation but another last question, with all before it kept."""
    asked = sum(1 for _ in takewhile(lambda each: each.role == "user", reversed(before.elements)))
    return len(now.elements) <= len(before.elements) and at >= max(1, len(before.elements) - asked)


def _what(lost: Element, now: Element) -> tuple[str, tuple[str, ...]]:
    if now.path != lost.path:
        return f"{lost.path} is gone, {now.path} stands there", ()
    found = matching.differences(lost.value, now.value, lost.path)
    if not found:
        return f"{lost.path} has its keys in another order", ()
    lines = tuple(matching.describe(difference) for difference in found[:_MAX_DETAILS])
    more = (f"and {len(found) - _MAX_DETAILS} more",) if len(found) > _MAX_DETAILS else ()
    return f"{lost.path} changed", (*lines, *more)


def _tokens(before: _Prompt, now: _Prompt) -> str:
    """What the break cost, as far as the provider tells."""
    had = before.span.usage.input if before.span.usage else None
    read = now.span.usage.cache_read if now.span.usage else None
    if had is None:
        return "how many tokens that lost is not known"
    if read is None:
        return f"up to {had:,} input tokens of span {before.span.id} could have been read from the cache"
    return f"of the {had:,} input tokens of span {before.span.id}, {read:,} were read from the cache"


def _elements(body: dict[str, Any], api: str) -> Iterator[Element]:
    for key, role in _HEAD.items():
        if key != "toolConfig" or api == "bedrock.converse":  # Google's says which tool to choose
            yield from _listed(body.get(key), key, role)
    if api == "anthropic.messages":
        for key in _KEEPS_NO_MESSAGES:
            yield _element(key, body.get(key), None)
    for key in _TURNS:
        value = body.get(key)
        if isinstance(value, list):
            for at, message in enumerate(value):
                yield from _message(message, f"{key}.{at}")
        elif value is not None:
            yield _element(key, value, "user", {"role": "user"})


def _listed(value: Any, path: str, role: str | None) -> Iterator[Element]:
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield _element(f"{path}.{at}", item, role)
    elif value is not None:
        yield _element(path, value, role)


def _message(message: Any, path: str) -> Iterator[Element]:
    """A message, or its blocks where it has several: each may be marked."""
    role = str(message.get("role", "")) if isinstance(message, dict) else ""
    for key in ("content", "parts"):
        blocks = message.get(key) if isinstance(message, dict) else None
        if not isinstance(blocks, (list, str)) or not blocks:
            continue
        # What else the message says stands before its first block.
        head = {name: value for name, value in message.items() if name != key}
        if isinstance(blocks, str):
            yield _element(f"{path}.{key}", blocks, role, head)
            return
        for at, block in enumerate(blocks):
            yield _element(f"{path}.{key}.{at}", block, role, head if at == 0 else {"role": role})
        return
    yield _element(path, message, role)


def _element(path: str, value: Any, role: str | None, head: Any = None) -> Element:
    plain = _unmarked(value)
    # A text is the same to providers as a block of it, which is what it must become to be marked.
    block = {"type": "text", "text": plain} if isinstance(plain, str) else plain
    text = json.dumps(block) if head is None else f"{json.dumps(head)} {json.dumps(block)}"
    return Element(path, plain, text, _is_marked(value), role)


def _is_marked(value: Any) -> bool:
    """Whether a piece has a mark, at any depth: results of tools hold blocks of their own."""
    if isinstance(value, dict):
        return any(mark in value for mark in _MARKS) or any(map(_is_marked, value.values()))
    return isinstance(value, list) and any(map(_is_marked, value))


def _unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unmarked(each) for key, each in value.items() if key not in _MARKS}
    return [_unmarked(each) for each in value] if isinstance(value, list) else value
