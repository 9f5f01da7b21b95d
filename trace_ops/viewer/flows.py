"""What one step gave back and another was given: by the ids of tool calls, and by the values themselves.

A value counts as handed on if it turns up whole, or if a text holds its first words. Takes time in proportion
to what is said, for what was said before is passed over.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from trace_ops.diff.evidence import leaves
from trace_ops.diff.values import text_of
from trace_ops.trace import Span
from trace_ops.viewer.calls import Calls
from trace_ops.wire.messages import Message, Part, RefusalPart, TextPart, ToolCallPart, ToolResultPart

_SHORTEST = 4
"""Shorter texts turn up by chance."""

_ANCHOR = 4
_COMPARED = 40
_MOST_ALIKE = 8
_MOST_SOURCES = 64
_GIVE = ("llm", "tool", "retrieval", "decision", "custom")
"""What agents and chains give back is what a step within them gave."""


class _Wanted(NamedTuple):
    """A call of a tool that a model asked for, the ``number``-th of all."""

    number: int
    model: int
    call: str | None
    name: str


def flows(spans: Sequence[Span], calls: Calls, before: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """The steps that handed something on, each with the one that was given it."""
    given = _Given()
    tools = _Tools(spans)
    ends = sorted((span for span in spans if span.ms is not None), key=_end)
    over = 0
    for span in spans:
        while over < len(ends) and _end(ends[over]) <= span.start_ms:
            _give(ends[over], calls, given)
            over += 1
        sources: dict[int, None] = {}
        if span.kind == "tool":
            sources |= dict.fromkeys(tools.ran(span))
        if span.id in calls.by_span and calls.by_span[span.id].asked is not None:
            for message in _new(span, calls, before):
                sources |= dict.fromkeys(_sources(message, tools, given))
            for message in _answers(span, calls):
                tools.asked(span.id, message.tool_calls)
        elif span.kind == "llm":
            tools.asked(span.id, (ToolCallPart(None, name, None) for name in span.tools))
        else:
            for text in leaves(span.input):
                sources |= dict.fromkeys(given.holding(text))
        yield from ((source, span.id) for source in list(sources)[:_MOST_SOURCES])


def _end(span: Span) -> float:
    return span.start_ms + (span.ms or 0.0)


def _answers(span: Span, calls: Calls) -> Iterator[Message]:
    yield from (calls.said[number] for number in calls.by_span[span.id].answers)


def _new(span: Span, calls: Calls, before: Mapping[int, int]) -> Iterator[Message]:
    """What a request says that the call before it did not; what the model said itself is no one else's."""
    read = calls.by_span[span.id]
    earlier = calls.by_span.get(before.get(span.id, -1))
    known = {earlier.system, *earlier.messages} if earlier is not None else set()
    for number in dict.fromkeys((read.system, *read.messages)):
        if number is not None and number not in known and calls.said[number].role != "assistant":
            yield calls.said[number]


def _sources(message: Message, tools: _Tools, given: _Given) -> Iterator[int]:
    for part in message.parts:
        if isinstance(part, ToolResultPart):
            yield from _of_result(part, tools, given)
        elif isinstance(part, (TextPart, RefusalPart)):
            yield from given.holding(part.content)


def _of_result(part: ToolResultPart, tools: _Tools, given: _Given) -> Iterator[int]:
    by_id = tools.of_call(part.id)
    if by_id is not None:
        yield by_id
        return
    by_value = [source for text in leaves(_plain(part.response)) for source in given.whole(text)]
    if by_value:
        yield from by_value
    elif part.name is not None and (by_name := tools.named(part.name)) is not None:
        yield by_name


def _give(span: Span, calls: Calls, given: _Given) -> None:
    """Take note of what a step gave back."""
    if span.kind not in _GIVE or span.error is not None:
        return
    if span.id in calls.by_span:
        for message in _answers(span, calls):
            # What a model says in a word or two, others say too.
            if len(message.text.split(maxsplit=_ANCHOR)) >= _ANCHOR:
                given.add(span.id, message.text)
        return
    for text in leaves(span.output):
        given.add(span.id, text)
    if isinstance(span.output, (dict, list)):
        given.add(span.id, text_of(span.output))


