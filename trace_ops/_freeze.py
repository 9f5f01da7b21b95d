"""What is served from the cassette on replay, and what runs all the same."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from typing import Any

from trace_ops.errors import UsageError

FROZEN = ("llm", "tools", "retrieval")
"""What ``freeze=`` may name; calls to models always are, what becomes of them is told by the mode."""


class AllBut(Container[str]):
    """All names but some."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def __contains__(self, name: object) -> bool:
        return name not in self._names


class Freeze:
    """What is frozen, by kind and by name.

    ``tools`` and ``retrieval`` are ``True``, ``False`` or a container of names. ``strict`` are the kinds
    (of spans) of which nothing may run that is frozen and not recorded.
    """

    def __init__(self, tools: bool | Container[str], retrieval: bool | Container[str], strict: Iterable[str]):
        self.tools, self.retrieval, self.strict = tools, retrieval, frozenset(strict)

    @classmethod
    def of(cls, freeze: Any = None, live: Any = (), freeze_tools: bool | Iterable[str] = False) -> Freeze:
        """Read the options of a recorder; raises :class:`UsageError` for what cannot be frozen."""
        kinds, names = _names(freeze, "freeze") or {"llm"}, _names(live, "live")
        for kind in sorted(kinds - set(FROZEN)):
            raise UsageError(f"freeze has no {kind!r}; it takes {', '.join(FROZEN)}")
        if "llm" not in kinds:
            raise UsageError("freeze always has 'llm'; use mode 'all' or 'verify' to call models live")
        every: bool | Container[str] = AllBut(names) if names else True
        tools: bool | Container[str] = every if "tools" in kinds or freeze_tools is True else False
        if tools is False and not isinstance(freeze_tools, bool):
            tools = frozenset(freeze_tools) - names
        strict = [kind for kind, name in (("tool", "tools"), ("retrieval", "retrieval")) if name in kinds]
        return cls(tools, every if "retrieval" in kinds else False, strict)

    def holds(self, kind: str, *names: str) -> bool:
        """Whether a step of this kind, which goes by these names, is served from the cassette."""
        frozen = {"tool": self.tools, "retrieval": self.retrieval}.get(kind, False)
        if isinstance(frozen, bool):
            return frozen
        named = [name in frozen for name in names]
        return all(named) if isinstance(frozen, AllBut) else any(named)


def _names(given: Any, option: str) -> set[str]:
    if given is None:
        return set()
    names = re.split(r"[\s,]+", given.strip()) if isinstance(given, str) else given
    if not isinstance(names, Iterable):
        raise UsageError(f"{option} takes names, not {given!r}")
    found = set(names)
    for name in found:
        if not isinstance(name, str):
            raise UsageError(f"{option} takes names, not {name!r}")
    return found - {""}
