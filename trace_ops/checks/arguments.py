"""What a tool is expected to be called with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Protocol, get_args, runtime_checkable

from trace_ops import matching
from trace_ops._plain import plain, shown
from trace_ops.checks.folding import printable
from trace_ops.checks.steps import Step
from trace_ops.errors import UsageError
from trace_ops.matching import excerpt
from trace_ops.trace import SpanKind

KINDS: tuple[SpanKind, ...] = get_args(SpanKind)

_MAX_SHOWN = 60


@runtime_checkable
class ArgumentMatcher(Protocol):
    """Decides about a value: yields a line for all that is wrong with it, each with its path."""

    def mismatches(self, actual: Any, path: str) -> Iterator[str]:
        """What is wrong with the value at a path."""
        ...


@dataclass(frozen=True)
class _Anything:
    def mismatches(self, actual: Any, path: str) -> Iterator[str]:
        return iter(())

    def __repr__(self) -> str:
        return "anything"


ANYTHING = _Anything()
"""Stands for any value, in arguments or for all of them."""


@dataclass(frozen=True)
class _Regex:
    pattern: re.Pattern[str]

    def mismatches(self, actual: Any, path: str) -> Iterator[str]:
        if not isinstance(actual, str) or self.pattern.search(actual) is None:
            yield f"{_place(path)}: {excerpt.short(actual)} does not match {self!r}"

    def __repr__(self) -> str:
        return f"regex({self.pattern.pattern!r})"


def regex(pattern: str, flags: int = 0) -> ArgumentMatcher:
    """A text in which the pattern is found (``re.search``)."""
    try:
        return _Regex(re.compile(pattern, flags))
    except (re.error, TypeError) as error:
        raise UsageError(f"regex({pattern!r}): {error}") from error


@dataclass(frozen=True)
class _Subset:
    expected: Mapping[str, Any]

    def mismatches(self, actual: Any, path: str) -> Iterator[str]:
        if not isinstance(actual, dict):
            keys = ", ".join(map(str, self.expected))
            yield f"{_place(path)}: {excerpt.short(actual)} is no object with {keys}"
            return
        for key, value in self.expected.items():
            if key in actual:
                yield from mismatches(value, actual[key], _join(path, key))
            else:
                yield _missing(_join(path, key), value)

    def __repr__(self) -> str:
        return f"subset({_written(self.expected)})"


def subset(expected: Mapping[str, Any]) -> ArgumentMatcher:
    """An object that has at least these keys, with these values; values may be matchers too."""
    if not isinstance(expected, Mapping):
        raise UsageError(f"subset({expected!r}): a mapping of the keys that are expected")
    return _Subset(expected)


@dataclass(frozen=True)
class _Predicate:
    """A callable of the user's, or a type."""

    accepts: Callable[[Any], Any]

    def mismatches(self, actual: Any, path: str) -> Iterator[str]:
        try:
            accepted = (
                isinstance(actual, self.accepts) if isinstance(self.accepts, type) else self.accepts(actual)
            )
        except Exception as error:  # noqa: BLE001 - a predicate that fails on a value does not accept it
            raised = f"{type(error).__name__}: {error}"
            yield f"{_place(path)}: {excerpt.short(actual)} makes {self!r} raise {raised}"
            return
        if not accepted:
            yield f"{_place(path)}: {excerpt.short(actual)} is not accepted by {self!r}"

    def __repr__(self) -> str:
        name = getattr(self.accepts, "__qualname__", None)
        return name if isinstance(name, str) else shown(self.accepts)