class _Tools:
    """Which step ran a tool that a model asked for."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._by_id = {span.id: span for span in spans}
        self._wanted: defaultdict[tuple[str, str], deque[_Wanted]] = defaultdict(deque)
        self._named: defaultdict[str, deque[_Wanted]] = defaultdict(deque)
        self._taken: set[int] = set()
        self._count = 0
        self._of_call: dict[str, int] = {}
        self._ran: defaultdict[str, deque[int]] = defaultdict(deque)

    def asked(self, model: int, given: Iterable[ToolCallPart]) -> None:
        """Take note of the tools that an answer asks for; those of the provider's own run unseen."""
        for call in given:
            if not call.server:
                self._count += 1
                wanted = _Wanted(self._count, model, call.id, call.name)
                self._wanted[call.name, text_of(call.arguments)].append(wanted)
                self._named[call.name].append(wanted)

    def ran(self, span: Span) -> Iterator[int]:
        """The call of a model that a tool runs for."""
        self._ran[span.name].append(span.id)
        wanted = self._take(self._wanted[span.name, text_of(span.input)])
        if wanted is None and not self._is_within_itself(span):
            wanted = self._take(self._named[span.name])
        if wanted is not None:
            if wanted.call is not None:
                self._of_call[wanted.call] = span.id
            yield wanted.model

    def of_call(self, call: str | None) -> int | None:
        """The step that ran a call, by its id."""
        return None if call is None else self._of_call.get(call)

    def named(self, name: str) -> int | None:
        """The first step of a name whose result nobody was given yet."""
        return self._ran[name].popleft() if self._ran[name] else None

    def _take(self, waiting: deque[_Wanted]) -> _Wanted | None:
        while waiting:
            wanted = waiting.popleft()
            if wanted.number not in self._taken:
                self._taken.add(wanted.number)
                return wanted
        return None

    def _is_within_itself(self, span: Span) -> bool:
        """Whether a tool runs within one of its name, as a server's does within a framework's."""
        around: Span | None = span
        while around is not None:
            # A parent begins before its children; anything else would be a loop.
            is_sound = around.parent is not None and around.parent < around.id
            around = self._by_id.get(around.parent) if is_sound else None  # type: ignore[arg-type]
            if around is not None and around.kind == "tool" and around.name == span.name:
                return True
        return False


class _Given:
    """What was given back so far: whole texts, and texts by their first words."""

    def __init__(self) -> None:
        self._whole: dict[str, int] = {}
        self._begun: defaultdict[tuple[str, ...], deque[tuple[int, list[str]]]] = defaultdict(
            lambda: deque(maxlen=_MOST_ALIKE)
        )

    def add(self, source: int, text: str) -> None:
        """Take note of a text."""
        text = _normal(text)
        if len(text) < _SHORTEST:
            return
        self._whole[text] = source
        words = text.split()[:_COMPARED]
        if len(words) >= _ANCHOR:
            self._begun[tuple(words[:_ANCHOR])].append((source, words))

    def whole(self, text: str) -> Iterator[int]:
        """The step that gave back a text as it is."""
        source = self._whole.get(_normal(text))
        if source is not None:
            yield source

    def holding(self, text: str) -> Iterator[int]:
        """The steps whose texts a text is, or holds."""
        source = next(self.whole(text), None)
        if source is not None:
            yield source
            return
        words = text.split() if self._begun else []
        for at in range(len(words) - _ANCHOR + 1):
            alike = self._begun.get(tuple(words[at : at + _ANCHOR]))
            for source, begun in reversed(alike or ()):
                if words[at : at + len(begun)] == begun:
                    yield source
                    break


def _normal(text: str) -> str:
    """A text; one of JSON however it was written."""
    text = text.strip()
    if text[:1] in ("{", "["):
        try:
            return text_of(json.loads(text))
        except (ValueError, RecursionError):
            pass
    return text


def _plain(response: Any) -> Any:
    """What a tool gave back, as texts where it is parts."""
    if isinstance(response, (list, tuple)):
        return [_plain(item) for item in response]
    return response.content if isinstance(response, (TextPart, RefusalPart)) else _not_a_part(response)


def _not_a_part(value: Any) -> Any:
    return None if isinstance(value, Part) else value
