"""Which call's conversation a call goes on from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from trace_ops.diff import evidence, messages
from trace_ops.trace import Span
from trace_ops.viewer.calls import CallRead, Calls

_MOST_ALIKE = 16
"""So many calls that ask the same are told apart by their answers."""


class Conversations:
    """The conversations of a run, as a tree of what is said in them.

    ``before`` names for a call the one whose conversation goes on in it: the one whose messages it begins
    with, or whose answer it refers to (those are ``continued``); else the last one of the same agent, if they
    share a message. Takes time in proportion to the length of the conversations.
    """

    def __init__(self, spans: Sequence[Span], calls: Calls) -> None:
        self.before: dict[int, int] = {}
        self.continued: set[int] = set()
        self.ends: dict[int, int] = {}
        self._calls = calls
        self._keys = _Keys(calls)
        self._tree: dict[tuple[int, int], int] = {}
        self._calls_at: dict[int, list[int]] = {}
        self._by_answer: dict[str, int] = {}
        self._last: dict[Any, int] = {}
        agents = _agents(spans)
        for span in spans:
            read = calls.by_span.get(span.id)
            if read is not None and read.asked is not None:
                self._place(span, read, (agents[span.id], span.lane, self.instructions(read)))

    def instructions(self, read: CallRead) -> tuple[int, ...]:
        """What a model is told to be, wherever that is said: equal for equal instructions."""
        told = [] if read.system is None else [read.system]
        return tuple(self._keys.of_parts(number) for number in (*told, *self._leading(read)))

    def spoken(self, read: CallRead) -> list[int]:
        """The messages of a call after its instructions."""
        return list(read.messages[len(self._leading(read)) :])

    def _leading(self, read: CallRead) -> Sequence[int]:
        numbers = read.messages
        roles = (self._calls.said[number].role for number in numbers)
        end = next((at for at, role in enumerate(roles) if role != "system"), len(numbers))
        return numbers[:end]

    def _place(self, span: Span, read: CallRead, agent: Any) -> None:
        spoken = self.spoken(read)
        path = list(self._path(spoken))
        before = self._referred(read) or self._begun(spoken, path)
        if before is not None:
            self.continued.add(span.id)
        else:
            before = self._of_same_agent(agent, spoken)
        if before is not None:
            self.before[span.id] = before
        end = path[-1] if path else 0
        self.ends[span.id] = end
        self._calls_at.setdefault(end, []).append(span.id)
        self._last[agent] = span.id
        answer_id = read.answer.extra.get("id") if read.answer is not None else None
        if isinstance(answer_id, str):
            self._by_answer[answer_id] = span.id

    def _path(self, spoken: Iterable[int]) -> Iterator[int]:
        at = 0
        for number in spoken:
            at = self._tree.setdefault((at, self._keys.of(number)), len(self._tree) + 1)
            yield at

    def _referred(self, read: CallRead) -> int | None:
        """The call whose answer a request names."""
        assert read.asked is not None
        named = read.asked.parameters.get("previous_response_id")
        return self._by_answer.get(named) if isinstance(named, str) else None

    def _begun(self, spoken: Sequence[int], path: Sequence[int]) -> int | None:
        """The call with the longest conversation that this one begins with, followed by its answer."""
        for length in range(len(path) - 1, 0, -1):
            for number in reversed(self._calls_at.get(path[length - 1], ())[-_MOST_ALIKE:]):
                if self._is_answer(number, spoken, length):
                    return number
        return None

    def _is_answer(self, number: int, spoken: Sequence[int], at: int) -> bool:
        """Whether the answer of a call stands in a conversation at a place."""
        answers = self._calls.by_span[number].answers
        given = {gist for answer in answers for gist in self._keys.gists(answer)}
        told: set[evidence.Gist] = set()
        end = at
        while end < len(spoken) and self._calls.said[spoken[end]].role == "assistant":
            told |= self._keys.gists(spoken[end])
            end += 1
        # Thoughts, images and the like tell no answer from another.
        return end > at and (not given or not told or not given.isdisjoint(told))

    def _of_same_agent(self, agent: Any, spoken: Sequence[int]) -> int | None:
        last = self._last.get(agent)
        if last is None:
            return None
        known = {self._keys.of(number) for number in self.spoken(self._calls.by_span[last])}
        return last if any(self._keys.of(number) in known for number in spoken) else None


class _Keys:
    """What messages of the pool say, by numbers that are equal for equal ones; ids take no part."""

    def __init__(self, calls: Calls) -> None:
        self._said = calls.said
        self._numbers: dict[Any, int] = {}
        self._of: dict[int, int] = {}
        self._of_parts: dict[int, int] = {}
        self._gists: dict[int, frozenset[evidence.Gist]] = {}

    def of(self, number: int) -> int:
        if number not in self._of:
            self._of[number] = self._number(messages.key(self._said[number]))
        return self._of[number]

    def of_parts(self, number: int) -> int:
        if number not in self._of_parts:
            self._of_parts[number] = self._number(messages.parts_key(self._said[number].parts))
        return self._of_parts[number]

    def gists(self, number: int) -> frozenset[evidence.Gist]:
        if number not in self._gists:
            self._gists[number] = frozenset(evidence.gists(self._said[number]))
        return self._gists[number]

    def _number(self, key: Any) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def _agents(spans: Sequence[Span]) -> dict[int, int | None]:
    """The agent that each step runs in."""
    found: dict[int, int | None] = {}
    for span in spans:
        around = None if span.parent is None else found.get(span.parent)
        found[span.id] = span.id if span.kind == "agent" else around
    return found
