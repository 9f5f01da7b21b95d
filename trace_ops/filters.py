"""Which steps of a run are meant: ``kind:llm is:error tool:search* cost:>0.01 -model:gpt* "no such city"``.

::

    filter = { term }                       every term must hold
    term   = ["-"] ( field ":" values | text )
    values = value { "," value }            any of them; a field that is a number takes one
    value  = word | quoted                  in a word, * stands for any characters
    number = [ ">" | ">=" | "<" | "<=" | "=" ] quantity | [ quantity ] ".." [ quantity ]
    text   = word | quoted                  looked for in all that a step says

Words are compared without regard to case. In a quoted text, a backslash stands before a quote or another
backslash. What is not known (a cost, a time) fits no number. ``viewer/vectors/filters.json`` holds what
this module and the page agree on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

from trace_ops.errors import UsageError
from trace_ops.trace import SpanKind
from trace_ops.viewer import texts
from trace_ops.viewer.data import LinkKind, Span

if TYPE_CHECKING:
    from trace_ops.viewer.runs import TraceView

_COUNTS: Mapping[str, float] = {"": 1, "k": 1_000, "m": 1_000_000}
_TIMES: Mapping[str, float] = {"ms": 1, "s": 1_000, "m": 60_000}
_PLAIN: Mapping[str, float] = {"": 1}

# Each field with an example of its use.
_EXAMPLES: Mapping[str, str] = {
    "kind": "kind:llm",
    "name": "name:search*",
    "model": "model:gpt*",
    "provider": "provider:openai",
    "tool": "tool:search*",
    "is": "is:error",
    "has": "has:tools",
    "tokens": "tokens:>1000",
    "in": "in:>1000",
    "out": "out:>1000",
    "cached": "cached:>1000",
    "cost": "cost:>0.01",
    "dur": "dur:>2s",
    "first": "first:>500ms",
    "finish": "finish:length",
    "lane": "lane:0",
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": get_args(SpanKind),
    "is": ("error", "running", "streamed", "retried", "cached", "unpriced"),
    "has": ("reasoning", "tools", *get_args(LinkKind)),
}
_UNITS: Mapping[str, Mapping[str, float]] = {
    **dict.fromkeys(("tokens", "in", "out", "cached"), _COUNTS),
    **dict.fromkeys(("dur", "first"), _TIMES),
    **dict.fromkeys(("cost", "lane"), _PLAIN),
}
FIELDS = tuple(_EXAMPLES)
"""What a filter can ask for by name."""

# Not \s: what that is differs between languages.
_SPACE = " \t\r\n\u00a0"
_FIELD = re.compile(r"([A-Za-z_]+):")
_QUOTED = re.compile(r'"((?:\\["\\]|[^"\\]|\\(?!["\\]))*)"')
_QUANTITY = re.compile(r"\$?((?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)([A-Za-z]*)")
_COMPARISON = re.compile(r">=|<=|>|<|=")


class FilterError(UsageError):
    """A filter is not written as one; ``position`` counts the characters before what is wrong."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@dataclass(frozen=True)
class Pattern:
    """A text in lower case, cut where anything may stand between."""

    pieces: tuple[str, ...]

    def fits(self, word: str | None) -> bool:
        """Whether a word is as this says; one that is not known is not."""
        if word is None:
            return False
        word = word.lower()
        first, *rest = self.pieces
        if not rest:
            return word == first
        *inner, last = rest
        start, end = len(first), len(word) - len(last)
        return (
            start <= end
            and word.startswith(first)
            and word.endswith(last)
            and _in_order(inner, word, start, end)
        )

    def within(self, text: str) -> bool:
        """Whether a text holds this somewhere."""
        text = text.lower()
        return _in_order(self.pieces, text, 0, len(text))


@dataclass(frozen=True)
class Word:
    """A field must be one of some words."""

    field: str
    any_of: tuple[Pattern, ...]


@dataclass(frozen=True)
class Number:
    """A field must lie between two numbers, either of which may be missing; ``strict`` leaves them out."""

    field: str
    low: float | None
    high: float | None
    strict: bool = False


@dataclass(frozen=True)
class Text:
    """A text must be said somewhere in a step."""

    pattern: Pattern


Condition: TypeAlias = Word | Number | Text


