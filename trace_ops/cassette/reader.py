"""YAML as plain data: what JSON can say, within limits, and nothing else.

Neither objects nor tags nor merge keys; no recursion; the size that aliases expand to is bounded. Keys
are always text. The same data as ``yaml.safe_load`` for everything that the writer writes; a plain
``yes``, a date or ``0o17`` that somebody typed is text here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Place = tuple[str | int, ...]
"""Where a value is in a document: keys and indices from the root."""

_CONSTANTS: dict[str, None | bool] = {"null": None, "~": None, "": None, "true": True, "false": False}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = {".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}


@dataclass(frozen=True)
class Limits:
    """What is refused rather than read.

    ``size`` is in bytes. ``expanded`` bounds the values that the document has with every alias counted
    as what it refers to; 64 characters of text count as one more value.
    """

    size: int = 512 * 1024 * 1024
    depth: int = 200
    values: int = 20_000_000
    expanded: int = 100_000_000


LIMITS = Limits()


@dataclass
class Parsed:
    """A document, and which places in it are aliases: the place of each, and that of its anchor.

    ``ended`` tells whether the line ``...`` ends it: without it, who knows what was cut off.
    """

    document: Any
    aliases: list[tuple[Place, Place]] = field(default_factory=list)
    ended: bool = False


class YamlError(Exception):
    """The text is not YAML that a cassette can be made of."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line


def read(text: str, limits: Limits = LIMITS) -> Parsed:
    """Parse one YAML document; raises :class:`YamlError`."""
    return _Reader(text, limits).read()


def find_line(text: str, place: Place) -> int | None:
    """The line (1-based) where a place in the document, or what comes nearest to it, begins.

    Parses the text again: for error messages.
    """
    reader = _Reader(text, LIMITS, sought=place)
    try:
        reader.read()
    except YamlError:
        pass
    return reader.found


class _Frame:
    """A container that is being read, and how to go on with the one around it."""

    __slots__ = ("anchor", "before", "key", "outer", "position")

    def __init__(self, outer: Any, key: str | None, anchor: str | None, before: int) -> None:
        self.outer = outer
        self.key = key
        self.position: str | int = len(outer) if key is None else key
        self.anchor = anchor
        self.before = before


class _Anchor:
    """A value that aliases may refer to once it is ``finished``."""

    __slots__ = ("finished", "place", "size", "value")

    def __init__(self, place: Place) -> None:
        self.place = place
        self.finished = False
        self.value: Any = None
        self.size = 0

    def finish(self, value: Any, size: int) -> None:
        self.finished, self.value, self.size = True, value, size