@dataclass(frozen=True, eq=False)
class CallMatcher:
    """An expected step: a kind (``None``: any), a name or pattern of names, and what it is called with."""

    kind: SpanKind | None
    name: str
    arguments: Any = field(default=ANYTHING)

    @classmethod
    def of(cls, expected: Any) -> CallMatcher:
        """Read ``"search"``, ``"tool:search"``, ``"llm:gpt-*"``, or take a matcher as it is."""
        if isinstance(expected, CallMatcher):
            return expected
        if not isinstance(expected, str) or not expected:
            raise UsageError(
                f"{expected!r} is no expected step: give a name ('search'), a kind and a name ('llm:gpt-5'), "
                "tool('search', query=...), or a set of these for steps in any order"
            )
        head, colon, tail = expected.partition(":")
        kind = next((kind for kind in KINDS if kind == head), None)
        return cls(kind, tail) if colon and tail and kind is not None else cls(None, expected)

    @property
    def is_pattern(self) -> bool:
        """Whether the name may stand for several names."""
        return any(character in self.name for character in "*?[")

    def names(self, step: Step) -> bool:
        """Whether the step is of the expected kind and name."""
        if self.kind is not None and step.kind != self.kind:
            return False
        return step.name == self.name or fnmatchcase(step.name, self.name)

    def mismatches(self, step: Step) -> list[str]:
        """What differs in the arguments of a step of the expected name."""
        if self.arguments is ANYTHING:
            return []
        if step.arguments is None and self.arguments is not None:
            return ["its arguments are not known"]
        return list(mismatches(self.arguments, step.arguments, ""))

    def accepts(self, step: Step) -> bool:
        """Whether the step is the expected one, arguments and all."""
        return self.names(step) and not self.mismatches(step)

    def __str__(self) -> str:
        named = self.name if self.kind is None else f"{self.kind}:{self.name}"
        if self.arguments is ANYTHING:
            return named
        given = self.arguments
        if isinstance(given, dict) and all(isinstance(key, str) and key.isidentifier() for key in given):
            written = ", ".join(f"{key}={_written(value)}" for key, value in given.items())
        else:
            written = _written(given)
        return f"{named}({printable(written, _MAX_SHOWN)})"


def tool(name: str, arguments: Any = ANYTHING, /, **exactly: Any) -> CallMatcher:
    """Expect a tool call with arguments: ``tool("search", query="Oslo", limit=anything)``.

    Keyword arguments are all the arguments there may be; each value is compared exactly, unless it is a
    matcher (:func:`subset`, :func:`regex`, ``anything``), a type or any callable, which decides. Instead,
    one matcher for all arguments can be given: ``tool("search", subset({"query": "Oslo"}))``. With
    neither, any arguments will do.
    """
    expected = CallMatcher.of(name)
    if expected.kind not in (None, "tool"):
        raise UsageError(f"tool({name!r}): the name of a tool, without another kind")
    if exactly and arguments is not ANYTHING:
        raise UsageError(f"tool({name!r}): give keyword arguments, or one matcher for all of them, not both")
    return CallMatcher("tool", expected.name, exactly or arguments)


def mismatches(expected: Any, actual: Any, path: str) -> Iterator[str]:
    """Where a value is not the expected one, in which matchers may stand at any depth."""
    if expected is ...:
        return
    if isinstance(expected, ArgumentMatcher):
        yield from expected.mismatches(actual, path)
    elif callable(expected):
        yield from _Predicate(expected).mismatches(actual, path)
    elif not _has_matcher(expected):
        found = matching.differences(plain(expected), actual, path)
        yield from map(_described, found)
    elif isinstance(expected, Mapping):
        yield from _in_mapping(expected, actual, path)
    else:
        yield from _in_list(expected, actual, path)


def _in_mapping(expected: Mapping[Any, Any], actual: Any, path: str) -> Iterator[str]:
    if not isinstance(actual, dict):
        yield f"{_place(path)}: {excerpt.short(actual)} is no object"
        return
    yield from _Subset(expected).mismatches(actual, path)
    for key in actual:
        if key not in expected:
            yield _extra(_join(path, key), actual[key])


def _in_list(expected: Any, actual: Any, path: str) -> Iterator[str]:
    if not isinstance(actual, list) or len(actual) != len(expected):
        yield f"{_place(path)}: {excerpt.short(actual)} is no list of {len(expected)}"
        return
    for index, (one, other) in enumerate(zip(expected, actual)):
        yield from mismatches(one, other, _join(path, index))


def _has_matcher(expected: Any) -> bool:
    if isinstance(expected, Mapping):
        return any(map(_has_matcher, expected.values()))
    if isinstance(expected, (list, tuple)):
        return any(map(_has_matcher, expected))
    return expected is ... or isinstance(expected, ArgumentMatcher) or callable(expected)


def _described(difference: matching.Difference) -> str:
    if difference.kind == "removed":
        return _missing(difference.path, difference.recorded)
    if difference.kind == "added":
        return _extra(difference.path, difference.now)
    line = matching.describe(difference)
    return line if difference.path else f"arguments{line}"


def _missing(path: str, expected: Any) -> str:
    return f"{path} is missing, expected is {printable(_written(expected), _MAX_SHOWN)}"


def _extra(path: str, actual: Any) -> str:
    return f"{path} is not expected: {excerpt.short(actual)}"


def _place(path: str) -> str:
    return path or "arguments"


def _join(path: str, step: object) -> str:
    return f"{path}.{step}" if path else str(step)


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_written(each)}" for key, each in value.items()) + "}"
    if value is ...:
        return repr(ANYTHING)
    return repr(_Predicate(value)) if callable(value) else shown(value)