@dataclass(frozen=True)
class Term:
    """A condition, or that it does not hold."""

    condition: Condition
    negated: bool = False


@dataclass(frozen=True)
class Subject:
    """A step that is filtered: ``links`` are the kinds of those that begin or end at it.

    ``texts`` gives all that was said in it, and ``reasons`` whether a model's thoughts are among that; both
    are asked for only where a filter needs them.
    """

    span: Span
    links: Collection[str] = ()
    texts: Callable[[], Iterable[str]] = tuple
    reasons: Callable[[], bool] = bool


@dataclass(frozen=True)
class Filter:
    """A filter that was read; one without terms means all steps."""

    terms: tuple[Term, ...]

    def fits(self, step: Subject) -> bool:
        """Whether a step is meant."""
        return all(_holds(term.condition, step) is not term.negated for term in self.terms)


def subjects(view: TraceView) -> Iterator[Subject]:
    """The steps of a trace as they are filtered."""
    links: defaultdict[int, set[str]] = defaultdict(set)
    for link in view.run["links"]:
        links[link["from"]].add(link["kind"])
        links[link["to"]].add(link["kind"])
    for span in view.run["spans"]:
        number = span["id"]
        yield Subject(
            span,
            links[number],
            lambda number=number: texts.texts_of(view.details, number),  # type: ignore[misc]
            lambda number=number: texts.reasons(view.details, number),  # type: ignore[misc]
        )


def parse(text: str) -> Filter:
    """Read a filter; raises :class:`FilterError`."""
    return Filter(tuple(_Reader(text).terms()))