class _Reader:
    def __init__(self, text: str, limits: Limits, sought: Place | None = None) -> None:
        self._text = text
        self._limits = limits
        self._sought = sought
        self.found: int | None = None
        self._matched = 0
        self._ended = False
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Anchor] = {}
        self._aliases: list[tuple[Place, Place]] = []

    def read(self) -> Parsed:
        import yaml

        try:
            return Parsed(self._parse(_events(self._text), yaml), self._aliases, self._ended)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            problem = ", ".join(filter(None, (error.context, error.problem)))
            # At the end of the text libyaml counts one line too many.
            line = min(mark.line, self._text.count("\n")) + 1 if mark else None
            if "nesting depth" in problem:  # libyaml's own limit, met as it looks ahead for a key
                raise _too_much(line, self._limits) from None
            raise YamlError(f"not valid YAML: {problem}", line) from None
        except yaml.reader.ReaderError as error:
            raise YamlError(f"not text: {error.reason}", self._line_of(error.position)) from None
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            # The last two are for escapes beyond Unicode, where there is no libyaml to refuse them.
            raise YamlError(f"not valid YAML: {error}") from None

    def _line_of(self, position: Any) -> int | None:
        return self._text.count("\n", 0, position) + 1 if isinstance(position, int) else None

    # Everything is in local variables: the loop runs once a value, and is what loading consists of.
    def _parse(self, next_event: Callable[[], Any], yaml: Any) -> Any:
        scalar, alias = yaml.ScalarEvent, yaml.AliasEvent
        starts = {yaml.MappingStartEvent: dict, yaml.SequenceStartEvent: list}
        ends = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        limits, stack = self._limits, self._stack
        names: dict[str, str] = {}
        container: Any = []  # holds the document itself
        key: str | None = None
        in_mapping = False
        values = expanded = 0
        while True:
            event = next_event()
            kind = type(event)
            if kind is scalar:
                text = event.value
                if in_mapping and key is None:
                    key = names.setdefault(text, text)
                    if event.tag is not None or event.anchor is not None or key in container or key == "<<":
                        _check_key(event, container)
                    if self._sought is not None:
                        self._note(event, key)
                    continue
                if event.tag is not None:
                    raise _tagged(event)
                value = text
                if not event.style and (text in _CONSTANTS or text[0] in "-.0123456789"):
                    value = _plain(text, event)
                size = 1 + (len(text) >> 6)
                values += 1
                expanded += size
                if event.anchor is not None:
                    self._define(event, container, key)
                    self._anchors[event.anchor].finish(value, size)
            elif kind is alias:
                if in_mapping and key is None:
                    raise YamlError("an alias stands for a key", _line(event))
                value, size = self._refer(event, container, key)
                expanded += size
            elif kind in starts:
                if event.tag is not None:
                    raise _tagged(event)
                if in_mapping and key is None:
                    raise YamlError("a key is not text", _line(event))
                if event.anchor is not None:
                    self._define(event, container, key)
                stack.append(_Frame(container, key, event.anchor, expanded))
                if self._sought is not None:
                    self._note(event)
                container, key = starts[kind](), None
                in_mapping = type(container) is dict
                values += 1
                expanded += 1
                if len(stack) > limits.depth or values > limits.values:
                    raise _too_much(_line(event), limits)
                continue
            elif kind in ends:
                frame = stack.pop()
                value = container
                if frame.anchor is not None:
                    self._anchors[frame.anchor].finish(value, expanded - frame.before)
                container, key = frame.outer, frame.key
                in_mapping = type(container) is dict
            elif kind is yaml.DocumentEndEvent:
                self._ended = event.explicit
                continue
            elif kind is yaml.StreamEndEvent:
                return _only(container, event)
            else:
                continue
            if expanded > limits.expanded:
                raise YamlError("its aliases expand to more than can be read", _line(event))
            if in_mapping:
                container[key] = value
                key = None
            else:
                container.append(value)

    def _define(self, event: Any, container: Any, key: str | None) -> None:
        if event.anchor in self._anchors:
            raise YamlError(f"anchor {event.anchor} is defined twice", _line(event))
        self._anchors[event.anchor] = _Anchor(self._place(container, key))

    def _refer(self, event: Any, container: Any, key: str | None) -> tuple[Any, int]:
        anchor = self._anchors.get(event.anchor)
        if anchor is None:
            raise YamlError(f"alias *{event.anchor} refers to nothing before it", _line(event))
        if not anchor.finished:
            raise YamlError(f"alias *{event.anchor} stands within what it refers to", _line(event))
        self._aliases.append((self._place(container, key), anchor.place))
        return anchor.value, anchor.size

    def _place(self, container: Any, key: str | None) -> Place:
        own = len(container) if key is None else key
        return (*(frame.position for frame in self._stack[1:]), own) if self._stack else ()

    def _note(self, event: Any, key: str | None = None) -> None:
        """Remember the line of the value that comes nearest to the place that is looked for."""
        place = tuple(frame.position for frame in self._stack[1:])
        place = place if key is None else (*place, key)
        assert self._sought is not None
        if self._matched <= len(place) and self._sought[: len(place)] == place:
            self._matched, self.found = len(place) + 1, _line(event)


def _events(text: str) -> Callable[[], Any]:
    import yaml

    by_libyaml = getattr(yaml, "CSafeLoader", None)
    get_event: Callable[[], Any] = (by_libyaml or yaml.SafeLoader)(text).get_event
    return get_event if by_libyaml else lambda: _valid(get_event())


def _valid(event: Any) -> Any:
    """The event, if its text is valid Unicode: PyYAML lets escapes pass that libyaml refuses."""
    try:
        getattr(event, "value", "").encode()
    except UnicodeEncodeError:
        raise YamlError("not text: half of a surrogate pair", _line(event)) from None
    return event


def _plain(text: str, event: Any) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    try:
        if _INTEGER.fullmatch(text):
            return int(text)
    except ValueError:
        raise YamlError("a number of too many digits", _line(event)) from None
    return float(text) if _FLOAT.fullmatch(text) else _NOT_FINITE.get(text, text)


def _only(documents: list[Any], event: Any) -> Any:
    if len(documents) == 1:
        return documents[0]
    raise YamlError("more than one document in it" if documents else "nothing in it", _line(event))


def _check_key(event: Any, mapping: dict[str, Any]) -> None:
    if event.tag is not None:
        raise _tagged(event)
    if event.anchor is not None:
        raise YamlError("a key is anchored", _line(event))
    if event.value in mapping:
        raise YamlError(f"key {_short(event.value)} occurs twice", _line(event))
    if not event.style:
        raise YamlError("merge keys (<<) are not read", _line(event))


def _tagged(event: Any) -> YamlError:
    return YamlError(f"tag {_short(event.tag)}: tags are not read", _line(event))


def _too_much(line: int | None, limits: Limits) -> YamlError:
    return YamlError(f"nested deeper than {limits.depth} or more than {limits.values} values", line)


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1
