"""What of a request is compared: ``match_on``, ``ignore`` and ``normalize``."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from trace_ops.errors import UsageError
from trace_ops.matching import paths
from trace_ops.matching.paths import Path

PARTS = ("method", "path", "query", "headers", "body")

Replacement: TypeAlias = "tuple[str | re.Pattern[str], str]"
Normalizer: TypeAlias = "Callable[[Any], Any] | Replacement | str"

_DATE = (
    r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s?(?:Z|UTC|[+-]\d\d:?\d\d))?)?(?!\d)"
    r"|\b(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? )?"
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b"
)
_UUID = r"(?i)(?<![0-9a-f])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])"
NAMED: dict[str, tuple[re.Pattern[str], str]] = {
    "dates": (re.compile(_DATE), "<date>"),
    "uuids": (re.compile(_UUID), "<uuid>"),
}

# No pattern may turn all of these into the same text: it would make every prompt equal.
_UNLIKE = ("What is the weather in Paris?", "42", "def f(x):\n    return x", "Ünïcode, naturally!")


@dataclass(frozen=True)
class Rules:
    """How requests are compared; build with :meth:`of`.

    ``parts`` are the parts of a request that count (provider and path always do), ``only`` the body
    paths that count if not the whole body, ``ignored`` the body paths that do not.
    """

    parts: frozenset[str] = frozenset(PARTS)
    only: tuple[Path, ...] = ()
    ignored: tuple[Path, ...] = ()
    steps: tuple[Callable[[Any], Any], ...] = ()

    @classmethod
    def of(
        cls,
        match_on: Iterable[str] | None = None,
        ignore: Iterable[str] = (),
        normalize: Normalizer | Iterable[Normalizer] = (),
    ) -> Rules:
        """Build and check the rules; raises :class:`UsageError` for those that make no sense.

        ``match_on``: parts (``method path query headers body``) and body paths; without ``body`` only the
        paths count. ``ignore``: body paths that do not count. ``normalize``: functions from body to
        body, ``(regex, replacement)`` pairs over every string of the body, or the names ``dates`` and
        ``uuids``. None of them can make unlike calls equal altogether: a list without any part of the
        body, or a pattern that matches every text, is refused, and a request of which nothing would be
        left is compared whole.
        """
        parts, only = (frozenset(PARTS), ()) if match_on is None else _parts(_strings("match_on", match_on))
        ignored = tuple(paths.parse(path) for path in _strings("ignore", ignore))
        return cls(parts, only, ignored, tuple(_step(item) for item in _normalizers(normalize)))

    @property
    def whole_body(self) -> bool:
        """Whether the body is compared as it is."""
        return not (self.only or self.ignored or self.steps)

    def wants(self, field: str) -> bool:
        """Whether a top-level field of the body was named in ``match_on``, which puts it into the key."""
        return any(path[0] == field for path in self.only)

    def apply(self, body: Any) -> Any:
        """Reduce a parsed body to what is compared; never changes ``body`` itself."""
        reduced = paths.remove(body, self.ignored)
        for step in self.steps:
            reduced = step(reduced)
        if self.only:
            reduced = paths.select(reduced, self.only)
        return body if reduced in (None, {}, []) else reduced


def _strings(option: str, given: Iterable[str]) -> list[str]:
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise UsageError(f"{option} is a list of strings, not {given!r}")
    return list(given)


def _parts(match_on: list[str]) -> tuple[frozenset[str], tuple[Path, ...]]:
    parts = {part for part in match_on if part in PARTS}
    only = tuple(paths.parse(part) for part in match_on if part not in PARTS)
    if "body" in parts:
        return frozenset(parts), ()
    if not only:
        raise UsageError(
            f"match_on={match_on!r} would let every call match any other to the same address; "
            "add 'body' or body paths such as 'model' and 'messages'"
        )
    return frozenset(parts | {"body"}), only


def _normalizers(given: Any) -> list[Any]:
    if callable(given) or isinstance(given, str):
        return [given]
    if _is_pair(given) and given[0] not in NAMED:
        return [given]
    if not isinstance(given, Iterable):
        raise UsageError(f"normalize cannot be {given!r}")
    return list(given)


def _is_pair(item: Any) -> bool:
    return (
        isinstance(item, tuple)
        and len(item) == 2
        and isinstance(item[0], (str, re.Pattern))
        and isinstance(item[1], str)
    )


def _step(item: Any) -> Callable[[Any], Any]:
    if callable(item):
        return _checked(item)
    if isinstance(item, str):
        if item not in NAMED:
            raise UsageError(f"normalize knows {' and '.join(map(repr, NAMED))}, not {item!r}")
        return _substitution(*NAMED[item])
    if not _is_pair(item):
        raise UsageError(f"normalize takes functions, (regex, replacement) pairs and names, not {item!r}")
    pattern, replacement = item
    try:
        compiled = re.compile(pattern)
        reduced = {compiled.sub(replacement, text) for text in _UNLIKE}
    except (re.error, IndexError, TypeError) as error:
        raise UsageError(f"normalize: cannot use the pattern {pattern!r}: {error}") from error
    if len(reduced) == 1:
        raise UsageError(f"normalize: the pattern {pattern!r} makes every text equal")
    return _substitution(compiled, replacement)


def _checked(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def apply(body: Any) -> Any:
        # Bodies are shared with the cassette, and functions like to work in place.
        normalized = function(copy.deepcopy(body))
        if normalized is None:
            name = getattr(function, "__name__", repr(function))
            raise UsageError(f"normalize: {name} returned None instead of the body")
        return normalized

    return apply


def _substitution(pattern: re.Pattern[str], replacement: str) -> Callable[[Any], Any]:
    def apply(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(replacement, value)
        if isinstance(value, list):
            return [apply(item) for item in value]
        if isinstance(value, dict):
            return {key: apply(item) for key, item in value.items()}
        return value

    return apply