class _Reader:
    """Reads a filter from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def terms(self) -> Iterator[Term]:
        while self._skip_space():
            start = self._at
            negated = self._text[start] == "-"
            if negated:
                self._at += 1
                if self._is_over():
                    raise FilterError("- leaves out the term that it stands before, and none follows", start)
            yield Term(self._condition(), negated)

    def _condition(self) -> Condition:
        start = self._at
        found = _FIELD.match(self._text, start)
        if found is None:
            return Text(self._value())
        field = found[1].lower()
        if field not in FIELDS:
            known = ", ".join(FIELDS)
            message = f'there is no field "{found[1]}", only {known}; to look for a text, quote it'
            raise FilterError(message, start)
        self._at = found.end()
        if self._is_over():
            raise FilterError(f"{field}: needs a value, such as {_EXAMPLES[field]}", self._at)
        return self._number(field) if field in _UNITS else Word(field, tuple(self._values(field)))

    def _values(self, field: str) -> Iterator[Pattern]:
        choices = _CHOICES.get(field)
        while True:
            start = self._at
            if self._is_over() or self._text[start] == ",":
                raise FilterError("a value is missing beside the comma", start)
            value = self._value(",")
            if choices is not None and (len(value.pieces) > 1 or value.pieces[0] not in choices):
                given = self._text[start : self._at]
                raise FilterError(f"{field}: is one of {', '.join(choices)}, not {given}", start)
            yield value
            if self._text[self._at : self._at + 1] != ",":
                return
            self._at += 1

    def _number(self, field: str) -> Number:
        start = self._at
        word = self._word()
        operator = _COMPARISON.match(word)
        sign, at = ("", 0) if operator is None else (operator[0], operator.end())
        if operator is None and ".." in word:
            return self._range(field, word, start)
        quantity = _quantity(field, word[at:], start + at)
        low = None if "<" in sign else quantity
        high = None if ">" in sign else quantity
        return Number(field, low, high, sign in ("<", ">"))

    def _range(self, field: str, word: str, start: int) -> Number:
        first, _, second = word.partition("..")
        low = _quantity(field, first, start) if first or not second else None
        high = _quantity(field, second, start + len(first) + 2) if second else None
        if low is not None and high is not None and low > high:
            raise FilterError(f"{word} holds nothing: the smaller number comes first", start)
        return Number(field, low, high)

    def _value(self, end: str = "") -> Pattern:
        if self._text[self._at] == '"':
            return self._quoted(end)
        return Pattern(tuple(self._word(end).lower().split("*")))

    def _word(self, end: str = "") -> str:
        start = self._at
        while not self._is_over() and self._text[self._at] not in end:
            self._at += 1
        return self._text[start : self._at]

    def _quoted(self, end: str) -> Pattern:
        start = self._at
        found = _QUOTED.match(self._text, start)
        if found is None:
            raise FilterError("the quote is not closed", start)
        if not found[1]:
            raise FilterError("there is nothing between the quotes", start)
        self._at = found.end()
        if not self._is_over() and self._text[self._at] not in end:
            raise FilterError("a space is missing after the quote", self._at)
        return Pattern((re.sub(r'\\(["\\])', r"\1", found[1]).lower(),))

    def _skip_space(self) -> bool:
        while self._at < len(self._text) and self._text[self._at] in _SPACE:
            self._at += 1
        return self._at < len(self._text)

    def _is_over(self) -> bool:
        """Whether a term ends here."""
        return self._at >= len(self._text) or self._text[self._at] in _SPACE


def _quantity(field: str, word: str, position: int) -> float:
    units = _UNITS[field]
    found = _QUANTITY.fullmatch(word)
    if found is None or (word.startswith("$") and field != "cost"):
        message = f'{field}: needs a number, such as {_EXAMPLES[field]}, and "{word}" is none'
        raise FilterError(message, position)
    number, unit = float(found[1]), found[2].lower()
    if unit in units:
        return number * units[unit]
    if not unit and not number:
        return 0
    known = " or ".join(", ".join(filter(None, units)).rsplit(", ", 1))
    if not unit:
        raise FilterError(f"{field}: needs a unit: {known}", position)
    takes = f"its units are {known}" if known else "it has none"
    raise FilterError(f'{field}: has no unit "{found[2]}"; {takes}', position)


def _in_order(pieces: Iterable[str], text: str, start: int, end: int) -> bool:
    for piece in pieces:
        found = text.find(piece, start, end)
        if found < 0:
            return False
        start = found + len(piece)
    return True


def _holds(condition: Condition, step: Subject) -> bool:
    if isinstance(condition, Text):
        return any(map(condition.pattern.within, _said(step)))
    if isinstance(condition, Number):
        return _is_between(condition, _number_of(condition.field, step.span))
    words = _words_of(condition.field, step)
    return any(pattern.fits(word) for word in words for pattern in condition.any_of)


def _said(step: Subject) -> Iterator[str]:
    span = step.span
    yield from (span["name"], span["label"])
    if span["error"] is not None:
        yield from (span["error"]["type"], span["error"]["message"])
    yield from step.texts()


def _words_of(field: str, step: Subject) -> Iterable[str | None]:
    span = step.span
    if field == "name":
        return (span["name"], span["label"])
    if field == "tool":
        return (*((span["name"],) if span["kind"] == "tool" else ()), *span["tools"])
    if field == "is":
        return _states(span)
    if field == "has":
        return _holdings(step)
    word: Any = span[field]  # type: ignore[literal-required]
    return (word,)


def _states(span: Span) -> Iterator[str]:
    if span["error"] is not None:
        yield "error"
    if span["ms"] is None:
        yield "running"
    if span["first"] is not None:
        yield "streamed"
    if span["attempts"] > 1:
        yield "retried"
    if span["usage"] is not None and span["usage"]["cache_read"]:
        yield "cached"
    if span["unpriced"]:
        yield "unpriced"


def _holdings(step: Subject) -> Iterator[str]:
    yield from step.links
    if step.span["tools"]:
        yield "tools"
    usage = step.span["usage"]
    if (usage is not None and usage["reasoning"]) or step.reasons():
        yield "reasoning"


def _number_of(field: str, span: Span) -> float | None:
    if field in ("cost", "first", "lane", "dur"):
        value: float | None = span["ms" if field == "dur" else field]  # type: ignore[literal-required]
        return value
    usage = span["usage"]
    if usage is None:
        return None
    if field != "tokens":
        return {"in": usage["input"], "out": usage["output"], "cached": usage["cache_read"]}[field]
    known = [part for part in (usage["input"], usage["output"]) if part is not None]
    return sum(known) if known else None


def _is_between(condition: Number, value: float | None) -> bool:
    if value is None:
        return False
    low, high = condition.low, condition.high
    if condition.strict and value in (low, high):
        return False
    return (low is None or value >= low) and (high is None or value <= high)
