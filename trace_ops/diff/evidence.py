"""What changed outputs brought into a run, and where it turns up again."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, TypeAlias

from trace_ops.diff.findings import Finding
from trace_ops.diff.steps import Step
from trace_ops.diff.values import text_of
from trace_ops.wire.messages import Message, RefusalPart, TextPart, ToolCallPart, ToolResultPart

Gist: TypeAlias = tuple[Hashable, ...]

# Shorter pieces of text turn up by chance.
_TELLING = 4
_WORDS = 16
# Of how many changed outputs a text is searched: the latest ones.
_RECENT = 64


class Evidence:
    """What is known so far of how a run came to differ."""

    def __init__(self) -> None:
        self._signs: dict[Hashable, Finding] = {}
        self._gone: dict[Gist, Finding] = {}
        self._come: dict[Gist, Finding] = {}
        self._parts: dict[tuple[str, str], Finding] = {}
        self._recent: deque[tuple[Finding, str, str]] = deque(maxlen=_RECENT)

    def repeated(self, finding: Finding) -> Finding | None:
        """The same change in an earlier step."""
        for sign in _signs(finding):
            if sign in self._signs:
                return self._signs[sign]
        return None

    def remember(self, finding: Finding) -> None:
        """Take note of a change that may come again."""
        for sign in _signs(finding):
            self._signs.setdefault(sign, finding)

    def output(self, finding: Finding, old: Message | None, new: Message | None) -> None:
        """Take note of a message that is another now, was removed, or added."""
        before, after = Counter(gists(old)), Counter(gists(new))
        self.parts(finding, before - after, after - before)

    def parts(self, finding: Finding, gone: Iterable[Gist], come: Iterable[Gist]) -> None:
        """Take note of texts and tool calls that are no longer there, and of new ones."""
        self._gone.update((gist, finding) for gist in gone)
        self._come.update((gist, finding) for gist in come)

    def text(self, finding: Finding, before: Any, after: Any) -> None:
        """Take note of a text, or of the texts in a value, that became another."""
        for was, now in _pieces(before, after):
            self._parts[changed_part(was, now)] = finding
            if max(len(was), len(now)) >= _TELLING:
                self._recent.append((finding, was, now))

    def said(self, old: Message | None, new: Message | None) -> Finding | None:
        """The output that put another message into a conversation."""
        before, after = Counter(gists(old)), Counter(gists(new))
        return self._both(before - after, after - before)

    def called(self, before: Gist | None, after: Gist | None) -> Finding | None:
        """The output that asks for another call of a tool."""
        if before == after:
            return None
        return self._both([before] if before else [], [after] if after else [])

    def _both(self, gone: Iterable[Gist], come: Iterable[Gist]) -> Finding | None:
        was = [self._gone.get(gist) for gist in gone]
        now = [self._come.get(gist) for gist in come]
        if (was and not any(was)) or (now and not any(now)):
            return None
        return next((finding for finding in [*now, *was] if finding is not None), None)

    def contained(self, before: Any, after: Any) -> Finding | None:
        """The output whose text stands in another one now, as its old text did."""
        old, new = _text(before), _text(after)
        if old == new:
            return None
        middle = changed_part(old, new)
        if middle in self._parts:
            return self._parts[middle]
        telling = max(map(len, middle)) >= _TELLING
        for finding, was, now in reversed(self._recent):
            # The whole output stands in the text, or what changed in the text stands in the output.
            if _came(was, now, old, new) or (telling and _came(*middle, was, now)):
                return finding
        return None


def _came(was: str, now: str, old: str, new: str) -> bool:
    """Whether a piece of one text is gone from the old, and its successor has come in the new."""
    left = not was or (_stands(was, old) and (was in now or not _stands(was, new)))
    return left and (not now or (_stands(now, new) and (now in was or not _stands(now, old))))


def _stands(piece: str, text: str) -> bool:
    """Whether a text holds a piece; a short one as words of its own, for others hold it by chance."""
    place = text.find(piece)
    while place >= 0:
        end = place + len(piece)
        if len(piece) > _WORDS or not (_splits(text, place) or _splits(text, end)):
            return True
        place = text.find(piece, place + 1)
    return False


def _signs(finding: Finding) -> Iterator[Hashable]:
    yield finding.sign
    if finding.kind == "prompt" and isinstance(finding.before, str) and isinstance(finding.after, str):
        middle = changed_part(finding.before, finding.after)
        if max(map(len, middle)) >= _TELLING:
            yield (finding.sign[1], middle)


def gists(message: Message | None) -> Iterator[Gist]:
    """What a message hands on: texts and calls, without what differs from where it is written."""
    for part in message.parts if message else ():
        if isinstance(part, (TextPart, RefusalPart)):
            text = part.content.strip()
            if text:
                yield ("text", text)
        elif isinstance(part, ToolCallPart):
            yield call(part.name, part.arguments)


def call(name: str, arguments: Any) -> Gist:
    """What a tool call hands on."""
    return ("call", name, text_of(arguments))


def call_of(step: Step | None, identifier: str | None) -> Gist | None:
    """The call in a conversation that a result belongs to."""
    if step is None or step.request is None or identifier is None:
        return None
    found = None
    for message in step.request.messages:
        for part in message.parts:
            if isinstance(part, ToolCallPart) and identifier in (part.id, part.name):
                found = call(part.name, part.arguments)
                if part.id == identifier:
                    return found
    return found


def message_of(step: Step | None, path: str, keys: Hashable) -> Message | None:
    """The message of a request with a key."""
    if step is None or step.request is None or keys is None:
        return None
    for message, key in zip(step.request.messages, step.said):
        if message.path == path and key == keys:
            return message
    return next((m for m, key in zip(step.request.messages, step.said) if key == keys), None)


def answer_of(step: Step | None) -> Message | None:
    """The first choice of an answer."""
    return step.response.messages[0] if step and step.response and step.response.messages else None


def _pieces(before: Any, after: Any) -> Iterator[tuple[str, str]]:
    if isinstance(before, (dict, list)) or isinstance(after, (dict, list)):
        olds, news = list(leaves(before)), list(leaves(after))
        if len(olds) == len(news):
            yield from ((old, new) for old, new in zip(olds, news) if old != new)
        else:
            yield from ((old, "") for old in olds if old not in news and len(old) >= _TELLING)
            yield from (("", new) for new in news if new not in olds and len(new) >= _TELLING)
        return
    old, new = _text(before), _text(after)
    if old != new:
        yield (old.strip(), new.strip())
        middle = changed_part(old, new)
        if middle != (old, new):
            yield middle


def leaves(value: Any) -> Iterator[str]:
    """The texts in a value, and what else it holds as text."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif value is not None:
        yield _text(value)


def _text(value: Any) -> str:
    if isinstance(value, ToolResultPart):
        value = value.response
    if isinstance(value, str):
        return value
    return (
        ""
        if value is None
        else "\n".join(leaves(value))
        if isinstance(value, (dict, list))
        else text_of(value)
    )


def changed_part(old: str, new: str) -> tuple[str, str]:
    """What is left of two texts without their common ends, by whole words."""
    start = _common(old, new)
    end = min(_common(old[::-1], new[::-1]), min(len(old), len(new)) - start)
    if _splits(old, start) or _splits(new, start):
        while start and old[start - 1].isalnum():
            start -= 1
    if _splits(old, len(old) - end) or _splits(new, len(new) - end):
        while end and old[len(old) - end].isalnum():
            end -= 1
    return old[start : len(old) - end].strip(), new[start : len(new) - end].strip()


def _splits(text: str, place: int) -> bool:
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()


def _common(one: str, other: str) -> int:
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while low < high - 1:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low
