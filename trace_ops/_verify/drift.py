"""What a difference between a live answer and the recorded one is, and which differences fail a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from trace_ops.errors import UsageError

Severity = Literal["schema", "tools", "text"]
"""``schema``: status, type of error, shape of the body, why the answer ended; ``tools``: the tools asked for
and their arguments; ``text``: the words."""

SEVERITIES: tuple[Severity, ...] = get_args(Severity)

_FIELDS = ("fail", "threshold", "similarity")


@dataclass(frozen=True)
class Drift:
    """One difference between a live answer and the recorded one.

    ``span`` is the recorded call and ``name`` what it is called. ``path`` is where in the answer:
    ``status``, ``finish``, a dotted path into the body, ``get_weather.city`` for an argument of a tool,
    ``text``. ``what`` says it in words, on one line; ``detail`` are the words that changed, a line each,
    with ``-`` and ``+``. ``fails`` tells whether it fails the run; ``similarity`` is that of texts, 0 to 1.
    """

    span: int
    name: str
    severity: Severity
    path: str
    what: str
    detail: tuple[str, ...] = ()
    similarity: float | None = None
    fails: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The difference as plain data."""
        return {**{name: getattr(self, name) for name in self.__dataclass_fields__}, "detail": [*self.detail]}


@dataclass(frozen=True)
class Verify:
    """How live answers are judged.

    ``fail`` are the severities that fail the run; the others are only told. Texts count as the same
    from ``threshold`` on, those within arguments of tools too; ``similarity`` measures how much alike two
    are, 0 to 1 (by their words if ``None``).
    """

    fail: frozenset[Severity] = frozenset(("schema", "tools"))
    threshold: float = 1.0
    similarity: Callable[[str, str], float] | None = None

    @classmethod
    def of(cls, value: Any = None) -> Verify:
        """Read the option ``verify``: severities, as text or one by one, or a mapping of the fields.

        Raises :class:`~trace_ops.errors.UsageError` for what cannot be.
        """
        if value is None or isinstance(value, Verify):
            return value or cls()
        if not isinstance(value, Mapping):
            return cls(_severities(value))
        unknown = [repr(name) for name in value if name not in _FIELDS]
        if unknown:
            raise UsageError(f"verify has no {', '.join(unknown)}; it takes {', '.join(_FIELDS)}")
        default = cls()
        fail, similarity = value.get("fail"), value.get("similarity")
        if similarity is not None and not callable(similarity):
            raise UsageError(f"verify's similarity is a function of two texts, not {similarity!r}")
        return cls(
            default.fail if fail is None else _severities(fail),
            _share(value.get("threshold", default.threshold)),
            similarity,
        )

    def alike(self, recorded: str, now: str) -> float:
        """How much alike two texts are."""
        if self.similarity is not None:
            return float(self.similarity(recorded, now))
        from trace_ops.diff.similarity import lexical

        return lexical(recorded, now)


def _severities(given: Any) -> frozenset[Severity]:
    names = re.split(r"[\s,]+", given.strip()) if isinstance(given, str) else given
    if not isinstance(names, Iterable):
        raise UsageError(f"verify takes any of {', '.join(SEVERITIES)}, not {given!r}")
    asked = [name for name in names if name != ""]
    for name in asked:
        if name not in SEVERITIES:
            raise UsageError(f"unknown severity {name!r} to verify; choose of {', '.join(SEVERITIES)}")
    return frozenset(severity for severity in SEVERITIES if severity in asked)


def _share(given: Any) -> float:
    try:
        share = float(given)
    except (TypeError, ValueError):
        share = -1.0
    if isinstance(given, bool) or not 0 <= share <= 1:
        raise UsageError(f"verify's threshold is a number from 0 to 1, not {given!r}")
    return share
